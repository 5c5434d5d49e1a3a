"""The working calendar: Colombia's holidays of 2026 and 2027, the shop's exceptions, the cut-off in its own zone."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from backend.calendar.service import Calendar, Hours, public_holidays

BOGOTA = ZoneInfo("America/Bogota")
DAY = Hours(time(7), time(17), time(21))
WEEK = Calendar("CO", BOGOTA, dict.fromkeys(range(6), DAY), {})

# Law 51 of 1983 moves most of them to the next Monday; Law 2578 of 2026 added 9 July.
HOLIDAYS = {
    2026: "01-01 01-12 03-23 04-02 04-03 05-01 05-18 06-08 06-15 06-29 07-13 07-20 08-07 08-17 10-12 11-02 11-16 "
    "12-08 12-25",
    2027: "01-01 01-11 03-22 03-25 03-26 05-01 05-10 05-31 06-07 07-05 07-12 07-20 08-07 08-16 10-18 11-01 11-15 "
    "12-08 12-25",
}


@pytest.mark.parametrize("year", HOLIDAYS)
def test_every_holiday_of_colombia_is_known_and_no_other(year):  # case 111
    assert sorted(public_holidays("CO", year)) == [
        date.fromisoformat(f"{year}-{day}") for day in HOLIDAYS[year].split()
    ]


@pytest.mark.parametrize(
    ("day", "count", "reached"),
    [
        ("2026-11-25", 0, "2026-11-25"),  # a Wednesday
        ("2026-11-28", 1, "2026-11-30"),  # from Saturday over Sunday
        ("2026-11-14", 1, "2026-11-17"),  # over Sunday and the holiday of the 16th
        ("2026-11-15", 0, "2026-11-17"),
        ("2026-12-24", 1, "2026-12-26"),
        ("2026-12-31", 1, "2027-01-02"),
        ("2027-03-24", 1, "2027-03-27"),  # over Maundy Thursday and Good Friday
        ("2026-07-10", 5, "2026-07-17"),  # Saturday 11, then over the 13th
        ("2026-07-10", 8, "2026-07-22"),  # and over the 20th
    ],
)
def test_working_days_are_counted_over_sundays_and_holidays(day, count, reached):  # case 111
    assert WEEK.add_working_days(date.fromisoformat(day), count) == date.fromisoformat(reached)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        ("2026-11-25T21:59:59+00:00", "2026-11-25"),  # 16:59:59 in Bogotá
        ("2026-11-25T22:00:00+00:00", "2026-11-26"),  # the cut-off itself is too late
        ("2026-11-26T03:00:00+00:00", "2026-11-26"),  # still Wednesday evening there, Thursday in UTC
        ("2026-11-28T23:00:00+00:00", "2026-11-30"),  # Saturday after the cut-off
        ("2026-11-29T15:00:00+00:00", "2026-11-30"),  # Sunday
    ],
)
def test_an_order_belongs_to_its_day_until_the_cut_off_in_the_shops_zone(instant, day):
    assert WEEK.working_day_of(datetime.fromisoformat(instant)) == date.fromisoformat(day)


def test_a_special_day_says_itself_whether_it_is_worked():
    inventory_day, christmas = date(2026, 11, 25), date(2026, 12, 25)
    special = Calendar("CO", BOGOTA, WEEK.hours, {inventory_day: False, christmas: True})

    assert not special.is_working_day(inventory_day)
    assert special.is_working_day(christmas)
    assert special.working_day_of(datetime(2026, 11, 25, 15, tzinfo=UTC)) == date(2026, 11, 26)


def test_a_sunday_that_is_worked_for_once_has_the_cut_off_of_the_others():
    sunday = date(2026, 12, 20)
    special = Calendar("CO", BOGOTA, WEEK.hours, {sunday: True})

    assert special.working_day_of(datetime(2026, 12, 20, 21, 59, tzinfo=UTC)) == sunday
    assert special.working_day_of(datetime(2026, 12, 20, 22, 0, tzinfo=UTC)) == date(2026, 12, 21)


def test_without_a_working_day_nothing_is_promised():
    closed = Calendar("CO", BOGOTA, {}, {})

    assert closed.next_working_day(date(2026, 11, 25)) is None
    assert closed.working_day_of(datetime(2026, 11, 25, tzinfo=UTC)) is None
    assert closed.add_working_days(date(2026, 11, 25), 3) is None


def test_a_country_nobody_knows_has_no_holidays():
    assert public_holidays("XX", 2026) == {}
