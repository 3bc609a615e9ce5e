"""What is flagged in a progress table, and from when on."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction as F

import pytest

from allocator.faults import BadInput
from allocator.progress.table import read_progress
from tests.progress.progress_cases import FOUR, JUNE, judged, row


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
