"""allocator calendar from end to end: exit codes, files, and the .ics read back by another program."""

from __future__ import annotations

import csv
import io
import json
from datetime import date

import icalendar
import pytest

from allocator.calendar.events import Known
from allocator.calendar.pack import book, chosen_readings, named_pack
from allocator.calendar.plan import make_calendar
from allocator.cli.main import run
from allocator.faults import Place
from allocator.text import Text
from reports.calendar.files import calendar_files
from reports.calendar.ics import LONGEST, escaped, folded

NM = "inner-mongolia-2022"
HOSTILE = "一批;甲,乙\\丙\n=cmd|x" + "很长" * 40 + "\x07"


def ordered(command):
    return ["calendar", "inner-mongolia-2025", *command]


def calendar(case="", title="方案", event="opinion", day=date(2025, 3, 20), today=None):
    place = Place("test")
    known = [
        Known(case, "central", "received", date(2025, 3, 14), place),
        Known(case, "central", event, day, place),
    ]
    pack = named_pack(NM)
    scenario = ("plan", Text(title, title), 2025)
    return make_calendar(scenario, (NM, pack), chosen_readings(pack, []), known, today=today)


def events(content):
    return {str(e["UID"]): e for e in icalendar.Calendar.from_ical(content).walk("VEVENT")}


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_file_is_read_back_by_another_program(lang):
    made = calendar(case=HOSTILE, title=HOSTILE)
    content = calendar_files(made, lang)["calendar.ics"]
    lines = content.split(b"\r\n")
    assert lines[-1] == b""
    assert not any(b"\n" in line or b"\r" in line for line in lines)
    assert max(len(line) for line in lines) <= LONGEST
    found = events(content)
    assert len(found) == len(made.deadlines)
    by_day = sorted((e["DTSTART"].dt, e["DTEND"].dt) for e in found.values())
    assert [start for start, _ in by_day] == sorted(d.due for d in made.deadlines)
    assert all((end - start).days == 1 for start, end in by_day)
    central = [e for e in found.values() if "一批" in str(e["SUMMARY"])]
    assert len(central) == 6
    # escaped and folded, and the same again: only the bell, which no text may hold, is replaced
    clean = HOSTILE.replace("\x07", "\N{REPLACEMENT CHARACTER}")
    assert all(str(e["SUMMARY"]).startswith(clean) for e in central)
    assert all(str(e["DTSTAMP"].dt.date()) == "2025-03-20" for e in found.values())
    quotes = {d.step.quote for d in made.deadlines}
    assert all(any(q in str(e["DESCRIPTION"]) for q in quotes) for e in found.values())


def test_a_later_export_replaces_the_earlier_one():
    first, second = calendar(), calendar(event="opinion", day=date(2025, 3, 26), today=date(2025, 3, 30))
    before, after = (events(calendar_files(one, "zh")["calendar.ics"]) for one in (first, second))
    assert before.keys() == after.keys()
    late = [e for e in after.values() if "逾期" in str(e["SUMMARY"])]
    assert [str(e["SUMMARY"]) for e in late] == ["【逾期 2 天】分配意见送财政厅"]
    assert all(after[uid]["DTSTAMP"].dt > before[uid]["DTSTAMP"].dt for uid in before)
    # another case has events of its own
    other = events(calendar_files(calendar(case="二批"), "zh")["calendar.ics"])
    shared = before.keys() & other.keys()
    assert {str(before[uid]["DTSTART"].dt) for uid in shared} == {"2024-10-31", "2024-11-30"}
    assert calendar_files(first, "zh") == calendar_files(calendar(), "zh")


def test_what_recurs_is_a_rule():
    pack = named_pack("daxinganling-2026")
    scenario = ("plan", Text("方案", "Plan"), 2026)
    made = make_calendar(scenario, ("daxinganling-2026", pack), chosen_readings(pack, []), [])
    rules = {
        str(e["SUMMARY"]): e
        for e in events(calendar_files(made, "zh")["calendar.ics"]).values()
        if "RRULE" in e
    }
    assert {name.split("：")[0] for name in rules} == {"周调度", "月会商", "季通报"}
    quarter = rules["季通报"]
    assert (quarter["DTSTART"].dt, quarter["RRULE"]["BYMONTHDAY"]) == (date(2026, 3, 31), [-1])
    assert rules["周调度：上报周调度报告"]["DTSTART"].dt == date(2026, 1, 4)


