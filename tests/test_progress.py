"""Progress: sums, schedules, ranking, flags on both sides of their limits, periods, scores, faults."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.faults import BadInput
from allocator.progress import Setting, make_progress, schedule_of
from allocator.progress_flags import KINDS, Limits
from allocator.progress_periods import span_of
from allocator.progress_schedule import Schedule, read_milestones
from allocator.progress_score import merge, score_of, scores
from allocator.progress_sums import Sum
from allocator.progress_table import COLUMNS, Row, read_progress
from reports.progress_tables import performance_table

JUNE = date(2025, 6, 30)
NAMES = {"150101": "甲县", "150102": "乙县", "150201": "丙旗", "150202": "丁区"}


def row(code="150101", allocated=1000, paid=0, stream="central", batch="1", project="", **more):
    """A row; days may be given by name."""
    named = ("received", "approved", "planned_start", "started", "due", "closed")
    dates = {name: more.pop(name) for name in named if name in more}
    name, use = more.pop("name", project), more.pop("use", "")
    bare = Row(2, code, NAMES[code], "", stream, batch, project, name, use,
               F(allocated), F(paid), F(more.pop("committed", 0)), more.pop("day", None), dates)  # fmt: skip
    return replace(bare, **more)


def judged(rows, day=JUNE, kind="months", milestones=(), unit="万元", **limits):
    schedule = Schedule(kind, day.year, tuple(milestones))
    return make_progress(rows, Setting(day, day.year, unit, schedule, Limits(**limits)), None)


FOUR = [
    row("150101", 1000, 600),
    row("150101", 200, 0, stream="provincial"),
    row("150102", 500, 200),
    row("150201", 300, 0),
    row("150202", 50, 20),
]


def test_sums_by_hand():
    made = judged(FOUR)
    total = made.total
    # half of 2,050 should be paid by the end of June; 820 is 40 %, and no average of 50, 40, 0 and 40
    assert (total.allocated, total.paid, total.expected, total.rate) == (2050, 820, 1025, F(2, 5))
    assert made.by_stream[("central", "1")].paid == 820
    assert made.by_stream[("provincial", "1")].shortfall == 100
    assert [(s.rank, s.county) for s in made.ranking] == [(1, "甲县"), (2, "乙县"), (2, "丁区"), (4, "丙旗")]
    # short by 0, 50, 5 and 150 of 205 in all
    assert [s.contribution for s in made.ranking] == [0, F(50, 205), F(5, 205), F(150, 205)]
    assert [s.sum.gap for s in made.ranking] == [0, F(-1, 10), F(-1, 10), F(-1, 2)]


MONEY = st.integers(0, 10**6)


@st.composite
def tables(draw):
    count = draw(st.integers(1, 12))
    keys = draw(
        st.lists(
            st.tuples(st.sampled_from(list(NAMES)), st.sampled_from(["a", "b"]), st.sampled_from(["1", "2"])),
            min_size=count, max_size=count, unique=True,
        )
    )  # fmt: skip
    rows = []
    for code, stream, batch in keys:
        allocated = draw(MONEY)
        rows.append(row(code, allocated, draw(st.integers(0, allocated)), stream, batch))
    return rows


@settings(max_examples=50, deadline=None)
@given(tables(), st.dates(date(2025, 1, 1), date(2025, 12, 31)), st.randoms(use_true_random=False))
def test_sums_and_ranking_of_any_table(rows, day, rng):
    made = judged(rows, day)
    parts = [one.sum for one in made.accounts]
    assert sum(p.allocated for p in parts) == made.total.allocated == sum(r.allocated for r in rows)
    assert sum(p.paid for p in parts) == sum(s.sum.paid for s in made.ranking) == made.total.paid
    assert sum(s.paid for s in made.by_stream.values()) == made.total.paid
    assert sum(s.contribution for s in made.ranking) in (0, 1)
    gaps = [s.sum.gap for s in made.ranking]
    assert gaps == sorted(gaps, reverse=True)
    assert [s.rank for s in made.ranking] == [1 + sum(g > gap for g in gaps) for gap in gaps]
    shuffled = rng.sample(rows, len(rows))
    assert judged(shuffled, day).ranking == made.ranking
    assert {s.code for s in made.ranking} == {
        r.code for r in rows if any(q.allocated for q in rows if q.code == r.code)
    }


@pytest.mark.parametrize(
    ("kind", "day", "received", "expected"),
    [
        # 6/12 on the month's last day, 5/12 the day before; 4/12 at the end of April
        ("months", date(2025, 6, 30), None, F(6, 12)),
        ("months", date(2025, 6, 29), None, F(5, 12)),
        ("months", date(2025, 4, 30), None, F(4, 12)),
        ("months", date(2024, 2, 29), None, F(2, 12)),
        ("months", date(2025, 12, 31), None, 1),
        # 31 + 28 + 31 + 30 + 31 + 30 days to the end of June, one more; 31 + 29 in a leap year
        ("days", date(2025, 7, 1), None, F(182, 365)),
        ("days", date(2024, 2, 29), None, F(60, 366)),
        # July to September are 92 days, 1 October the 93rd; 184 to the year's end
        ("receipt", date(2025, 10, 1), date(2025, 6, 30), F(93, 184)),
        ("receipt", date(2025, 6, 30), date(2025, 6, 30), 0),
        ("receipt", date(2025, 6, 29), date(2025, 6, 30), 0),
        ("receipt", date(2025, 12, 31), date(2025, 6, 30), 1),
        # received in the year before: the year counts
        ("receipt", date(2025, 1, 31), date(2024, 11, 30), F(31, 365)),
    ],
)
def test_schedules_by_hand(kind, day, received, expected):
    assert Schedule(kind, day.year).share("central", day, received) == expected
    assert Schedule(kind, day.year - 1).share("central", day, received) == 1
    assert Schedule(kind, day.year + 1).share("central", day, received) == 0


def test_milestones_are_steps(tmp_path):
    file = tmp_path / "nodes.csv"
    file.write_text(
        "date,share,stream\n2025-03-31,0.3,\n2025-06-30,0.65,\n2025-06-30,0.4,provincial\n", encoding="utf-8"
    )
    nodes = read_milestones(file, ["central", "provincial"])
    schedule = Schedule("milestones", 2025, nodes)
    assert schedule.share("central", date(2025, 3, 30), None) == 0
    assert schedule.share("central", date(2025, 6, 29), None) == F(3, 10)
    assert schedule.share("central", JUNE, None) == F(65, 100)
    # a stream with nodes of its own has those alone
    assert schedule.share("provincial", date(2025, 6, 29), None) == 0
    assert schedule.share("provincial", JUNE, None) == F(2, 5)
    made = judged(FOUR, kind="milestones", milestones=nodes)
    # 65 % of 1,850 and 40 % of 200
    assert made.total.expected == F("1202.5") + 80
    file.write_text(
        "date,share,stream\n2025-06-30,65,\n2025-03-31,0.3,x\nnever,0.1,\n2025-07-01,0.2,\n2025-07-02,0.1,\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as caught:
        read_milestones(file, ["central"])
    assert sorted((f.place.line, f.place.column) for f in caught.value.faults) == [
        (2, "share"), (3, "stream"), (4, "date"), (5, "share"), (6, "share")
    ]  # fmt: skip


def kinds(rows, day=JUNE, **limits):
    return [flag.kind for flag in judged(rows, day, **limits).flags if flag.kind != "behind"]


def test_behind_by_more_than_is_tolerated():
    rows = [row(allocated=1000, paid=400)]
    (flag,) = judged(rows).flags
    assert (flag.kind, flag.amount) == ("behind", 100)
    assert "10 个百分点" in flag.text.zh
    assert not judged(rows, behind=Decimal("0.1")).flags
    assert judged(rows, behind=Decimal("0.0999")).flags
    assert not judged([row(allocated=1000, paid=500)]).flags


def test_idle_after_thirty_days():
    # 31 May + 30 days is 30 June; on the day after, money is idle
    rows = [row(paid=300, committed=600, received=date(2025, 5, 31))]
    assert kinds(rows) == []
    (flag,) = [f for f in judged(rows, date(2025, 7, 1)).flags if f.kind == "idle"]
    assert (flag.amount, flag.days) == (100, 31)
    assert kinds(rows, idle_days=29) == ["idle"]
    assert kinds([row(paid=300, committed=700, received=date(2025, 1, 1))]) == []
    assert "received" in judged([row()]).notices[0].en


def test_not_started_six_months_after_the_planned_start():
    project = row(
        project="p", planned_start=date(2025, 1, 31), received=date(2025, 3, 1), approved=date(2024, 12, 1)
    )
    # 31 July is the day: 以上 counts the number itself (Civil Code, article 1259)
    assert kinds([project], date(2025, 7, 30), idle_days=999) == []
    assert kinds([project], date(2025, 7, 31), idle_days=999) == ["not_started"]
    assert kinds([project], date(2025, 7, 31), idle_days=999, start_clock="received") == []
    assert kinds([project], date(2025, 9, 1), idle_days=999, start_clock="received") == ["not_started"]
    assert kinds([project], date(2025, 6, 1), idle_days=999, start_clock="approved") == ["not_started"]
    for excused in (replace(project, exempt=True), replace(project, begun=True)):
        assert kinds([excused], date(2025, 12, 1), idle_days=999) == []
    # August has 31 days and February 28
    project = row(project="p", planned_start=date(2025, 8, 31))
    assert kinds([project], date(2026, 2, 27)) == []
    assert kinds([project], date(2026, 2, 28)) == ["not_started"]


def test_payment_keeps_step_with_works():
    exact = row(project="p", paid=300, begun=True, works=F(3, 10))
    assert kinds([exact]) == []
    (flag,) = [f for f in judged([replace(exact, paid=F("300.01"))]).flags if f.kind == "over_progress"]
    assert flag.amount == F(1, 100)
    # nothing may be paid before the start; a begun project that does not say how far it is cannot be judged
    assert kinds([row(project="p", paid=1)]) == ["over_progress"]
    assert kinds([row(project="p", paid=900, begun=True)]) == []
    behind = row(project="p", paid=199, begun=True, works=F(3, 10))
    assert kinds([behind]) == []
    assert kinds([behind], arrears=Decimal("0.1")) == ["arrears"]
    assert kinds([replace(behind, paid=F(200))], arrears=Decimal("0.1")) == []


def test_same_year_money_is_watched_and_then_wanting():
    for one in (row(paid=900, same_year=True), row(paid=900, same_year=True, project="p", begun=True)):
        made = [judged([one], day) for day in (date(2025, 12, 30), date(2025, 12, 31))]
        found = [[f for f in m.flags if f.kind == "same_year"] for m in made]
        assert [(f.breach, f.days, f.amount) for (f,) in found] == [(False, 1, 100), (True, 0, 100)]
        assert kinds([replace(one, paid=F(1000))], date(2025, 12, 31)) == []


def test_two_systems_and_projects_against_their_account():
    assert kinds([row(paid=500, paid_reported=F(500))]) == []
    assert kinds([row(paid=500, paid_reported=F("500.01"))]) == ["difference"]
    account = row(allocated=100, paid=50)
    parts = [row(allocated=60, paid=30, project=p, begun=True) for p in ("p", "q")]
    made = judged([account, *parts])
    assert [(f.kind, f.amount) for f in made.flags] == [("projects_exceed", 20), ("projects_exceed", 10)]
    # the account's own figures count, not its projects' as well
    assert made.total.paid == 50
    assert judged(parts).total.paid == 60


def test_problems_until_they_are_struck_off():
    open_one = row(paid=500, problem="用地", due=date(2025, 6, 29))
    assert kinds([open_one]) == ["problem_overdue"]
    assert kinds([row(paid=500, problem="用地", due=JUNE)]) == []
    closed = row(paid=500, problem="用地", due=date(2025, 6, 1), closed=date(2025, 6, 20))
    assert kinds([closed]) == []
    assert kinds([closed], date(2025, 6, 10)) == ["problem_overdue"]
    assert [r.problem for r in judged([open_one]).open_problems] == ["用地"]


def test_large_industry_projects_and_who_watches_them():
    def watching(investment, unit="万元", **limits):
        project = row(project="p", begun=True, industry=True, investment=F(investment))
        made = judged([project], unit=unit, **limits)
        return [(w.who.en.split()[0], w.every) for w in made.watched]

    assert watching("2999.99") == []
    assert watching(3000) == [("prefecture", "month")]
    assert watching(5000) == [("prefecture", "month"), ("regional", "quarter")]
    assert watching(5000, monitor="by_size") == [("departments", "quarter")]
    assert watching("4999.99", monitor="by_size") == [("departments", "month")]
    # 30 million yuan in yuan, and in 100 millions
    assert watching(29_999_999, "元") == []
    assert watching(30_000_000, "元") == [("prefecture", "month")]
    assert watching("0.3", "亿元") == [("prefecture", "month")]
    assert judged([row(project="p", investment=F(9000))]).watched == []
    with pytest.raises(BadInput, match="rubles"):
        judged(FOUR, unit="rubles")


def test_periods_hold_what_was_paid_in_them():
    assert span_of("week", date(2025, 7, 2)) == span_of("week", date(2025, 7, 6))
    week = span_of("week", date(2025, 7, 2))
    assert (week.first, week.last) == (date(2025, 6, 30), date(2025, 7, 6))
    quarter = span_of("quarter", JUNE)
    assert (quarter.first, quarter.last) == (date(2025, 4, 1), JUNE)
    assert span_of("month", date(2024, 2, 10)).last == date(2024, 2, 29)
    rows = [
        row(paid=100, day=date(2025, 3, 31)),
        row(paid=250, day=date(2025, 5, 31)),
        row(paid=600, day=JUNE),
        # no figure from the period before, and nobody knows when it was received
        row("150102", 500, 200, day=JUNE),
        # received within the month: all of it was paid in it
        row("150201", 300, 40, day=JUNE, received=date(2025, 6, 5)),
        # the last figure is older than the month before
        row("150202", 50, 10, day=date(2025, 3, 31)),
        row("150202", 50, 20, day=JUNE),
    ]
    made = judged(rows)
    assert made.paid_within("month") == {"150101": 350, "150102": None, "150201": 40, "150202": None}
    assert made.paid_within("quarter") == {"150101": 500, "150102": None, "150201": 40, "150202": 10}
    assert [(p.day.month, p.sum.paid) for p in made.course] == [(3, 110), (5, 260), (6, 860)]
    assert judged(rows, date(2025, 4, 30)).total.paid == 110
    with pytest.raises(BadInput, match="2025-03-31"):
        judged(rows, date(2025, 1, 31))


def test_praise_and_criticism():
    ahead = [row("150101", 100, 60), row("150102", 100, 60, paid_reported=F(61))]
    made = judged([*ahead, row("150201", 100, 45), row("150202", 100, 10)], behind=Decimal("0.05"))
    # ahead but with a difference between systems: neither praised nor criticised
    assert [s.code for s in made.praised()] == ["150101"]
    assert [s.code for s in made.criticised()] == ["150202"]


@pytest.mark.parametrize(
    ("paid", "expected", "score"),
    [
        (2, 3, "66.67"),
        (1, 8, "12.50"),
        (0, 5, "0.00"),
        (7, 5, "100.00"),
        (0, 0, "100.00"),
        # 33.335 and 33.3349…: half up, exactly
        (33335, 100000, "33.34"),
        (333349, 1000000, "33.33"),
    ],
)
def test_scores_by_hand(paid, expected, score):
    assert str(score_of(Sum(F(10**7), F(paid), F(0), F(expected)))) == score


def test_scores_go_into_the_next_county_table(tmp_path):
    file = tmp_path / "counties.csv"
    file.write_text(
        "code,county,prefecture,performance,people\n150102,乙县,东盟,55,1\n150101,甲县,东盟,,2\n150301,戊旗,西市,71,3\n"
        "150201,丙旗,西市,0,4\n150202,丁区,西市,0,5\n",
        encoding="utf-8",
    )
    found = scores(judged(FOUR))
    merged = merge(file, found, "performance")
    assert [(r[0], r[3], r[4]) for r in merged.rows] == [
        ("150102", "80.00", "1"), ("150101", "100.00", "2"), ("150301", "71", "3"),
        ("150201", "0.00", "4"), ("150202", "80.00", "5"),
    ]  # fmt: skip
    assert merged.unscored == ("戊旗",)
    fresh = merge(file, found, "spending")
    assert fresh.columns[-1] == "spending"
    assert [r[-1] for r in fresh.rows] == ["80.00", "100.00", "", "0.00", "80.00"]
    file.write_text("code,county,prefecture\n150101,甲县,东盟\n", encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        merge(file, found, "code")
    assert len(caught.value.faults) == 4


GOOD = (
    "code,county,stream,batch,allocated,paid,committed,date,project,works,started,planned_start,same_year\n"
)


def read(tmp_path, text, name="progress.csv"):
    file = tmp_path / name
    file.write_text(text, encoding="utf-8")
    return read_progress(file, None, {})


def test_a_table_is_read_exactly(tmp_path):
    rows = read(
        tmp_path,
        GOOD + '150101,甲县,central,1,"1,000.10",３００.05,0.7,2025年6月30日,,,,,是\n'
        "150101,甲县,central,1,60,0.1,,2025-06-30,p,0.35,2025/5/1,2025-04-01,\n",
    )
    first, second = rows
    assert (first.allocated, first.paid, first.committed) == (F("1000.1"), F("300.05"), F("0.7"))
    assert (first.day, first.same_year, first.begun) == (JUNE, True, False)
    assert (second.works, second.begun, second.dates["started"]) == (F(35, 100), True, date(2025, 5, 1))


def test_bad_cells_are_told_all_at_once(tmp_path):
    bad = [
        "150101,甲县,central,1,1000,a lot,,2025-06-30,,,,,",
        "150101,甲县,central,2,-5,0,,2025-06-30,,,,,",
        "150101,甲县,central,3,100,80,30,2025-06-30,,,,,",
        "150101,甲县,central,4,100,80,,2025-06-31,,,,,",
        "150101,甲县,central,5,100,80,,2025-06-30,p,65,,,",
        "150101,甲县,central,6,100,80,,2025-06-30,p,,2025-07-01,,",
        "150101,甲县,central,7,100,80,,2025-06-30,p,,maybe,,",
        "150101,甲县,central,8,100,80,,2025-06-30,p,,,,perhaps",
        "150101,乙县,central,9,100,80,,2025-06-30,p,,,,",
        "150101,甲县,,9,100,80,,2025-06-30,p,,,,",
        "150101,甲县,central,9,100,80,,,p,,,,",
        "150102,乙县,central,1,100,80,,2025-06-30,,,,,",
        "150102,乙县,central,1,100,80,,2025-06-30,,,,,",
    ]
    with pytest.raises(BadInput) as caught:
        read(tmp_path, GOOD + "\n".join(bad) + "\n")
    found = [(f.place.line, f.place.column) for f in caught.value.faults]
    assert found == [
        (2, "paid"), (3, "allocated"), (4, "paid"), (5, "date"), (6, "works"), (7, "started"), (8, "started"),
        (9, "same_year"), (10, "county"), (11, "stream"), (12, "date"), (14, ""),
    ]  # fmt: skip
    assert all(f.fix.zh and f.fix.en and f.place.county for f in caught.value.faults)
    with pytest.raises(BadInput, match="allocated"):
        read(tmp_path, "code,county,stream,paid\n1,x,y,2\n")


def test_names_of_the_scenario_are_checked(tmp_path):
    from tests import builders  # noqa: PLC0415

    text = (
        "code,county,stream,allocated,paid,use\n150101,甲旗,central,1,0,industry\n"
        "150109,己县,central,1,0,\n150102,乙县,centrol,1,0,road\n"
    )
    file = tmp_path / "progress.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        read_progress(file, builders.scenario(), NAMES)
    found = [(f.place.line, f.place.column) for f in caught.value.faults]
    assert found == [(2, "county"), (3, "code"), (4, "stream"), (4, "use")]
    assert "central" in caught.value.faults[2].fix.en


def test_counting_from_receipt_needs_the_day(tmp_path):
    with pytest.raises(BadInput) as caught:
        schedule_of("receipt", 2025, (), FOUR, tmp_path / "p.csv")
    assert len(caught.value.faults) == len(FOUR)


def test_the_page_names_every_column_flag_and_unit_of_time():
    page = (Path(__file__).parent.parent / "docs" / "progress-factor.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in page for column in COLUMNS)
    assert all(kind in page for kind in KINDS)
    assert all(f"`{kind}`" in page for kind in ("months", "days", "receipt"))
    assert {column.name for column in performance_table(judged(FOUR)).columns} <= set(
        re.findall(r"`(\w+)`", page)
    )


def test_spreadsheets_are_read_like_csv(tmp_path):
    book = openpyxl.Workbook()
    book.active.title = "别的"
    sheet = book.create_sheet("进度")
    sheet.append(["code", "county", "stream", "allocated", "paid", "date", "started", "project"])
    sheet.append(["150101", "甲县", "central", 1000.5, 0.1, date(2025, 6, 30), date(2025, 5, 1), "p"])
    book.save(tmp_path / "p.xlsx")
    (one,) = read_progress(tmp_path / "p.xlsx", None, {})
    assert (one.allocated, one.paid, one.day, one.begun) == (F("1000.5"), F("0.1"), JUNE, True)


def test_the_order_of_rows_changes_nothing():
    rows = [
        *FOUR,
        row("150101", 60, 30, project="p", begun=True, works=F(1, 4)),
        row("150102", 5, 0, project="q"),
    ]
    flags = judged(rows).flags
    assert len(flags) > 4
    for seed in range(5):
        assert judged(random.Random(seed).sample(rows, len(rows))).flags == flags


HEAD = "code,county,stream,allocated,paid,project,planned_start,started,exempt\n"


@pytest.mark.parametrize(
    ("exempt", "flagged"), [("", True), ("否", True), ("是", False), ("高寒地区", False)]
)
def test_a_written_reason_exempts_from_the_start(tmp_path, exempt, flagged):
    """One table serves `progress` and `reallocate`: a reason is as good as 是."""
    table = tmp_path / "progress.csv"
    table.write_text(f"{HEAD}150101,甲县,central,100,60,p1,2024-11-01,,{exempt}\n", encoding="utf-8")
    made = judged(read_progress(table, None, {}))
    assert ("not_started" in [flag.kind for flag in made.flags]) is flagged


def test_money_that_is_not_the_ledgers_is_named():
    counties = [row("150101", 400, 200), row("150101", 200, 100, batch="2"), row("150102", 500, 250)]
    made = replace(judged(counties), issued={("150101", "central"): F(600), ("150102", "central"): F(510)})
    said = [text.en for text in made.notices if "ledger" in text.en]
    assert said == ["1 allocated amounts are not the ledger's: 乙县 central (500, ledger 510)"]
    assert not any("ledger" in text.en for text in judged(counties).notices)
