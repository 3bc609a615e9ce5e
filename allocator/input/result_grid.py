"""A result table as it lies in a file: grids of raw cells, from CSV or from a spreadsheet."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode, read_bytes
from allocator.text import Text

LARGEST = 256 << 20
"""Bytes of the largest file read, packed or unpacked."""

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


@dataclass(frozen=True, slots=True)
class Grid:
    """One sheet, or the whole CSV: rows from the first, cells as text, numbers or blanks."""

    sheet: str
    """Name of the sheet; empty for a CSV."""
    rows: Sequence[Sequence[object]]


def read_grids(path: Path) -> list[Grid]:
    """All sheets of a file; raises BadInput where it is none that can be read."""
    content = read_bytes(path, str(path), LARGEST)
    return _spreadsheet(path, content) if content.startswith((ZIP, OLE)) else [_csv(path, content)]


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


def _spreadsheet(path: Path, content: bytes) -> list[Grid]:
    from python_calamine import load_workbook  # noqa: PLC0415 - only where a spreadsheet is read

    try:
        if content.startswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(content)) as packed:
                if sum(member.file_size for member in packed.infolist()) > LARGEST:
                    raise ValueError("too large")
        book = load_workbook(io.BytesIO(content))
        return [
            Grid(name, book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in book.sheet_names
        ]
    except Exception as error:
        raise BadInput(
            [
                Fault(
                    Place(str(path)),
                    Text("不是可以读取的电子表格", "no readable spreadsheet"),
                    Text("请另存为 .xlsx 或 CSV（不要加密）", "save it as .xlsx or CSV, without a password"),
                )
            ]
        ) from error
