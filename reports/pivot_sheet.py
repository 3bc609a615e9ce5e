"""The sheet that a meeting reads and edits: counties under their prefecture, live totals above them.

Cells of a stream and use are figures to change; every total follows. A hidden row of keys
(code, county, stream.use) lets `allocator verify` read the sheet back.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import groupby, pairwise
from typing import Any

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from allocator.text import Language, Text
from reports.figures import change
from reports.outcome import Outcome
from reports.pivot_columns import ENTITLEMENT, TOTAL, Money, money_columns
from reports.plain_sheet import LONGEST_TEXT, Formats, money_format, print_setup, width_of
from reports.sheet_sums import sum_formula

NAMES = (
    (Text("盟市", "Prefecture"), "prefecture", 16),
    (Text("代码", "Code"), "code", 9),
    (Text("旗县", "County"), "county", 20),
)
TITLE, UNIT, GROUPS, TITLES, KEYS, FIRST = range(6)
"""Rows of the head, and the row of the grand total."""
BANDS = {"total": "#DCE6F1", "subtotal": "#F2F2F2", "county": ""}
DEPARTURE = Text("偏离", "Departure")
PLACES = 4
"""Decimals of a departure, as its percentage shows."""


@dataclass(frozen=True, slots=True)
class Line:
    """One row of the body: a county, or the sum of the sheet's rows `first` to `last`."""

    level: str
    names: tuple[str, str, str]
    members: tuple[int, ...]
    first: int = 0
    last: int = 0


@dataclass(frozen=True, slots=True)
class Pivot:
    """What the writing functions share."""

    sheet: Any
    formats: Formats
    columns: tuple[Money, ...]
    places: tuple[int, ...]
    """Column of the sheet of each of `columns`."""
    departure: int
    digits: int
    lang: Language

    def at(self, name: str) -> int:
        """Column of the sheet of a named column."""
        return self.places[next(k for k, c in enumerate(self.columns) if c.name == name)]


def pivot_sheet(sheet: Any, outcome: Outcome, formats: Formats, lang: Language) -> None:
    """Writes the sheet."""
    columns = tuple(money_columns(outcome))
    # the departure stands right of the two totals
    places = tuple(len(NAMES) + k + (k >= 2) for k in range(len(columns)))
    pivot = Pivot(sheet, formats, columns, places, len(NAMES) + 2, outcome.places, lang)
    title = outcome.loaded.scenario.title.text(outcome.loaded.scenario.name).say(lang)
    _head(pivot, title, outcome.loaded.scenario.unit)
    for row, line in enumerate(_lines(outcome, lang), start=FIRST):
        _line(pivot, row, line)
    sheet.outline_settings(symbols_below=False)
    sheet.freeze_panes(FIRST, len(NAMES))
    widths = _widths(pivot)
    for place, width in enumerate(widths):
        sheet.set_column(place, place, width)
    print_setup(sheet, FIRST, len(NAMES), widths, lang)


def _lines(outcome: Outcome, lang: Language) -> Iterator[Line]:
    known = outcome.loaded.counties
    members = known.prefecture_members
    height = len(known) + len(members)
    everyone = tuple(range(len(known)))
    total = Text("合计", "Total").say(lang)
    yield Line("total", (total, "", ""), everyone, FIRST + 1, FIRST + height)
    row = FIRST + 1
    subtotal = Text("小计", "Subtotal").say(lang)
    for prefecture, rows in members.items():
        own = tuple(rows.tolist())
        yield Line("subtotal", (prefecture, "", subtotal), own, row + 1, row + len(own))
        for i in own:
            yield Line("county", (prefecture, known.codes[i], known.names[i]), (i,))
        row += len(own) + 1


def _head(pivot: Pivot, title: str, unit: str) -> None:
    sheet, formats, lang = pivot.sheet, pivot.formats, pivot.lang
    said = Text(f"单位：{unit}", f"Unit: {unit}").say(lang)
    sheet.write_string(TITLE, 0, title[:LONGEST_TEXT], formats(bold=True, font_size=16))
    sheet.write_string(UNIT, 0, said, formats())
    header = formats(
        bold=True, bg_color=BANDS["total"], border=1, text_wrap=True, align="center", valign="vcenter"
    )
    for place, (name, key, _) in enumerate(NAMES):
        sheet.merge_range(GROUPS, place, TITLES, place, name.say(lang), header)
        sheet.write_string(KEYS, place, key, formats())
    _group_headings(pivot, header)
    sheet.write_string(TITLES, pivot.departure, DEPARTURE.say(lang), header)
    for column, place in zip(pivot.columns, pivot.places, strict=True):
        sheet.write_string(TITLES, place, column.title.say(lang)[:LONGEST_TEXT], header)
        sheet.write_string(KEYS, place, column.key, formats())
    for row, height in ((TITLE, 26), (GROUPS, 30), (TITLES, 30)):
        sheet.set_row(row, height)
    sheet.set_row(KEYS, None, None, {"hidden": True})


