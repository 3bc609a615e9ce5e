"""Progress: sums, schedules, periods, ranking and scores, by hand and for any table."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction as F
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.faults import BadInput
from allocator.progress.flags import KINDS
from allocator.progress.periods import span_of
from allocator.progress.schedule import Schedule, read_milestones
from allocator.progress.score import merge, score_of, scores
from allocator.progress.sums import Sum
from allocator.progress.table import COLUMNS
from reports.progress.tables import performance_table
from tests.progress.progress_cases import FOUR, JUNE, NAMES, judged, row


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


@settings(max_examples=50)
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


def test_what_was_paid_within_says_since_when():
    """Tuesday, 30 June 2026: the week began on Monday the 29th, with the figures of Sunday the 28th."""
    day = date(2026, 6, 30)
    rows = [
        # Friday's figure: what was paid on the weekend counts, too
        row(paid=100, day=date(2026, 6, 26)),
        row(paid=160, day=day),
        # two accounts, one of Sunday, one of Saturday
        row("150102", 500, 200, day=date(2026, 6, 28)),
        row("150102", 500, 250, day=day),
        row("150102", 90, 0, "provincial", day=date(2026, 6, 27)),
        row("150102", 90, 30, "provincial", day=day),
        # received within the week: nothing to compare with
        row("150201", 300, 40, day=day, received=date(2026, 6, 29)),
        # the figure before is of the week before last
        row("150202", 50, 10, day=date(2026, 6, 21)),
        row("150202", 50, 20, day=day),
    ]
    made = judged(rows, day)
    assert made.paid_within("week") == {"150101": 60, "150102": 80, "150201": 40, "150202": None}
    assert made.since("week") == {
        "150101": (date(2026, 6, 26),),
        "150102": (date(2026, 6, 27), date(2026, 6, 28)),
        "150201": (),
    }
    (notice,) = made.starts(["week"])
    assert "what 2 counties paid within counts from the figures of 2026-06-26, 2026-06-27" in notice.en
    assert "2 个旗县的本期支付自 2026-06-26、2026-06-27 的数据起算，而不是本期首日 2026-06-29" in notice.zh
    # a figure of Sunday is exactly the week's start
    exact = [row(paid=100, day=date(2026, 6, 28)), row(paid=160, day=day)]
    assert judged(exact, day).starts(["week"]) == []
    # without dates nothing is known, and nothing is said
    assert judged([row(paid=100)], day).starts(["week", "month", "quarter"]) == []


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


def test_the_page_names_every_column_flag_and_unit_of_time():
    page = (Path(__file__).parents[2] / "docs" / "progress-factor.md").read_text(encoding="utf-8")
    assert all(f"`{column}`" in page for column in COLUMNS)
    assert all(kind in page for kind in KINDS)
    assert all(f"`{kind}`" in page for kind in ("months", "days", "receipt"))
    assert {column.name for column in performance_table(judged(FOUR)).columns} <= set(
        re.findall(r"`(\w+)`", page)
    )
