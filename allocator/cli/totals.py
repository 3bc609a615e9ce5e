"""Control totals: figures to compare with the documents before anything is believed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from decimal import Decimal, InvalidOperation

from allocator.cli.screen import Cell, show_table
from allocator.loaded import Loaded
from allocator.text import Language, Text

NAMES = {
    "counties": Text("旗县数", "Counties"),
    "budget": Text("预算", "Budget"),
    "budget_total": Text("预算合计", "Budget, total"),
    "committed": Text("已下达", "Committed"),
    "committed_total": Text("已下达合计", "Committed, total"),
    "columns": Text("列合计", "Sum of column"),
}


def show_totals(loaded: Loaded, lang: Language) -> None:
    """Prints the control totals as one table."""
    rows = list(_rows(loaded.totals, (), lang))
    columns = [Text("项目", "Item"), Text("数值", "Figure")]
    title = loaded.scenario.title.text(loaded.scenario.name)
    unit = loaded.scenario.unit
    heading = Text(f"{title.zh}：控制总数（金额单位：{unit}）", f"{title.en}: control totals ({unit})")
    show_table(heading, columns, rows, lang)


def _rows(values: Mapping[str, object], path: tuple[str, ...], lang: Language) -> Iterator[tuple[Cell, ...]]:
    for key, value in values.items():
        said = NAMES[key].say(lang) if not path and key in NAMES else str(key)
        if isinstance(value, Mapping):
            yield from _rows(value, (*path, said), lang)
        else:
            yield " · ".join((*path, said)), figure(value)


def figure(value: object) -> Cell:
    """A number as a number, anything else as its text."""
    if isinstance(value, int | Decimal) and not isinstance(value, bool):
        return value
    try:
        return Decimal(str(value))
    except InvalidOperation:
        return str(value)
