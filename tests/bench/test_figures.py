from bench.figures import Figure, percentile, rate, shown, table


def test_a_percentile_is_a_value_that_was_measured():
    values = [30.0, 10.0, 20.0, 40.0]

    assert percentile(values, 50) == 20.0
    assert percentile(values, 51) == 30.0
    assert percentile(values, 95) == 40.0
    assert percentile(values, 0) == 10.0
    assert percentile([7.0], 95) == 7.0


def test_the_95th_of_a_hundred_leaves_five_above():
    values = [float(number) for number in range(1, 101)]

    assert percentile(values, 95) == 95.0


def test_one_disturbed_run_does_not_move_the_rate():
    assert rate([300.0, 310.0, 12.0]) == 300.0


def test_a_bound_is_kept_on_its_own_side():
    assert Figure("p50", 150.0, "ms", at_most=150).is_met is True
    assert Figure("p50", 150.1, "ms", at_most=150).is_met is False
    assert Figure("turns", 20.0, "/s", at_least=20).is_met is True
    assert Figure("turns", 19.9, "/s", at_least=20).is_met is False
    assert Figure("memory", 900.0, "MB").is_met is None


def test_numbers_are_shown_with_the_digits_that_mean_something():
    assert [shown(value) for value in (0.421, 8.149, 97.24, 1240.4, 20.0, 3.0)] == [
        "0.42",
        "8.15",
        "97.2",
        "1,240",
        "20",
        "3",
    ]


def test_a_table_marks_what_misses_its_bound():
    figures = [Figure("turn, median", 163.0, "ms", at_most=150), Figure("turns at once", 24.0, "/s", at_least=20)]

    assert table("Turns", figures).splitlines() == [
        "Turns",
        "  turn, median        163 ms     ≤ 150 ✗",
        "  turns at once        24 /s      ≥ 20 ✓",
    ]


def test_the_machine_readable_form_says_whether_the_bound_is_kept():
    assert Figure("turn", 163.0, "ms", at_most=150).as_json() == {
        "name": "turn",
        "value": 163.0,
        "unit": "ms",
        "at_most": 150,
        "is_met": False,
    }
    assert Figure("rasa", 607.0, "MB").as_json() == {"name": "rasa", "value": 607.0, "unit": "MB"}
