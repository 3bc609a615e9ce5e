"""Tables and lines on the terminal: 80 columns are enough, colours only where they show."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

import click
from rich.cells import cell_len
from rich.console import Console
from rich.table import Table
from rich.text import Text as Styled

from allocator.cli.words import message, safe
from allocator.text import Language, Text

Cell = str | int | Decimal | None
NUMBER = re.compile(r"([-+−]?[0-9][0-9,.]*(%|/[0-9]+)?)?")
"""What stands right in its column, as a blank does."""


def screen() -> Console:
    """The terminal, or whatever stdout is."""
    return Console(file=sys.stdout, highlight=False, markup=False, emoji=False)


def show_table(
    title: Text,
    columns: Sequence[Text],
    rows: Iterable[Sequence[Cell]],
    lang: Language,
    red: Iterable[int] = (),
) -> None:
    """A table; columns whose cells are all numbers stand right; rows in `red` stand out."""
    body = [list(row) for row in rows]
    alarming = set(red)
    table = Table(
        header_style="bold",
        box=None,
        pad_edge=False,
        padding=(0, 2, 0, 0),
    )
    for place, heading in enumerate(columns):
        cells = [_shown(row[place]) for row in body]
        numeric = all(NUMBER.fullmatch(cell) for cell in cells)
        table.add_column(
            heading.say(lang),
            justify="right" if numeric else "left",
            # numbers stay whole, their headings may wrap
            min_width=max(map(cell_len, cells), default=0) if numeric else None,
            overflow="fold",
        )
    for k, row in enumerate(body):
        table.add_row(*(Styled(_shown(cell)) for cell in row), style="red" if k in alarming else "")
    console = screen()
    console.print(Styled(safe(title.say(lang)), style="bold"))
    console.print(table, "")


def percent(share: Decimal | None) -> str:
    """A ratio with its sign, as a percentage."""
    return "" if share is None else f"{share * 100:+.2f}%"


def notices(found: Iterable[Text], lang: Language) -> None:
    """Notices to stderr, one a line."""
    for notice in found:
        message(Text("注意：", "Note: ").say(lang) + notice.say(lang))


def print_json(value: Mapping[str, Any]) -> None:
    """One JSON object on stdout."""
    from reports.run_record import plain  # noqa: PLC0415 - only where it is asked for

    click.echo(json.dumps(value, ensure_ascii=False, default=plain))


def _shown(cell: Cell) -> str:
    if isinstance(cell, int | Decimal):
        return format(cell, ",")
    return "" if cell is None else safe(cell)
