"""The pivot layout of a result table: a column for each stream and use, a row for each county."""

from __future__ import annotations

import re
from collections.abc import Iterator
from difflib import get_close_matches

import numpy as np

from allocator.faults import Fault, Place
from allocator.input.result_grid import Grid
from allocator.input.result_layout import cell_keys
from allocator.input.result_reading import AMOUNT, Reading, county_rows, figure, said
from allocator.input.result_totals import check_totals, column_name
from allocator.input.spreadsheet import EmptyText
from allocator.loaded import Loaded
from allocator.text import Text

_KEY = re.compile(r"(?!(stream|use|share)\.)[^\W\d][^\s.]*\.[^\W\d][^\s.]*")
"""What the name of a column of amounts looks like, stream.use, and no column of counties.csv does."""
FEW = 4
"""Names that a message lists."""


def is_pivot(header: list[str], loaded: Loaded) -> bool:
    """Whether a row is the header of a pivot of this scenario."""
    return "code" in header and not set(header).isdisjoint(cell_keys(loaded.problem).values())


def other_scenario(header: list[str], file: str, line: int, loaded: Loaded) -> Fault | None:
    """The fault of a header whose columns of amounts are all another scenario's; None for any other row."""
    strange = [name for name in header if _KEY.fullmatch(name)]
    if "code" not in header or not strange:
        return None
    own, known = Text(*_listed(strange)), Text(*_listed(list(cell_keys(loaded.problem).values())))
    name = loaded.scenario.name
    what = Text(
        f"这是另一个方案的分配表：它的列（{own.zh}）不是方案“{name}”的",
        f"a table of another scenario: its columns ({own.en}) are none of '{name}'",
    )
    fix = Text(
        f"请核对方案与文件；该方案的列：{known.zh}",
        f"check which scenario and which table; the scenario's columns are {known.en}",
    )
    return Fault(Place(file, line), what, fix)


def _listed(names: list[str]) -> tuple[str, str]:
    few = names[:FEW]
    return "、".join(few) + "等" * (len(names) > FEW), ", ".join(few) + ", …" * (len(names) > FEW)


def read_pivot(reading: Reading, grid: Grid, head: int, header: list[str], loaded: Loaded) -> None:
    """Reads every amount; faults of strange columns and of totals that were typed over."""
    keys = {key: pair for pair, key in cell_keys(loaded.problem).items()}
    at: dict[str, int] = {name: header.index(name) for name in ("code", "county") if name in header}
    columns = {place: name for place, name in enumerate(header) if name in keys}
    reading.twice(header, head, {*keys, "code"})
    _strange(reading, header, head, list(keys), grid)
    reading.notices += _missing(header, loaded)
    for line, row, county, label in county_rows(reading, grid, head, at, loaded, list(columns)):
        for place, name in columns.items():
            shown = column_name(name, place, grid)
            text = _text(row[place]) if grid.formulas is not None else None
            if text is not None:
                reading.fault(line, *text, label, shown)
            amount = None if text is not None else reading.amount(line, row[place], label, shown)
            if amount is None:
                reading.unread.add(county)
            else:
                reading.put((county, *keys[name]), amount, line, label, shown)
    check_totals(reading, grid, head, header, loaded)


def _text(cell: object) -> tuple[Text, Text] | None:
    """What is wrong with a text where a spreadsheet's sums need a number, and what to do; else None.

    Its totals skip the text even where it reads like a number, so that no other reading is right.
    """
    if not isinstance(cell, str) or (not cell and not isinstance(cell, EmptyText)):
        return None
    if not said(cell):
        what = Text("空文字，不是空单元格", "a text with nothing in it, which is no blank")
        return what, Text("请清除该单元格，或填写数字", "clear the cell, or enter a number")
    if figure(cell) is None:
        return Text(f"“{said(cell)[:40]}”不是数字", f"'{said(cell)[:40]}' is no number"), AMOUNT
    what = Text(
        f"“{said(cell)[:40]}”是文字，表中的合计不计入它",
        f"'{said(cell)[:40]}' is text, which the totals of the sheet leave out",
    )
    return what, Text("请转换为数字后重新录入", "convert it to a number, or enter it again as one")


def _strange(reading: Reading, header: list[str], head: int, keys: list[str], grid: Grid) -> None:
    """Faults of columns that look like amounts of a stream and use that the scenario has not."""
    free = [key for key in keys if key not in header] or keys
    for place, name in enumerate(header):
        if name not in keys and _KEY.fullmatch(name):
            near = get_close_matches(name, free, FEW, 0.5) or free[:FEW]
            what = Text(
                f"方案中没有资金与用途“{name}”，该列的金额无处可计",
                f"the scenario has no stream and use '{name}': the amounts of this column count nowhere",
            )
            fix = Text(
                f"请改正列名或删去该列；可用：{'、'.join(near)}",
                f"rename the column or delete it; there are: {', '.join(near)}",
            )
            reading.fault(head + 1, what, fix, column=column_name(name, place, grid))


def _missing(header: list[str], loaded: Loaded) -> Iterator[Text]:
    """Notices of columns that are due money and stand nowhere."""
    problem = loaded.problem
    due = np.asarray(problem.open.any(axis=0))
    for (s, u), key in cell_keys(problem).items():
        if due[s, u] and problem.budgets[s] and key not in header:
            yield Text(f"表中没有列 {key}，按零计", f"there is no column {key} in the table: taken as zero")
