import itertools
import statistics

from bench.arrivals import arrivals


def test_customers_come_as_often_as_asked():
    moments = list(arrivals(per_second=50, duration_s=100, seed=1))

    # A Poisson count has the standard deviation √5000 ≈ 71: five of them either way.
    assert 4650 < len(moments) < 5350
    assert moments == sorted(moments)
    assert moments[0] > 0
    assert moments[-1] < 100


def test_customers_know_nothing_of_each_other():
    moments = list(arrivals(per_second=50, duration_s=100, seed=1))

    pauses = [later - earlier for earlier, later in itertools.pairwise(moments)]
    # The mark of independent arrivals: pauses vary as much as they last (an even beat would have 0 here).
    assert 0.9 < statistics.stdev(pauses) / statistics.mean(pauses) < 1.1


def test_the_same_seed_gives_the_same_schedule():
    assert list(arrivals(10, 5, seed=7)) == list(arrivals(10, 5, seed=7))
    assert list(arrivals(10, 5, seed=7)) != list(arrivals(10, 5, seed=8))


def test_nobody_comes_in_no_time():
    assert list(arrivals(10, 0, seed=7)) == []
