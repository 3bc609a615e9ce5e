"""Days that are known: options, tables of several batches, and every fault of both at once."""

from __future__ import annotations

import json

import icalendar
import pytest

from allocator.calendar.events import read_events
from allocator.cli.main import run
from allocator.faults import BadInput
from tests.calendar.making import due, made, step


def test_several_batches_stand_in_a_table(tmp_path):
    table = tmp_path / "days.csv"
    table.write_text(
        "case,chain,event,date\n一批,central,received,2025-01-31\n二批,central,received,2025/3/14\n"
        "二批,central,opinion,2025年3月20日\n",
        encoding="utf-8",
    )
    calendar = made(known=read_events(table))
    totals = {d.case: d.due.isoformat() for d in calendar.deadlines if d.step.id == "central_total"}
    assert totals == {"一批": "2025-03-02", "二批": "2025-04-13"}
    table.write_text(
        "case,chain,event,date\n一批,central,received,2025-02-30\n一批,central,opinion,tomorrow\n",
        encoding="utf-8",
    )
    with pytest.raises(BadInput) as caught:
        made(known=read_events(table))
    assert [(f.place.line, f.place.column) for f in caught.value.faults] == [(2, "date"), (3, "date")]


@pytest.mark.parametrize(
    ("days", "said"),
    [
        ({"received": "2025-03-14", "opinion": "2025-03-10"}, "早于前一环节 received"),
        ({"opinion": "central:2025-03-20"}, "缺少起算日"),
        (
            {
                "received": "2025-03-14",
                "advance": "2024-10-20",
                "approved": "2025-01-20",
                "opinion": "2025-03-20",
            },
            "哪条资金链",
        ),
        ({"received": "2025-03-14", "opinion": "federal:2025-03-20"}, "没有资金链"),
        ({"received": "2025-03-14", "cash": "2025-03-20"}, "没有环节"),
        ({"received": ["2025-03-14", "2025-03-15"]}, "两个日期"),
        ({"received": "2025-02-30"}, "不是有效日期"),
    ],
)
def test_days_that_fit_nothing_are_faults(days, said):
    with pytest.raises(BadInput) as caught:
        made(**days)
    assert said in caught.value.say("zh")
    assert all(f.fix.zh and f.fix.en for f in caught.value.faults)


def test_days_from_before_the_document_are_told():
    assert [n.zh[:21] for n in made(received="2022-03-01").notices] == ["--received 2022-03-01"]
    assert made(received="2022-03-14").notices == ()


def rows(path, *lines):
    path.write_text("\n".join(["case,chain,event,date", *lines, ""]), encoding="utf-8")
    return str(path)


def test_all_faults_of_options_and_table_are_told_at_once(tmp_path, capsys):
    table = rows(
        tmp_path / "d.csv",
        "A,centrl,received,2024-12-20",
        "A,central,received,soon",
        "B,central,opinion,2024-01-01",
        "A,central,received,2024-01-01",
        "C,central,received,2024-02-01",
        "C,central,opinion,2024-01-01",
        "C,central,opinon,2024-01-01",
    )
    command = ["calendar", "inner-mongolia-2024", "--dates", table, "--received", "never", "--today", "soon"]
    assert run([*command, "--lang", "en"]) == 2
    told = [line.replace(table, "d.csv").split(". ")[0] for line in capsys.readouterr().err.splitlines()]
    assert told == [
        "--today: not a valid date: ‘soon’",
        "--received never: not a valid date: ‘never’",
        "d.csv:2: column 'chain': the pack has no chain ‘centrl’",
        "d.csv:3: column 'date': not a valid date: ‘soon’",
        "d.csv:4: column 'event': the start is missing: central quota received (received)",
        "d.csv:5: column 'event': event received has two dates in one case, the first in row 3",
        "d.csv:7: column 'date': 2024-01-01 is before received on 2024-02-01",
        "d.csv:8: column 'event': chain central has no event ‘opinon’ under the chosen readings",
        "8 faults in all",
    ]