def _widths(pivot: Pivot) -> list[float]:
    """Width of every column, wide enough for its grand total."""
    widths: dict[int, float] = {place: width for place, (_, _, width) in enumerate(NAMES)}
    widths[pivot.departure] = 10
    for column, place in zip(pivot.columns, pivot.places, strict=True):
        figure = len(f"{int(sum(column.values)):,}") + (pivot.digits + 1 if pivot.digits else 0)
        alone = sum(c.group == column.group for c in pivot.columns) == 1
        group = width_of(column.group.say(pivot.lang)) if alone else 0
        heading = max(width_of(column.title.say(pivot.lang)), group)
        widths[place] = max(figure + 3, min(heading + 2, 14))
    return [widths[place] for place in sorted(widths)]


def _group_headings(pivot: Pivot, header: Any) -> None:
    pairs = zip(pivot.columns, pivot.places, strict=True)
    starts = [list(run) for _, run in groupby(pairs, key=lambda pair: pair[0].group)]
    edges = [run[0][1] for run in starts] + [max(pivot.places) + 1]
    for run, (first, after) in zip(starts, pairwise(edges), strict=True):
        text = run[0][0].group.say(pivot.lang)[:LONGEST_TEXT]
        if after - first > 1:
            pivot.sheet.merge_range(GROUPS, first, GROUPS, after - 1, "", header)
        pivot.sheet.write_string(GROUPS, first, text, header)


def _line(pivot: Pivot, row: int, line: Line) -> None:
    look: dict[str, object] = {"border": 1, "border_color": "#BFBFBF"}
    if line.level != "county":
        look |= {"bold": True, "bg_color": BANDS[line.level]}
    for place, name in enumerate(line.names):
        own = look | ({"font_color": "#7F7F7F"} if line.level == "county" and place < 2 else {})
        pivot.sheet.write_string(row, place, name[:LONGEST_TEXT], pivot.formats(**own))
    style = pivot.formats(**look, num_format=money_format(pivot.digits))
    for column, place in zip(pivot.columns, pivot.places, strict=True):
        value = float(_sum(column.values, line.members))
        formula = _formula(pivot, column, place, row, line)
        if formula:
            pivot.sheet.write_formula(row, place, formula, style, value)
        else:
            pivot.sheet.write_number(row, place, value, style)
    _departure(pivot, row, line, pivot.formats(**look, num_format="0.00%;[Red]-0.00%"))
    if line.level == "county":
        pivot.sheet.set_row(row, None, None, {"level": 1})


def _formula(pivot: Pivot, column: Money, place: int, row: int, line: Line) -> str:
    if line.level != "county":
        letter = xl_col_to_name(place)
        return f"=SUBTOTAL(9,{letter}{line.first + 1}:{letter}{line.last + 1})"
    if not column.adds:
        return ""
    return sum_formula(row, map(pivot.at, column.adds))


def _departure(pivot: Pivot, row: int, line: Line, style: Any) -> None:
    due, paid = pivot.at(ENTITLEMENT), pivot.at(TOTAL)
    by_name = {c.name: c for c in pivot.columns}
    shown = change(_sum(by_name[TOTAL].values, line.members), _sum(by_name[ENTITLEMENT].values, line.members))
    below, above = xl_rowcol_to_cell(row, due), xl_rowcol_to_cell(row, paid)
    # rounded, or a binary remainder of nothing shows as −0.00 %
    formula = f'=IF({below}=0,"",ROUND({above}/{below}-1,{PLACES}))'
    value: float | str = "" if shown is None else round(float(shown), PLACES)
    pivot.sheet.write_formula(row, pivot.departure, formula, style, value)


def _sum(values: Sequence[Fraction], members: tuple[int, ...]) -> Fraction:
    return sum((values[i] for i in members), Fraction(0))
