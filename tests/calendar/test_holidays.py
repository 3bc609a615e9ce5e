"""Holidays: the bundled arrangements, what makes a year known, working days."""

from __future__ import annotations

import csv
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.calendar.arrangement import FESTIVALS
from allocator.calendar.holidays import BUNDLED, read_holidays
from allocator.cli.main import run
from allocator.faults import BadInput
from tests.calendar.making import HOLIDAYS, MOVED, WORKING, due, made


def test_a_year_without_holidays_is_an_error_and_no_guess():
    with pytest.raises(BadInput, match="2027"):
        made(clock=WORKING, received="2026-12-25")
    assert due(made(received="2026-12-25"), "central_total") == "2027-01-24"


def test_holiday_file_faults_all_at_once(tmp_path):
    file = tmp_path / "days.csv"
    file.write_text(
        "date,kind\n2025-13-01,holiday\n2025-05-01,feast\n2025-05-02,放假\n2025-05-02,上班\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as caught:
        read_holidays(file)
    assert [(f.place.line, f.place.column) for f in caught.value.faults] == [
        (2, "date"),
        (3, "kind"),
        (5, "date"),
    ]


# days off and make-up days of each year, as its notice adds up: New Year, Spring Festival, Qingming, Labour
# Day, Dragon Boat, Mid-Autumn, National Day (where two fall together, once)
YEARS = [
    (2021, 3 + 7 + 3 + 5 + 3 + 3 + 7, 7),
    # 31 December is the first day off by the notice of 2023
    (2022, 3 + 7 + 3 + 5 + 3 + 3 + 7 + 1, 7),
    (2023, 2 + 7 + 1 + 5 + 3 + 8, 7),
    (2024, 1 + 8 + 3 + 5 + 1 + 3 + 7, 8),
    (2025, 1 + 8 + 3 + 5 + 3 + 8, 5),
    (2026, 3 + 9 + 3 + 5 + 3 + 3 + 7, 6),
]


@pytest.mark.parametrize(("year", "off", "on"), YEARS)
def test_the_bundled_holidays_are_the_arrangements_of_six_years(year, off, on):
    days, made_up = ({d for d in some if d.year == year} for some in (HOLIDAYS.off, HOLIDAYS.on))
    assert (len(days), len(made_up)) == (off, on)
    assert all(day.weekday() >= 5 for day in made_up)
    # what people get is what the Regulation on public holidays grants: 11 days, 13 from 2025
    assert sum(day.weekday() < 5 for day in days) - on == (11 if year < 2025 else 13)


def test_the_last_day_of_2022_is_off_by_the_notice_of_2023():
    with BUNDLED.open(encoding="utf-8") as file:
        rows = {row["date"]: row for row in csv.DictReader(file)}
    assert (rows["2022-12-31"]["kind"], rows["2022-12-31"]["notice"]) == ("holiday", "国办发明电〔2022〕16号")


def listed(tmp_path, keep):
    """A list of the bundled rows for which `keep` holds."""
    with BUNDLED.open(encoding="utf-8") as file:
        rows = [row for row in csv.DictReader(file) if keep(date.fromisoformat(row["date"]), row)]
    path = tmp_path / "days.csv"
    path.write_text("date,kind\n" + "".join(f"{r['date']},{r['kind']}\n" for r in rows), encoding="utf-8")
    return path


def test_a_day_of_the_neighbouring_years_arrangement_makes_no_year_known(tmp_path, capsys):
    path = tmp_path / "h22.csv"
    days = "2021-12-31,workday\n2022-12-31,holiday\n2023-01-01,holiday\n"
    path.write_text("date,kind\n" + days, encoding="utf-8")
    assert read_holidays(path).years == frozenset()
    base = ["calendar", "inner-mongolia-2022", "--received", "2022-09-26", "--lang", "en"]
    assert run([*base, "--working-days", "--holidays", str(path)]) == 2
    err = capsys.readouterr().err
    assert "holds 2022 in part only; missing: New Year, Spring Festival, Qingming" in err
    assert "give a file with that year's whole arrangement" in err
    # the whole of 2022, and of 2023 only the day that falls into 2022: 2022 is known, 2023 is not
    assert read_holidays(listed(tmp_path, lambda day, row: day.year == 2022)).years == {2022}


@pytest.mark.parametrize("festival", FESTIVALS, ids=lambda festival: festival.title.en)
def test_a_list_without_a_festival_does_not_know_the_year(festival, tmp_path):
    # 2024 gives each festival rows of its own
    path = listed(tmp_path, lambda day, row: day.year == 2024 and row["name"] != festival.title.zh)
    held = read_holidays(path)
    assert held.years == frozenset()
    with pytest.raises(BadInput, match=f"missing: {festival.title.en}. "):
        held.works(date(2024, 7, 1))


def test_a_list_without_make_up_workdays_does_not_know_the_year(tmp_path):
    held = read_holidays(listed(tmp_path, lambda day, row: row["kind"] == "holiday"))
    with pytest.raises(BadInput, match="missing: make-up workdays"):
        held.works(date(2025, 7, 1))


@pytest.mark.parametrize("option", ["--working-days", "--next-working-day"])
@pytest.mark.parametrize("scenario", ["yangquan-2024", "xinjiang-2024", "inner-mongolia-2024"])
def test_the_year_before_is_bundled(scenario, option, capsys):
    assert run(["calendar", scenario, "--received", "2024-05-10", option, "--json"]) == 0
    # from 31 October 2023: 30 days end on 30 November, a Thursday; 30 working days on 12 December:
    # 1 to 3 November 3, five weeks to 8 December 3 + 25 = 28, 11 and 12 December 29 and 30
    expected = {"--next-working-day": "2023-11-30", "--working-days": "2023-12-12"}
    assert f'"due": "{expected[option]}"' in capsys.readouterr().out


DAYS = st.dates(date(2021, 2, 1), date(2026, 6, 30))


@settings(max_examples=50)
@given(DAYS, st.integers(1, 60))
def test_working_days_against_a_list_of_all_working_days(start, days):
    one = timedelta(days=1)
    every = [start + one * k for k in range(1, 200) if (start + one * k).year < 2027]
    off, on = HOLIDAYS.off, HOLIDAYS.on
    worked = [
        day for day in every if day in on or (day not in off and day.strftime("%a") not in ("Sat", "Sun"))
    ]
    last = WORKING.after(start.toordinal(), days)
    assert date.fromordinal(last) == worked[days - 1]
    assert WORKING.between(start.toordinal(), last) == days
    assert WORKING.between(last, start.toordinal()) == -days
    # the latest start is a working day from which the limit still fits, and the next one is too late
    back = WORKING.before(last, days)
    assert HOLIDAYS.works(date.fromordinal(back))
    assert WORKING.after(back, days) <= last
    following = next(k for k in range(back + 1, last + 30) if HOLIDAYS.works(date.fromordinal(k)))
    assert WORKING.after(following, days) > last


@settings(max_examples=50)
@given(DAYS, st.integers(0, 90))
def test_a_moved_last_day_is_the_first_working_day_from_it(start, days):
    plain = start + timedelta(days=days)
    moved = date.fromordinal(MOVED.after(start.toordinal(), days))
    assert HOLIDAYS.works(moved)
    assert not any(HOLIDAYS.works(plain + timedelta(days=k)) for k in range((moved - plain).days))
    assert MOVED.after(MOVED.before(moved.toordinal(), days), days) <= moved.toordinal()
