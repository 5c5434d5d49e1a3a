"""The page of faults is made of what the tests themselves say."""

from tests.faults.__main__ import page
from tests.faults.claims import cases, claims, claims_of

SOURCE = '''"""Whatever address it is."""  # case 31


# Seen in the wild. case 5, 6
@pytest.mark.chaos
def test_one():
    pass


class TestMore:
    # cases 7 and 8
    def test_two(self):
        assert answer == 404  # case 82


def helper():  # case 9
    pass
'''


def test_a_test_claims_what_stands_above_it_in_it_and_at_the_head_of_its_file() -> None:
    assert claims_of(SOURCE) == {"test_one": [5, 6, 31], "test_two": [7, 8, 31, 82]}


def test_no_test_names_a_case_that_there_is_not() -> None:
    known = {case.number for case in cases()}
    assert len(known) == 137
    assert sum(case.is_first for case in cases()) == 67
    assert set(claims()) - known == set()


def test_a_case_shows_its_tests_and_what_they_printed_last() -> None:
    (test, *_rest) = claims()[102]
    written = page({test: {"sqlite": "connections 0", "postgresql": "connections 0", "other": "failed"}})
    row = row_of(102, written)
    assert row.endswith("| 2 passed, 1 failed<br>connections 0 |")
    assert f"](../{test.split('::')[0]})" in row


def test_a_case_keeps_the_figure_it_had_until_all_its_tests_have_run() -> None:
    tests = claims()[127]
    ran = {test: {"": f"figure | {number}"} for number, test in enumerate(tests)}
    whole = page(ran)

    figures = "<br>".join(f"figure \\| {number}" for number in range(len(tests)))
    assert row_of(127, whole).endswith(f"| {len(tests)} passed<br>{figures} |")
    assert row_of(53, page({}, whole)).endswith("| — |")
    assert page({}, whole) == page({tests[0]: {"": "another"}}, whole) == whole


def row_of(case: int, written: str) -> str:
    [row] = [line for line in written.splitlines() if line.startswith((f"| {case} |", f"| **{case}** |"))]
    return row


def test_a_case_without_a_test_says_why() -> None:
    assert {case.number for case in cases() if case.missing} | set(claims()) == {case.number for case in cases()}
    assert [case.number for case in cases() if case.is_first and case.missing] == []
