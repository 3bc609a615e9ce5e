"""A result table as it lies in a file: grids of raw cells, from CSV or from a spreadsheet."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode, read_bytes
from allocator.input.sheet_cells import At
from allocator.input.spreadsheet import LARGEST, OLE, ZIP, read_sheets
from allocator.text import Text


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, or the whole CSV: rows from the first, cells as text, numbers, blanks or Voids."""

    sheet: str
    """Name of the sheet; empty for a CSV."""
    rows: Sequence[Sequence[object]]
    formulas: frozenset[At] | None = None
    """Where formulas stand; None for a CSV, which has figures alone."""


def read_grids(path: Path, names: Sequence[str]) -> list[Grid]:
    """The only sheet of a file, or those of `names`, in that order; raises BadInput where there is none."""
    content = read_bytes(path, str(path), LARGEST)
    if not content.startswith((ZIP, OLE)):
        return [_csv(path, content)]

    def choose(sheets: list[str]) -> list[str]:
        by_name = {sheet.strip(): sheet for sheet in sheets}
        wanted = [by_name[name] for name in names if name in by_name][:2]
        if len(sheets) == 1 or wanted:
            return wanted if len(sheets) > 1 else sheets
        raise BadInput([_no_sheet(path, names)])

    sheets = read_sheets(content, str(path), choose)
    return [Grid(sheet.name, sheet.rows, sheet.formulas) for sheet in sheets]


def _no_sheet(path: Path, names: Sequence[str]) -> Fault:
    what = Text(
        f"没有名为 {'、'.join(names)} 的工作表",
        f"no sheet named {', '.join(names)}",
    )
    return Fault(
        Place(str(path)),
        what,
        Text("请把分配表的工作表改回这个名字", "give the sheet with the table that name"),
    )


def _csv(path: Path, content: bytes) -> Grid:
    text = decode(content, str(path))
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    try:
        return Grid("", list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)))
    except csv.Error as error:
        what = Text(f"不是有效的 CSV（{error}）", f"no valid CSV ({error})")
        raise BadInput(
            [Fault(Place(str(path)), what, Text("请另存为 CSV UTF-8", "save it as CSV UTF-8"))]
        ) from None
