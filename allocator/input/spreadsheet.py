"""Sheets of an .xlsx: values, and beside them what a value does not show.

An error and a formula that nobody computed have no value, and read as blanks they would be zeros. Which
cells these are only the XML of the file says, so that other spreadsheet formats are refused.
"""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.input.sheet_cells import At, SheetCells, scan_sheet, tags
from allocator.text import Text

ZIP, OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"
LARGEST = 256 << 20
"""Bytes of the largest file read, packed or unpacked."""
BOOK, RELATIONS = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
SAVE = Text("请另存为 .xlsx（不要加密）", "save it as .xlsx, without a password")


@dataclass(frozen=True, slots=True)
class Void:
    """A cell that has no value to read: an error, or a formula that was never computed."""

    shown: str
    what: Text
    fix: Text

    def __str__(self) -> str:
        return self.shown


class EmptyText(str):
    """A text of no characters, such as a formula may give: to a spreadsheet no blank and no zero."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Sheet:
    """One sheet: rows from the first, cells as text, numbers, blanks or Voids."""

    name: str
    rows: Sequence[Sequence[object]]
    formulas: frozenset[At]


def read_sheets(data: bytes, shown: str, choose: Callable[[list[str]], Sequence[str]]) -> list[Sheet]:
    """The sheets that `choose` names among all; raises BadInput where the file is no readable .xlsx."""
    from python_calamine import load_workbook  # noqa: PLC0415 - only where a spreadsheet is read

    with _plainly(shown):
        packed = _opened(data, shown)
        paths = _paths(packed)
        book = load_workbook(io.BytesIO(data))
        names = book.sheet_names
    chosen = choose(names)
    with _plainly(shown), packed:
        return [_sheet(name, book, packed, paths[name]) for name in chosen]


def _opened(data: bytes, shown: str) -> zipfile.ZipFile:
    packed = zipfile.ZipFile(io.BytesIO(data)) if data.startswith(ZIP) else None
    if packed is None or BOOK not in _members(packed):
        what = Text("不是未加密的 .xlsx 工作簿", "no .xlsx workbook, or one with a password")
        raise BadInput([Fault(Place(shown), what, SAVE)])
    if sum(member.file_size for member in packed.infolist()) > LARGEST:
        raise ValueError(f"larger than {LARGEST >> 20} MiB")
    return packed


def _members(packed: zipfile.ZipFile) -> dict[str, str]:
    """Name of each part → name as it stands in the file; some programs write them otherwise."""
    return {name.replace("\\", "/").lower(): name for name in packed.namelist()}


def _paths(packed: zipfile.ZipFile) -> dict[str, str]:
    """Sheet → the part of the file that holds it."""
    members = _members(packed)
    with packed.open(members[RELATIONS]) as stream:
        targets = {a["Id"]: a["Target"] for name, a in tags(stream) if name == "Relationship"}
    found = {}
    with packed.open(members[BOOK]) as stream:
        for name, attributes in tags(stream):
            own = next((v for k, v in attributes.items() if k.endswith("}id")), None)
            if name == "sheet" and own in targets:
                target = targets[own].lstrip("/")
                path = target if target.startswith("xl/") else f"xl/{target}"
                found[attributes["name"]] = members.get(path.lower(), path)
    return found


def _sheet(name: str, book: Any, packed: zipfile.ZipFile, path: str) -> Sheet:
    with packed.open(path) as stream:
        cells = scan_sheet(stream)
    rows = [list(row) for row in book.get_sheet_by_name(name).to_python(skip_empty_area=False)]
    for at, void in _voids(cells):
        _put(rows, at, void)
    for at in cells.texts:
        if _held(rows, at) == "":
            _put(rows, at, EmptyText())
    return Sheet(name, rows, frozenset(cells.formulas))


def _voids(cells: SheetCells) -> Iterator[tuple[At, Void]]:
    for at, error in cells.errors.items():
        what = Text(f"单元格是错误值 {error}", f"the cell holds an error, {error}")
        yield at, Void(error, what, Text("请改正公式，或填写数值", "mend the formula, or enter the value"))
    for at, formula in cells.uncomputed.items():
        what = Text(f"公式还没有结果：{formula[:40]}", f"a formula without a result: {formula[:40]}")
        fix = Text(
            "请用表格软件打开、计算并保存，或填写数值",
            "let a spreadsheet compute and save it, or enter the value",
        )
        yield at, Void(formula, what, fix)


def _held(rows: list[list[Any]], at: At) -> object:
    row, column = at
    return rows[row][column] if row < len(rows) and column < len(rows[row]) else ""


def _put(rows: list[list[Any]], at: At, cell: object) -> None:
    """A cell into the grid, which ends where values do."""
    row, column = at
    rows.extend([] for _ in range(row + 1 - len(rows)))
    rows[row].extend([""] * (column + 1 - len(rows[row])))
    rows[row][column] = cell


@contextmanager
def _plainly(shown: str) -> Iterator[None]:
    """Whatever goes wrong inside a broken file, in plain words."""
    try:
        yield
    except BadInput:
        raise
    except Exception as error:
        what = Text(f"无法读取工作簿（{error}）", f"the workbook cannot be read ({error})")
        raise BadInput([Fault(Place(shown), what, SAVE)]) from error