@pytest.mark.parametrize(("lang", "said"), [("zh", "case 列"), ("en", "column case")])
def test_who_uses_a_table_is_not_sent_to_the_table(lang, said, tmp_path):
    table = tmp_path / "d.csv"
    rows(table, "A,central,received,2025-03-14", "A,central,received,2025-03-15")
    with pytest.raises(BadInput) as caught:
        made(known=read_events(table))
    (fault,) = caught.value.faults
    assert (fault.place.line, fault.place.column) == (3, "event")
    assert said in fault.say(lang)
    assert "--dates" not in fault.say(lang)


def test_wrong_options_do_not_hide_wrong_rows(tmp_path, capsys):
    table = rows(tmp_path / "d.csv", "A,central,received,soon")
    command = ["calendar", "inner-mongolia-2024", "--dates", table, "--reading", "review=maybe"]
    assert run([*command, "--holidays", "x.csv", "--lang", "en", "-o", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert all(part in err for part in ("--reading review=maybe", "--holidays", "d.csv:2: column 'date'"))
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("scenario", "row", "id_"),
    [
        ("yangquan-2024", "A,year,spent,2024-12-20", "court_economy"),
        ("yangquan-2024", "A,advance,advance,2023-10-20", "advance_notice"),
        ("inner-mongolia-2023", "A,year,inspected,2023-11-20", "inspection"),
    ],
)
def test_a_fixed_day_of_a_case_stands_once(scenario, row, id_, tmp_path, capsys):
    table = rows(tmp_path / "sp.csv", row)
    out = tmp_path / "out"
    assert run(["calendar", scenario, "--dates", table, "-o", str(out), "--json"]) == 0
    steps = json.loads(capsys.readouterr().out)["steps"]
    assert [(s["case"], s["state"]) for s in steps if s["step"] == id_] == [("A", "done")]
    events = icalendar.Calendar.from_ical((out / "calendar.ics").read_bytes()).walk("VEVENT")
    assert len(events) == len(steps)


def test_a_fixed_day_stands_once_for_each_case_that_has_it(tmp_path):
    table = tmp_path / "sp.csv"
    rows(table, "A,year,spent,2024-12-20", "B,year,spent,2025-01-03")
    calendar = made("yangquan-2024", 2024, known=read_events(table))
    found = [(d.case, d.state, d.late) for d in calendar.deadlines if d.step.id == "court_economy"]
    # three days after 31 December
    assert found == [("A", "done", 0), ("B", "done_late", 3)]


def test_an_event_of_one_chain_needs_no_chain():
    both = {"received": "2025-03-14", "approved": "2025-01-20"}
    cash = made(readings=["delivered=cash"], cash="2025-04-14", **both)
    assert step(cash, "central_total_cash").late == 1
    spent = made("yangquan-2024", 2024, spent="2025-01-01", **both)
    assert (step(spent, "court_economy").late, due(spent, "central_total")) == (1, "2025-04-13")


def test_lateness_is_told_with_its_case_and_chain(tmp_path, capsys):
    first = ["一批,central,received,2025-03-14", "二批,central,received,2025-03-14"]
    command = ["calendar", "inner-mongolia-2025", "--today", "2025-03-25", "--dates"]
    assert run([*command, rows(tmp_path / "d.csv", *first), "--lang", "zh"]) == 1
    out = capsys.readouterr().out
    assert "逾期 2 项：一批 · 分配意见送财政厅、二批 · 分配意见送财政厅" in out
    # 19 February, day 30 of the region's own money, is past too
    table = rows(tmp_path / "d.csv", first[0], "二批,regional,approved,2025-01-20")
    assert run([*command, table, "--lang", "en"]) == 1
    opinion = "allocation opinion to the finance department"
    told = capsys.readouterr().out
    assert f"late: 一批 · central money · {opinion}, 二批 · the region's own money · {opinion}" in told