def test_text_is_escaped_and_folded_within_75_octets():
    assert escaped("a;b,c\\d\r\ne") == "a\\;b\\,c\\\\d\\ne"
    line = "DESCRIPTION:" + "汉" * 60
    parts = folded(line).split("\r\n")
    assert [len(part.encode()) <= LONGEST for part in parts] == [True] * len(parts)
    assert parts[-1] == ""
    assert parts[0] + "".join(part[1:] for part in parts[1:-1]) == line
    assert all(part.startswith(" ") for part in parts[1:-1])


def test_exit_codes_and_files(tmp_path, capsys):
    base = ordered(["--received", "2025-03-14"])
    assert run([*base, "--lang", "zh"]) == 0
    out, err = capsys.readouterr()
    assert "2025-04-13" in out
    assert "余量 30 − 30 = 0 天；用足时限共 60 天" in out
    assert "--approved" in err
    folder = tmp_path / "out"
    assert run([*base, "--opinion", "2025-03-26", "-o", str(folder), "--lang", "en"]) == 1
    assert "1 late: allocation opinion" in capsys.readouterr().out
    assert sorted(p.name for p in folder.iterdir()) == ["calendar.csv", "calendar.ics", "run.json"]
    rows = list(
        csv.DictReader(io.StringIO((folder / "calendar.csv").read_bytes().decode("utf-8-sig"), newline=""))
    )
    late = {row["step"]: row["late"] for row in rows}
    assert late["central_opinion"] == "2"
    # the next week's calendar takes the place of this one; a file that was edited stays
    assert run([*base, "--opinion", "2025-03-26", "--today", "2025-04-01", "-o", str(folder)]) == 1
    (folder / "calendar.csv").write_text("mine", encoding="utf-8")
    assert run([*base, "--opinion", "2025-03-26", "-o", str(folder)]) == 2
    assert (folder / "calendar.csv").read_text(encoding="utf-8") == "mine"


def test_english_table_fits_80_columns(capsys):
    base = ordered(["--received", "2025-03-14"])
    assert run([*base, "--opinion", "2025-03-20", "--today", "2025-03-25", "--lang", "en"]) == 0
    shown = capsys.readouterr().out.split("central money\n")[1].split("\n\n")[0].splitlines()
    assert max(map(len, shown)) <= 80
    assert shown[0].split() == ["Step", "Department", "Days", "Due", "Done", "Left", "State"]
    assert "2025-04-03*" in "".join(shown)


def test_json_says_what_the_table_says(capsys):
    code = run(ordered(["--received", "2025-01-23", "--working-days", "--today", "2025-02-13", "--json"]))
    found = json.loads(capsys.readouterr().out)
    assert code == 1
    assert (found["pack"], found["working_days"], found["late"]) == (NM, True, 1)
    opinion = next(s for s in found["steps"] if s["step"] == "central_opinion")
    assert (opinion["due"], opinion["left"], opinion["late_by"]) == ("2025-02-12", -1, 1)
    assert found["limits"][0]["slack"] == 0


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_packs_are_listed(capsys, lang):
    assert run(["calendar", "--packs", "--lang", lang]) == 0
    out = capsys.readouterr().out
    assert all(name in out for name in book().packs)
    assert run(["calendar", "--packs", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["packs"]
    assert [one["name"] for one in listed] == list(book().packs)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["calendar"], "SCENARIO"),
        (ordered(["--received", "soon"]), "--received soon"),
        (ordered(["--today", "soon"]), "--today"),
        (ordered(["--holidays", "x.csv"]), "--working-days"),
        (ordered(["--working-days", "--holidays", "x.csv"]), "x.csv"),
        (ordered(["--pack", "mars"]), "--pack mars"),
        (ordered(["--reading", "review=maybe"]), "inside"),
        (ordered(["--dates", "x.csv"]), "x.csv"),
    ],
)
def test_wrong_input_is_told_and_exits_2(arguments, said, capsys):
    assert run([*arguments, "--lang", "en"]) == 2
    assert said in capsys.readouterr().err
