"""Tables as people keep them: CSV in several encodings, or .xlsx; cells are text, rows are numbered."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode, read_bytes
from allocator.input.spreadsheet import LARGEST, Void, read_sheets
from allocator.input.yaml_tree import fault
from allocator.text import Text

MOST_BYTES = LARGEST
Row = tuple[int, Sequence[object]]
"""Number of a row in the file, and its cells: texts, or Voids of a workbook."""


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


def _csv_rows(text: str, shown: str) -> list[Row]:
    head = text.split("\n", 1)[0]
    separator = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
    rows: list[Row] = []
    start = 1
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


def _workbook_rows(data: bytes, shown: str, sheets: Sequence[str]) -> list[Row]:
    def choose(names: list[str]) -> list[str]:
        if not names:
            raise BadInput([fault(Place(shown), "工作簿没有工作表", "the workbook has no sheet")])
        return [next((s for s in sheets if s in names), names[0])]

    (sheet,) = read_sheets(data, shown, choose)
    return [(row, [_cell_text(v) for v in cells]) for row, cells in enumerate(sheet.rows, 1)]


def _cell_text(value: object) -> object:
    """A cell as text; what has no value stays what it is."""
    if isinstance(value, Void):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return "" if value is None else str(value)


def _table(rows: list[Row], shown: str, required: Sequence[str]) -> Table:
    filled = [(number, cells) for number, cells in rows if any(str(c).strip() for c in cells)]
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
    names = [str(c).strip() for c in head]
    while names and not names[-1]:
        names.pop()
    faults = _head_faults(names, number, shown, required)
    records = _records(filled[1:], names, shown, faults)
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


def _records(rows: list[Row], names: list[str], shown: str, faults: list[Fault]) -> list[Record]:
    records = []
    for row, cells in rows:
        surplus = [c for c in cells[len(names) :] if str(c).strip()]
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
        padded = [str(c).strip().strip("\u3000") for c in cells[: len(names)]]
        padded += [""] * (len(names) - len(padded))
        records.append(Record(row, dict(zip(names, padded, strict=True))))
        faults += _void_faults(records[-1], cells, names, shown)
    return records


def _void_faults(record: Record, cells: Sequence[object], names: list[str], shown: str) -> Iterator[Fault]:
    """Cells without a value: as blanks they would pass for figures that nobody has."""
    county = f"{record.cells.get('code', '')} {record.cells.get('county', '')}".strip()
    for name, cell in zip(names, cells, strict=False):
        if isinstance(cell, Void):
            yield Fault(Place(shown, record.row, county=county, column=name), cell.what, cell.fix)


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
