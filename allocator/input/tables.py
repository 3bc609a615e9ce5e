"""Tables as people keep them: CSV in several encodings, or .xlsx; cells are text, rows are numbered."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode, read_bytes
from allocator.input.yaml_tree import fault
from allocator.text import Text

MOST_BYTES = 256 << 20


@dataclass(frozen=True)
class Record:
    """One row: its number in the file, and its cells by column."""

    row: int
    cells: dict[str, str]


@dataclass(frozen=True)
class Table:
    """A table: how messages name it, its columns in order, its records."""

    shown: str
    columns: tuple[str, ...]
    records: tuple[Record, ...]

    def place(self, record: Record | None = None, column: str = "", county: str = "") -> Place:
        """A place in this table."""
        return Place(self.shown, None if record is None else record.row, county=county, column=column)


def read_table(path: Path, shown: str, sheets: Sequence[str] = (), required: Sequence[str] = ()) -> Table:
    """The table of a .csv or .xlsx; of a workbook the first sheet named in `sheets`, else its first."""
    data = read_bytes(path, shown, MOST_BYTES)
    if data[:2] == b"PK" or path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        rows = _workbook_rows(data, shown, sheets)
    else:
        rows = _csv_rows(decode(data, shown), shown)
    return _table(rows, shown, required)


def _csv_rows(text: str, shown: str) -> list[tuple[int, list[str]]]:
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows, start = [], 1
    try:
        for cells in reader:
            rows.append((start, cells))
            start = reader.line_num + 1
    except csv.Error as error:
        raise BadInput(
            [
                fault(
                    Place(shown, start),
                    f"CSV 格式错误：{error}",
                    f"malformed CSV: {error}",
                    "请检查引号是否成对",
                    "check that quotes come in pairs",
                )
            ]
        ) from None
    return rows


def _workbook_rows(data: bytes, shown: str, sheets: Sequence[str]) -> list[tuple[int, list[str]]]:
    from python_calamine import CalamineError, CalamineWorkbook  # noqa: PLC0415 - only where needed

    try:
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        names = book.sheet_names
        if not names:
            raise BadInput([fault(Place(shown), "工作簿没有工作表", "the workbook has no sheet")])
        name = next((s for s in sheets if s in names), names[0])
        values = book.get_sheet_by_name(name).to_python(skip_empty_area=False)
    except (CalamineError, OSError, ValueError) as error:
        raise BadInput(
            [
                fault(
                    Place(shown),
                    f"无法读取工作簿：{error}",
                    f"the workbook cannot be read: {error}",
                    "请在 Excel 中另存为 .xlsx",
                    "save it again as .xlsx",
                )
            ]
        ) from None
    return [(row, [_cell_text(v) for v in cells]) for row, cells in enumerate(values, 1)]


def _cell_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


def _table(rows: list[tuple[int, list[str]]], shown: str, required: Sequence[str]) -> Table:
    filled = [(number, cells) for number, cells in rows if any(c.strip() for c in cells)]
    if not filled:
        raise BadInput(
            [
                fault(
                    Place(shown),
                    "表格是空的",
                    "the table is empty",
                    "第一行应为列名",
                    "the first row must name the columns",
                )
            ]
        )
    number, head = filled[0]
    names = [c.strip() for c in head]
    while names and not names[-1]:
        names.pop()
    faults = _head_faults(names, number, shown, required)
    records = []
    for row, cells in filled[1:]:
        surplus = [c for c in cells[len(names) :] if c.strip()]
        if surplus:
            faults.append(
                fault(
                    Place(shown, row),
                    f"该行比表头多出 {len(surplus)} 格",
                    f"the row has {len(surplus)} cells too many",
                    "请检查逗号和引号",
                    "check commas and quotes",
                )
            )
        padded = [c.strip().strip("\u3000") for c in cells[: len(names)]]
        padded += [""] * (len(names) - len(padded))
        records.append(Record(row, dict(zip(names, padded, strict=True))))
    if faults:
        raise BadInput(faults)
    if not records:
        raise BadInput(
            [
                fault(
                    Place(shown),
                    "表格只有表头，没有数据",
                    "the table has a header and no rows",
                    "请填入数据行",
                    "add rows",
                )
            ]
        )
    return Table(shown, tuple(names), tuple(records))


def _head_faults(names: list[str], row: int, shown: str, required: Sequence[str]) -> list[Fault]:
    faults = []
    for position, name in enumerate(names):
        if not name:
            faults.append(
                fault(
                    Place(shown, row),
                    f"第 {position + 1} 列没有列名",
                    f"column {position + 1} has no name",
                    "请填写列名或删除该列",
                    "name it or remove it",
                )
            )
        elif name in names[:position]:
            faults.append(
                fault(
                    Place(shown, row, column=name),
                    "列名重复",
                    "the column stands twice",
                    "请改名或删除其中一列",
                    "rename or remove one",
                )
            )
    for name in required:
        if name not in names:
            listed = "、".join(n for n in names if n)
            faults.append(
                Fault(
                    Place(shown, row, column=name),
                    Text("缺少该列", "this column is missing"),
                    Text(f"现有的列：{listed}", f"columns found: {listed}"),
                )
            )
    return faults
