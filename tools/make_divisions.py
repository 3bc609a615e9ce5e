"""Makes the bundled list of county-level divisions, and the successors of older codes.

    python tools/make_divisions.py RAW

RAW holds china_counties.csv, china_census2020_county.csv and poverty_counties_832.csv
(sources in allocator/data/SOURCES.md).
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from pathlib import Path

DATA = Path(__file__).resolve().parent.parent / "allocator" / "data"
COLUMNS = ["code", "name", "prefecture_code", "prefecture", "province_code", "province"]
NOWHERE = {"new_code": "", "new_name": ""}


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(path: Path, columns: list[str], rows: list[dict[str, str]]) -> None:
    """A CSV in UTF-8 with plain line ends."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        writer.writerows(rows)


def successors(raw: Path, current: list[dict[str, str]]) -> list[dict[str, str]]:
    """Older code → today's division, or none where the given data do not name one.

    A code of the 2020 census leads to the division of the same name in the same province, if
    there is exactly one. A code of the list of 832 leads where that list says. Prefecture codes
    (ending in 00), which the list has for two county-level cities, were never a county's.
    """
    by_code = {row["code"]: row for row in current}
    by_name: dict[tuple[str, str], list[dict[str, str]]] = defaultdict(list)
    for row in current:
        by_name[row["province"], row["name"]].append(row)
    found: dict[str, dict[str, str]] = {}

    def add(code: str, name: str, new: dict[str, str] | None, note: str) -> None:
        target = {"new_code": new["code"], "new_name": new["name"]} if new else NOWHERE
        found[code] = {"old_code": code, "old_name": name, **target, "note": note}

    for row in read(raw / "china_census2020_county.csv"):
        code = row["code"]
        if row["level"] != "county" or code in by_code or not code.isdigit():
            continue
        same = by_name[row["province"], row["name"]]
        if len(same) == 1:
            add(code, row["name"], same[0], "2020 census; same name and province")
        elif code[4] in "789":
            add(code, row["name"], None, "2020 census; statistical code, such as a development zone's")
        else:
            add(code, row["name"], None, "2020 census; nothing of this name in the province in 2024")
    for row in read(raw / "poverty_counties_832.csv"):
        old = row["source_code"]
        if old and old != row["code"] and old not in by_code and not old.endswith("00"):
            add(old, row["source_name"], by_code.get(row["code"]), "list of 832 former poverty counties")
    return [found[code] for code in sorted(found)]


def main(raw: Path) -> None:
    """Write both files."""
    current = read(raw / "china_counties.csv")
    write(DATA / "gb2260_2024.csv", COLUMNS, current)
    rows = successors(raw, current)
    write(DATA / "gb2260_successors.csv", ["old_code", "old_name", "new_code", "new_name", "note"], rows)
    print(f"{len(current)} divisions, {len(rows)} older codes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
