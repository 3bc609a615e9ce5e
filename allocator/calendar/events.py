"""Days that are known: from the command line, or from a table of several batches and directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

from allocator.calendar.pack import Book
from allocator.dates import no_date, parse_date
from allocator.faults import Fault, Place
from allocator.input.tables import read_table
from allocator.text import Text

COLUMNS = ("case", "chain", "event", "date")


@dataclass(frozen=True)
class Known:
    """One day that is known, and where the user gave it."""

    case: str
    chain: str
    event: str
    day: date
    place: Place

    def at(self, column: str) -> Place:
        """The cell of a table; of the command line the option."""
        return self.place if self.place.line is None else replace(self.place, column=column)


@dataclass(frozen=True)
class Unread(Known):
    """A day that was given and cannot be read; `day` says nothing."""

    fault: Fault


def from_options(given: Mapping[str, Sequence[str]], book: Book) -> list[Known]:
    """Days given as EVENT → [CHAIN:]DATE; what cannot be read among them, with its fault.

    The chain may be left out where the event belongs to one alone, or where one chain only is started.
    """
    begun = {book.starts[event] for event, texts in given.items() if texts and event in book.starts}
    lone = next(iter(begun)) if len(begun) == 1 else None
    found: list[Known] = []
    for event, texts in given.items():
        for text in texts:
            head, colon, tail = text.partition(":")
            place = Place(f"--{event.replace('_', '-')} {text}")
            chain = head if colon else book.only_in.get(event, lone)
            one = _read("", chain or "", event, tail if colon else text, place, place)
            if chain is None:
                found.append(Unread("", "", event, date.min, place, _which_chain(place, begun)))
            if chain is not None or isinstance(one, Unread):
                found.append(one)
    return found


def _read(case: str, chain: str, event: str, text: str, place: Place, cell: Place) -> Known:
    day = parse_date(text)
    if day is None:
        return Unread(case, chain, event, date.min, place, no_date(cell, text))
    return Known(case, chain, event, day, place)


def _which_chain(place: Place, begun: Iterable[str]) -> Fault:
    names = sorted(begun) or ["central", "regional"]
    example = f"{names[0]}:2025-03-20"
    return Fault(
        place,
        Text("不知道属于哪条资金链", "it is not clear of which chain"),
        Text(f"写成 {example}（{'、'.join(names)}）", f"write {example} ({', '.join(names)})"),
    )


def read_events(path: Path) -> list[Known]:
    """Days of a table with columns case, chain, event, date; BadInput where it is no such table."""
    table = read_table(path, str(path), required=COLUMNS)
    found = []
    for record in table.records:
        case, chain, event, text = (record.cells[column] for column in COLUMNS)
        found.append(_read(case, chain, event, text, table.place(record), table.place(record, "date")))
    return found
