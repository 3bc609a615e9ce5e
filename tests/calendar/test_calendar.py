"""Time limits: due days counted by hand, readings, states, packs."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from allocator.calendar.days import CALENDAR_DAYS
from allocator.calendar.pack import book, chosen_readings, default_pack, named_pack
from allocator.calendar.steps import periods
from allocator.cli.calendar import DAYS
from allocator.dates import add_months, parse_date
from allocator.faults import BadInput
from allocator.load import bundled, load
from tests.calendar.making import MOVED, NM, WORKING, due, made, step

BY_HAND = [
    # the day of receipt is not counted: 15 March is day 1, 24 March day 10
    ("2025-03-14", "central_opinion", CALENDAR_DAYS, "2025-03-24"),
    # 17 days are left in March, 30 − 17 = 13
    ("2025-03-14", "central_total", CALENDAR_DAYS, "2025-04-13"),
    # from a month's end: 28 days of February, 30 − 28 = 2
    ("2025-01-31", "central_opinion", CALENDAR_DAYS, "2025-02-10"),
    ("2025-01-31", "central_total", CALENDAR_DAYS, "2025-03-02"),
    # leap year: 29 days of February, 30 − 29 = 1
    ("2024-01-31", "central_total", CALENDAR_DAYS, "2024-03-01"),
    # the leap day itself is a last day; in the year after it is 1 March
    ("2024-02-19", "central_opinion", CALENDAR_DAYS, "2024-02-29"),
    ("2025-02-19", "central_opinion", CALENDAR_DAYS, "2025-03-01"),
    # over the year's end: 11 days are left in December, 30 − 11 = 19
    ("2025-12-20", "central_total", CALENDAR_DAYS, "2026-01-19"),
    # 13 April 2025 is a Sunday: the last day moves to Monday
    ("2025-03-14", "central_total", MOVED, "2025-04-14"),
    # 4 May lies in the Labour Day holiday (1 to 5 May): Tuesday 6 May
    ("2025-04-24", "central_opinion", MOVED, "2025-05-06"),
    # 28 September 2025 is a Sunday on which people work: it stays
    ("2025-09-18", "central_opinion", MOVED, "2025-09-28"),
    # plain weeks: 17 to 21 March are 5, 24 to 28 March 10
    ("2025-03-14", "central_opinion", WORKING, "2025-03-28"),
    # Spring Festival: 24 January 1, Sunday 26 (make-up) 2, 27 January 3; off from 28 January to 4
    # February; 5, 6, 7 February 4 to 6, Saturday 8 (make-up) 7; 10, 11, 12 February 8 to 10
    ("2025-01-23", "central_opinion", WORKING, "2025-02-12"),
    # Qingming: 31 March to 3 April 1 to 4; off from 4 to 6 April; 7 to 11 April 5 to 9, 14 April 10
    ("2025-03-28", "central_opinion", WORKING, "2025-04-14"),
    # National Day: Sunday 28 September (make-up) 1, 29 and 30 September 2 and 3; off from 1 to 8 October;
    # 9 and 10 October 4 and 5, Saturday 11 (make-up) 6, 13 to 16 October 7 to 10
    ("2025-09-26", "central_opinion", WORKING, "2025-10-16"),
    # 2021: Sunday 7 February (make-up) 1; 8, 9, 10 February 2 to 4; off from 11 to 17; 18 and 19 5 and 6,
    # Saturday 20 (make-up) 7; 22, 23, 24 February 8 to 10
    ("2021-02-05", "central_opinion", WORKING, "2021-02-24"),
    # 2022: off from 1 to 7 October; Saturday 8 and Sunday 9 (make-up) 1 and 2; 10 to 14 October 3 to 7,
    # 17, 18, 19 October 8 to 10
    ("2022-09-30", "central_opinion", WORKING, "2022-10-19"),
    # over the new year of 2023: Friday 30 December 1; off from 31 December to 2 January; 3 to 6 January 2 to
    # 5, 9 to 13 January 6 to 10
    ("2022-12-29", "central_opinion", WORKING, "2023-01-13"),
    # 2024: New Year's Eve, 9 February, is no holiday yet 1; off from 10 to 17; Sunday 18 (make-up) 2;
    # 19 to 23 February 3 to 7, 26 to 28 February 8 to 10
    ("2024-02-08", "central_opinion", WORKING, "2024-02-28"),
]


@pytest.mark.parametrize(("received", "name", "clock", "expected"), BY_HAND)
def test_due_days_counted_by_hand(received, name, clock, expected):
    assert due(made(clock=clock, received=received), name) == expected


def test_the_central_chain_with_every_limit_used():
    calendar = made(received="2025-03-14")
    # day 10, day 10 + 0 for the review, day 20, day 30, and 30 more to the projects
    for name, day in [
        ("central_opinion", "2025-03-24"),
        ("central_review", "2025-03-24"),
        ("central_to_prefecture", "2025-04-03"),
        ("central_to_county", "2025-04-13"),
        ("central_to_projects", "2025-05-13"),
    ]:
        assert due(calendar, name) == day
    assert step(calendar, "central_review").days == 0
    ((_, span),) = calendar.spans
    assert (span.windows, span.slack, span.longest) == ((10, 10, 10), 0, 60)
    assert calendar.unstarted == ("regional",)


def test_the_regional_chain_with_every_limit_used():
    calendar = made(approved="2025-01-20")
    # 11 days left in January: 19 February is day 30; 28 of February more: 21 March is day 60;
    # 10 left in March: 20 April is day 90; 10 left in April: 20 May is day 120
    for name, day in [
        ("regional_opinion", "2025-02-19"),
        ("regional_to_prefecture", "2025-03-21"),
        ("regional_total", "2025-03-21"),
        ("regional_to_county", "2025-04-20"),
        ("regional_to_projects", "2025-05-20"),
    ]:
        assert due(calendar, name) == day
    ((_, span),) = calendar.spans
    assert (span.windows, span.slack, span.longest) == ((30, 30), 0, 120)


def test_an_early_opinion_leaves_days_to_the_review():
    calendar = made(received="2025-03-14", opinion="2025-03-20")
    # 13 April less 10 less 10 is 24 March, four days after the opinion
    review = step(calendar, "central_review")
    assert (review.due.isoformat(), review.days, review.assumed) == ("2025-03-24", 4, False)
    late = made(received="2025-03-14", opinion="2025-03-26")
    # nothing is left to it, and it cannot be due before the opinion has come
    review = step(late, "central_review")
    assert (review.due.isoformat(), review.days) == ("2025-03-26", 0)
    assert step(late, "central_opinion").late == 2
    # a review without a number of days is never late by itself
    assert not step(made(received="2025-03-14", reviewed="2025-04-02"), "central_review").late


def test_known_days_start_the_next_limit():
    calendar = made(
        received="2025-03-14", opinion="2025-03-20", reviewed="2025-03-22", to_prefecture="2025-03-28"
    )
    assert due(calendar, "central_to_prefecture") == "2025-04-01"
    # 28 March + 10 days, within the 30 that end on 13 April
    assert due(calendar, "central_to_county") == "2025-04-07"
    assert due(calendar, "central_total") == "2025-04-13"
    # the county's own 30 days run from the nearer of the two
    assert due(calendar, "central_to_projects") == "2025-05-07"


def test_readings_change_what_is_in_force():
    inside = made(readings=["review=inside"], received="2025-03-14", opinion="2025-03-20")
    assert due(inside, "central_to_prefecture_inside") == "2025-03-30"
    assert "central_review" not in {d.step.id for d in inside.deadlines}
    cash = made(readings=["delivered=cash"], received="2025-03-14", cash="2025-04-14")
    assert step(cash, "central_total_cash").late == 1
    ((_, span),) = cash.spans
    assert (span.windows, span.slack, span.longest) == ((10, 10, 10), 0, 60)
    strict = made(readings=["regional_days=30"], approved="2025-01-20")
    ((_, span),) = strict.spans
    assert span.slack == -30
    # day 30 the opinion, day 60 issued (21 March), day 90: no step starts before the one before it has ended
    assert due(strict, "regional_to_county") == "2025-04-20"
    assert (due(strict, "regional_total_30"), step(strict, "regional_total_30").over) == ("2025-02-19", 30)
    literal = made(readings=["regional_issue=reviewed"], approved="2025-01-20", opinion="2025-02-10")
    # 60 less 30 days before 21 March, nine days after the opinion
    assert (due(literal, "regional_review"), step(literal, "regional_review").days) == ("2025-02-19", 9)
    own = made("national", approved="2025-01-20")
    assert due(own, "regional_total") == "2025-03-21"
    own = made("national", readings=["transfer_kind=general"], approved="2025-01-20")
    assert due(own, "regional_total_general") == "2025-02-19"


def test_readings_that_are_not_there_are_named_all_at_once():
    with pytest.raises(BadInput) as caught:
        chosen_readings(named_pack(NM), ["review=none", "nothing=1"])
    assert [f.place.file for f in caught.value.faults] == ["--reading review=none", "--reading nothing=1"]
    with pytest.raises(BadInput, match="inner-mongolia-2022"):
        named_pack("inner-mongolia")


def test_advance_notice_falls_in_the_year_before():
    calendar = made("national", received="2025-03-14")
    assert due(calendar, "advance_notice") == "2024-10-31"
    assert due(calendar, "advance_to_county") == "2024-11-30"
    early = made("national", advance="2024-10-20")
    # 11 days are left in October: 19 November
    assert step(early, "advance_notice").state == "done"
    assert (due(early, "advance_to_county"), step(early, "advance_to_county").assumed) == (
        "2024-11-19",
        False,
    )
    assert step(made("national", advance="2024-11-02"), "advance_notice").late == 2


def test_states_depend_on_today():
    quiet = made(received="2025-03-14")
    assert {d.state for d in quiet.deadlines} == {"open", "waiting"}
    assert all(d.left is None for d in quiet.deadlines)
    assert not quiet.late
    calendar = made(received="2025-03-14", today="2025-03-27")
    opinion = step(calendar, "central_opinion")
    assert (opinion.state, opinion.left, opinion.late) == ("late", -3, 3)
    assert step(calendar, "central_to_prefecture").state == "waiting"
    assert step(calendar, "central_total").left == 17
    assert step(calendar, "advance_notice").state == "unknown"
    on_time = made(received="2025-03-14", today="2025-03-24")
    assert step(on_time, "central_opinion").left == 0
    assert not on_time.late
    # who has a later day must have passed what lies before it, though nobody said when
    passed = made(received="2025-03-14", to_prefecture="2025-04-01", today="2025-04-02")
    assert step(passed, "central_opinion").state == "unknown"
    assert not passed.late


def test_a_step_whose_start_is_not_known_is_not_late_by_itself():
    calendar = made(received="2025-03-14", today="2025-04-20")
    # its own ten days have not begun: the opinion and the whole chain are late, by 27 and by 7 days
    waiting = step(calendar, "central_to_prefecture")
    assert (waiting.state, waiting.left, waiting.late) == ("waiting", -17, 0)
    assert {d.step.id: d.late for d in calendar.late} == {"central_opinion": 27, "central_total": 7}
    done = made(received="2025-03-14", to_prefecture="2025-04-10")
    assert (step(done, "central_to_prefecture").state, done.late) == ("done", ())


def test_days_left_are_working_days_where_those_count():
    calendar = made(clock=WORKING, received="2025-03-14", today="2025-03-24")
    # 25, 26, 27, 28 March
    assert step(calendar, "central_opinion").left == 4
    # the review is due on a working day: 10 and 10 before 25 April
    assert step(made(clock=WORKING, received="2025-03-14"), "central_review").due.isoformat() == "2025-03-28"


def test_routine_comes_round():
    calendar = made("daxinganling-2026", 2026, today="2026-03-30", received="2026-03-02")
    # 5 April 2026 is the Sunday of that week
    assert due(calendar, "weekly_report") == "2026-04-05"
    assert due(calendar, "monthly_meeting") == "2026-03-31"
    assert due(calendar, "quarterly_circular") == "2026-03-31"
    assert [len(periods(every, 2026)) for every in ("week", "month", "quarter")] == [52, 12, 4]
    assert periods("month", 2024)[1] == date(2024, 2, 29)
    both = made("xinjiang-2024", 2024, readings=["monitor=by_size"], received="2024-03-02")
    assert step(both, "monitor_month_both").step.department.zh == "自治区和地州行业主管部门"
    assert due(made("yangquan-2024", 2024, received="2024-03-02"), "court_economy") == "2024-12-31"


def test_packs_follow_codes_and_year():
    assert default_pack(["150102", "152201"], 2022) == NM
    assert default_pack(["150102"], 2021) == "national"
    assert default_pack(["150102", "650102"], 2025) == "national"
    assert default_pack(["140303"], 2025) == "yangquan-2024"
    for name in bundled():
        loaded = load(name)
        pack = default_pack(loaded.counties.codes, loaded.scenario.year)
        calendar = made(pack, loaded.scenario.year, received=f"{loaded.scenario.year}-03-14")
        assert calendar.deadlines
    for pack in book().packs.values():
        for one in pack.steps:
            assert one.clause
            assert one.quote
            assert one.department.zh
            assert one.department.en
            assert sum(given is not None for given in (one.start, one.on, one.every)) == 1


def test_the_page_names_every_pack_and_reading():
    page = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
    for name, pack in book().packs.items():
        assert f"`{name}`" in page
        for reading, choices in pack.readings.items():
            assert f"`{reading}`" in page
            assert all(f"`{choice}`" in page for choice in choices.choices)


def test_the_page_and_the_options_name_every_event_of_the_packs():
    page = (Path(__file__).parents[2] / "docs" / "calendar.md").read_text(encoding="utf-8")
    steps = [one for pack in book().packs.values() for one in pack.steps]
    used = {event for one in steps for event in (one.start, one.end) if event}
    assert set(DAYS) == set(book().events) == used
    for event in used:
        assert f"| `{event}` | `--{event.replace('_', '-')}` |" in page


def test_inspections_stand_in_the_years_that_the_document_names():
    # 内政发〔2022〕9号 五（二）: 2022—2023年继续…开展督查
    for year in (2022, 2023):
        inspection = step(made(year=year, received=f"{year}-04-01"), "inspection")
        assert (inspection.due, inspection.step.clause) == (date(year, 12, 31), "内政发〔2022〕9号 五（二）")
    assert "inspection" not in {d.step.id for d in made(year=2024, received="2024-04-01").deadlines}
    assert step(made(year=2023, inspected="2023-11-20"), "inspection").state == "done"


def test_dates_as_people_type_them():
    for text in ("2025-03-14", "2025/3/14", "2025.3.14", "２０２５年３月１４日", " 2025-03-14 00:00:00"):
        assert parse_date(text) == date(2025, 3, 14)
    for text in ("", "2025-02-29", "14-03-2025", "2025-3", "20250314", "0025-03-14", "2025-03-14 12:00"):
        assert parse_date(text) is None


def test_six_months_end_on_the_same_day_or_the_months_last():
    # Civil Code, article 202
    assert add_months(date(2025, 3, 15), 6) == date(2025, 9, 15)
    assert add_months(date(2025, 8, 31), 6) == date(2026, 2, 28)
    assert add_months(date(2023, 8, 31), 6) == date(2024, 2, 29)
    assert add_months(date(2025, 12, 31), 6) == date(2026, 6, 30)
