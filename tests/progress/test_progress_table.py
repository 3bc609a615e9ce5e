"""The progress table is read exactly, with every fault at once."""

from __future__ import annotations

import random
from datetime import date
from fractions import Fraction as F

import openpyxl
import pytest

from allocator.faults import BadInput
from allocator.progress.spending import schedule_of
from allocator.progress.table import read_progress
from tests.progress.progress_cases import FOUR, JUNE, NAMES, judged, row

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
