"""Days that are known: from the command line, or from a table of several batches and directions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import pairwise
from pathlib import Path

from allocator.calendar.days import Clock
from allocator.calendar.pack import Book, Step
from allocator.calendar.steps import ChainDates
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.input.pydantic_faults import shorten
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


def from_options(given: Mapping[str, Sequence[str]], book: Book) -> list[Known]:
    """Days given as EVENT → [CHAIN:]DATE; raises BadInput with every fault.

    The chain may be left out where the event starts one, or where one chain only is started.
    """
    starts = {chain.start: name for name, chain in book.chains.items() if chain.start != "spent"}
    begun = {starts[event] for event, texts in given.items() if texts and event in starts}
    lone = next(iter(begun)) if len(begun) == 1 else None
    found: list[Known] = []
    faults: list[Fault] = []
    for event, texts in given.items():
        for text in texts:
            head, colon, tail = text.partition(":")
            place = Place(f"--{event.replace('_', '-')} {text}")
            chain = head if colon else starts.get(event, lone)
            day = parse_date(tail if colon else text)
            if day is None:
                faults.append(no_date(place, tail if colon else text))
            elif chain is None:
                faults.append(_which_chain(place, begun))
            else:
                found.append(Known("", chain, event, day, place))
    _refuse(faults)
    return found


def _which_chain(place: Place, begun: Iterable[str]) -> Fault:
    names = sorted(begun) or ["central", "regional"]
    example = f"{names[0]}:2025-03-20"
    return Fault(
        place,
        Text("不知道属于哪条资金链", "it is not clear of which chain"),
        Text(f"写成 {example}（{'、'.join(names)}）", f"write {example} ({', '.join(names)})"),
    )


def read_events(path: Path) -> list[Known]:
    """Days of a table with columns case, chain, event, date; raises BadInput with every fault."""
    table = read_table(path, str(path), required=COLUMNS)
    found, faults = [], []
    for record in table.records:
        cells = record.cells
        day = parse_date(cells["date"])
        if day is None:
            faults.append(no_date(table.place(record, "date"), cells["date"]))
        else:
            found.append(Known(cells["case"], cells["chain"], cells["event"], day, table.place(record)))
    _refuse(faults)
    return found


def chain_dates(
    known: Iterable[Known], steps: Sequence[Step], book: Book, clock: Clock
) -> dict[tuple[str, str], ChainDates]:
    """(case, chain) → its steps and days; raises BadInput for days that fit no chain or order."""
    by_chain: dict[tuple[str, str], dict[str, Known]] = {}
    faults: list[Fault] = []
    of_chain = {name: tuple(s for s in steps if s.chain == name) for name in book.chains}
    for one in known:
        days = by_chain.setdefault((one.case, one.chain), {})
        events = ChainDates(of_chain.get(one.chain, ()), {}).ordered_events()
        events += [s.end for s in of_chain.get(one.chain, ()) if s.on and s.end and s.end not in events]
        if one.event not in events:
            faults.append(_unknown(one, events, [name for name, own in of_chain.items() if own]))
        elif one.event in days:
            faults.append(_again(one))
        else:
            days[one.event] = one
    found = {}
    for (case, chain), days in by_chain.items():
        dates = ChainDates(of_chain.get(chain, ()), {e: k.day for e, k in days.items()}, clock)
        faults += _order_faults(days, dates, book)
        found[case, chain] = dates
    _refuse(faults)
    return found


def _unknown(one: Known, events: Sequence[str], chains: Sequence[str]) -> Fault:
    if not events:
        return Fault(
            one.place,
            Text(f"该规则包没有资金链 {shorten(one.chain)}", f"the pack has no chain {shorten(one.chain)}"),
            Text(f"可用的：{'、'.join(chains)}", f"use: {', '.join(chains)}"),
        )
    return Fault(
        one.place,
        Text(
            f"资金链 {one.chain} 没有环节 {shorten(one.event)}（按所选口径）",
            f"chain {one.chain} has no event {shorten(one.event)} under the chosen readings",
        ),
        Text(f"可用的：{'、'.join(events)}", f"use: {', '.join(events)}"),
    )


def _again(one: Known) -> Fault:
    return Fault(
        one.place,
        Text(f"环节 {one.event} 给了两个日期", f"event {one.event} has two dates"),
        Text("只留一个；多批资金请用 --dates", "keep one; for several batches use --dates"),
    )


def _order_faults(days: Mapping[str, Known], dates: ChainDates, book: Book) -> list[Fault]:
    """Events before those that they follow, and chains without their start."""
    if not days:
        return []
    first = next(iter(days.values()))
    events = dates.ordered_events()
    start = book.chains[first.chain].start if first.chain in book.chains else ""
    faults = []
    if start in events and start not in days and not any(s.on and s.end == start for s in dates.steps):
        faults.append(
            Fault(
                first.place,
                Text(
                    f"缺少起算日：{book.events[start].zh}（{start}）",
                    f"the start is missing: {book.events[start].en} ({start})",
                ),
                Text("请一并给出", "give it too"),
            )
        )
    given = [days[event] for event in events if event in days]
    for before, after in pairwise(given):
        if after.day < before.day and dates.follows(before.event, after.event):
            faults.append(
                Fault(
                    after.place,
                    Text(
                        f"{after.day} 早于前一环节 {before.event} 的 {before.day}",
                        f"{after.day} is before {before.event} on {before.day}",
                    ),
                    Text("请核对日期", "check the dates"),
                )
            )
    return faults


def _refuse(faults: list[Fault]) -> None:
    if faults:
        raise BadInput(faults)
