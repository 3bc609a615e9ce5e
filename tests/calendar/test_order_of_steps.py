"""Steps follow one another: nothing starts before what it follows has ended; whole limits that are missed."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta

import icalendar
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.calendar.days import CALENDAR_DAYS
from allocator.calendar.holidays import BUNDLED
from allocator.calendar.pack import named_pack
from allocator.cli.main import run
from allocator.faults import BadInput
from tests.calendar.making import MOVED, NM, WORKING, due, made, step

OUT = ("central_opinion", "central_review", "central_to_prefecture", "central_to_county")
OWN = ("regional_opinion", "regional_to_prefecture", "regional_to_county")
REVIEWED = ("regional_opinion", "regional_review", "regional_to_prefecture_reviewed", "regional_to_county")
CHAINS = [
    ("received", "review=outside", (*OUT, "central_to_projects")),
    ("received", "review=inside", ("central_opinion", "central_to_prefecture_inside", "central_to_county")),
    ("received", "delivered=cash", (*OUT, "central_cash")),
    ("approved", "regional_issue=opinion", OWN),
    ("approved", "regional_days=30", OWN),
    ("approved", "regional_issue=reviewed", REVIEWED),
]
"""Start, reading, and the steps that follow one another under it."""


def test_a_late_opinion_moves_what_follows_it():
    calendar = made(received="2025-03-14", opinion="2025-03-28", today="2025-03-28")
    # nothing is left to the review; 28 March + 10 = 7 April (3 left in March), + 10 = 17 April,
    # + 30 = 17 May (13 left in April)
    for name, since, last in [
        ("central_review", "2025-03-28", "2025-03-28"),
        ("central_to_prefecture", "2025-03-28", "2025-04-07"),
        ("central_to_county", "2025-04-07", "2025-04-17"),
        ("central_to_projects", "2025-04-17", "2025-05-17"),
    ]:
        assert (step(calendar, name).since.isoformat(), due(calendar, name)) == (since, last)
    assert step(calendar, "central_review").days == 0
    # the whole limit keeps its day, 13 April, four days before 17 April
    whole = step(calendar, "central_total")
    assert (whole.due.isoformat(), whole.over, whole.state) == ("2025-04-13", 4, "open")
    assert step(made(received="2025-03-14", to_county="2025-04-17"), "central_total").late == 4


def test_a_limit_that_a_holiday_moved_moves_what_follows_it():
    calendar = made(clock=MOVED, received="2025-09-21")
    # day 10 is 1 October, off until 8 October; 19 October is a Sunday; 30 October is a Thursday
    assert due(calendar, "central_opinion") == "2025-10-09"
    assert due(calendar, "central_review") == "2025-10-09"
    assert due(calendar, "central_to_prefecture") == "2025-10-20"
    assert due(calendar, "central_to_county") == "2025-10-30"
    # day 30, 21 October, is a Tuesday
    assert (due(calendar, "central_total"), step(calendar, "central_total").over) == ("2025-10-21", 9)


@pytest.mark.parametrize("waiting", ["opinion given", "opinion open", "review given"])
@settings(max_examples=40)
@given(day=st.dates(date(2021, 1, 1), date(2026, 6, 30)), after=st.integers(0, 40))
def test_the_whole_limit_is_missed_by_what_the_first_step_takes_too_long(waiting, day, after):
    # 10 + 10 = 20 of the 30 days belong to the later steps: the first ones together may take 10
    known = {"received": day.isoformat()}
    reached = (day + timedelta(days=after)).isoformat()
    if waiting == "opinion open":
        calendar = made(today=reached, **known)
    elif waiting == "opinion given":
        calendar = made(opinion=reached, **known)
    else:
        calendar = made(reviewed=reached, **known)
    assert step(calendar, "central_total").over == max(0, after - 10)


@settings(max_examples=200)
@given(
    chain=st.sampled_from(CHAINS),
    day=st.dates(date(2021, 1, 1), date(2026, 3, 1)),
    gaps=st.lists(st.integers(0, 25), max_size=3),
    clock=st.sampled_from([CALENDAR_DAYS, WORKING, MOVED]),
)
def test_no_step_starts_or_is_due_before_the_step_before_it_ended(chain, day, gaps, clock):
    start, reading, names = chain
    steps = {one.id: one for one in named_pack(NM).steps}
    known, last = {start: day.isoformat()}, day
    for name, gap in zip(names, gaps, strict=False):
        last += timedelta(days=gap)
        known[steps[name].end] = last.isoformat()
    calendar = made(readings=[reading], clock=clock, **known)
    ended = day
    for name in names:
        one = step(calendar, name)
        assert one.since >= ended
        assert one.due >= one.since
        ended = one.actual or one.due


def test_a_review_past_what_was_left_to_it_is_over_its_share_and_not_late():
    days = {"received": "2025-03-14", "opinion": "2025-03-20"}
    # 24 March is what the later steps leave to the review
    on_time = step(made(today="2025-03-24", **days), "central_review")
    assert (on_time.state, on_time.left) == ("open", 0)
    calendar = made(today="2025-03-25", **days)
    review = step(calendar, "central_review")
    assert (review.state, review.left, review.late, calendar.late) == ("over_share", -1, 0, ())
    done = step(made(reviewed="2025-03-25", **days), "central_review")
    assert (done.state, done.late) == ("done_over_share", 0)
    assert step(made(reviewed="2025-03-24", **days), "central_review").state == "done"
    # whose start is not known has no share to be over
    assert step(made(received="2025-03-14", reviewed="2025-03-28"), "central_review").state == "done"
    assert step(made(received="2025-03-14", today="2025-03-28"), "central_review").state == "waiting"


@pytest.mark.parametrize(
    ("lang", "said", "share"),
    [
        ("zh", "2025-04-13 的全程时限不能满足，超出 1 天", "已超出预留"),
        ("en", "the whole limit of 2025-04-13 cannot be kept (over by 1)", "over its share"),
    ],
)
def test_the_screen_and_the_files_say_so(lang, said, share, tmp_path, capsys):
    command = ["calendar", "inner-mongolia-2025", "--received", "2025-03-14", "--opinion", "2025-03-20"]
    out = tmp_path / "out"
    assert run([*command, "--today", "2025-03-25", "--lang", lang, "-o", str(out)]) == 0
    # one day more than was left to the review
    shown = capsys.readouterr().out
    assert said in shown
    assert share in shown
    content = (out / "calendar.csv").read_bytes().decode("utf-8-sig")
    rows = {row["step"]: row for row in csv.DictReader(io.StringIO(content, newline=""))}
    assert (rows["central_total"]["over"], rows["central_review"]["state"]) == ("1", share)
    events = icalendar.Calendar.from_ical((out / "calendar.ics").read_bytes()).walk("VEVENT")
    assert sum(said in str(event["DESCRIPTION"]) for event in events) == 1


def from_2024(tmp_path):
    path = tmp_path / "days.csv"
    rows = BUNDLED.read_text(encoding="utf-8").splitlines()
    kept = [row for row in rows if not row.startswith(("2021", "2022", "2023"))]
    path.write_text("\n".join(kept), encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_a_chain_that_nobody_asked_for_is_not_counted_where_the_list_does_not_reach(lang, tmp_path, capsys):
    out = tmp_path / "out"
    command = ["calendar", "yangquan-2024", "--lang", lang]
    command += ["--working-days", "--holidays", from_2024(tmp_path)]
    asked = ["--received", "2024-05-10", "-o", str(out)]
    assert run([*command, *asked]) == 0
    shown = capsys.readouterr().out
    assert {"zh": "未计算", "en": "not counted"}[lang] in shown
    assert {"zh": "没有 2023 年的放假安排", "en": "holds no holidays of 2023"}[lang] in shown
    content = (out / "calendar.csv").read_bytes().decode("utf-8-sig")
    rows = {row["step"]: row for row in csv.DictReader(io.StringIO(content, newline=""))}
    row = rows["advance_to_county"]
    assert (row["due"], row["start"], row["late"]) == ("", "2023-10-31", "0")
    assert "2023" in row["reason"]
    # 24 May is day 11 (11 May is worked), 7 June day 21, 21 June day 30 (10 June is off)
    assert rows["central_total"]["due"] == "2024-06-21"
    events = icalendar.Calendar.from_ical((out / "calendar.ics").read_bytes()).walk("VEVENT")
    assert len(events) == len(rows) - 1
    # whoever gives the day wants the answer
    assert run([*command, "--advance", "2023-11-02"]) == 2


def test_days_left_of_a_fixed_day_beyond_the_list_are_not_counted():
    calendar = made("yangquan-2024", 2027, clock=WORKING, today="2026-12-01", received="2026-11-02")
    spent = step(calendar, "court_economy")
    assert (spent.due, spent.left, spent.state) == (date(2027, 12, 31), None, "open")
    assert "2027" in spent.reason.en
    with pytest.raises(BadInput, match="2027"):
        made(NM, 2026, clock=WORKING, received="2026-12-25")
