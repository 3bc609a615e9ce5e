"""Checks a county table against the list of county-level divisions (GB/T 2260 series, end of 2024).

A prefecture that occurs in the table must be there whole; a province of which most prefectures
occur must be there whole too. Codes of an older list are named with their successor.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.text import Text

DATA = Path(__file__).parent.parent / "data"
MOST_OF = 0.6
"""Share of a province's prefectures from which on the table must cover the province."""
SHOWN = 20


@dataclass(frozen=True, slots=True)
class Division:
    """One county-level division of the list."""

    code: str
    name: str
    prefecture: str
    """Prefecture's name, with the province's where it has none of its own."""
    province: str


@cache
def divisions() -> dict[str, Division]:
    """The list by code."""
    with (DATA / "gb2260_2024.csv").open(encoding="utf-8-sig", newline="") as file:
        return {
            row["code"]: Division(
                row["code"], row["name"], f"{row['province']}{row['prefecture']}", row["province"]
            )
            for row in csv.DictReader(file)
        }


@cache
def successors() -> dict[str, tuple[str, str]]:
    """Code and name of the successor of each old code; empty where none is known."""
    with (DATA / "gb2260_successors.csv").open(encoding="utf-8-sig", newline="") as file:
        return {row["old_code"]: (row["new_code"], row["new_name"]) for row in csv.DictReader(file)}


def check_divisions(counties: Counties, place: Place) -> list[Fault]:
    """Missing divisions, unknown codes, names that differ."""
    known = divisions()
    faults = []
    for i, code in enumerate(counties.codes):
        if code not in known:
            faults.append(_unknown(counties, i))
        elif known[code].name != counties.names[i]:
            faults.append(
                Fault(
                    _place(counties, i, "county"),
                    Text(
                        f"代码 {code} 在区划表中是“{known[code].name}”",
                        f"the code {code} is '{known[code].name}' in the list",
                    ),
                    Text("请检查代码和名称", "check code and name"),
                )
            )
    missing = [known[code] for code in sorted(_expected(counties) - set(counties.codes))]
    for division in missing[:SHOWN]:
        faults.append(
            Fault(
                place,
                Text(
                    f"县表缺少 {division.code} {division.name}（{division.prefecture}）",
                    f"the county table lacks {division.code} {division.name} ({division.prefecture})",
                ),
                Text(
                    "请补上该行；不分配资金的旗县也要列出",
                    "add the row; counties that get nothing are listed too",
                ),
            )
        )
    if len(missing) > SHOWN:
        more = len(missing) - SHOWN
        faults.append(Fault(place, Text(f"另缺 {more} 个", f"{more} more are missing"), Text("", "")))
    return faults


def _expected(counties: Counties) -> set[str]:
    """Codes that a table with these counties must have."""
    known = divisions()
    present = {known[c].prefecture for c in counties.codes if c in known}
    by_province: dict[str, set[str]] = {}
    for division in known.values():
        by_province.setdefault(division.province, set()).add(division.prefecture)
    whole = {
        province
        for province, prefectures in by_province.items()
        if len(prefectures & present) > max(1.0, MOST_OF * len(prefectures))
    }
    return {d.code for d in known.values() if d.prefecture in present or d.province in whole}


def _unknown(counties: Counties, i: int) -> Fault:
    code = counties.codes[i]
    new = successors().get(code)
    if new is not None and new[0]:
        fix = Text(f"旧代码，现为 {new[0]} {new[1]}", f"an old code, now {new[0]} {new[1]}")
    elif new is not None:
        fix = Text(
            "旧代码，区划表中没有对应的区划，请查明归属",
            "an older code without a division of its own in the list; find out where it belongs",
        )
    else:
        fix = Text("请检查代码", "check the code")
    return Fault(
        _place(counties, i, "code"),
        Text(f"区划表中没有代码 {code}", f"the list of divisions has no code {code}"),
        fix,
    )


def _place(counties: Counties, i: int, column: str) -> Place:
    return Place(counties.file, counties.lines[i], county=counties.label(i), column=column)
