"""Known days by case and chain, and what is wrong with them: names, dates given twice, order."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from allocator.calendar.days import Clock
from allocator.calendar.events import Known, Unread
from allocator.calendar.pack import Book, Step
from allocator.calendar.steps import ChainDates
from allocator.faults import BadInput, Fault
from allocator.input.pydantic_faults import shorten
from allocator.text import Text

Days = dict[tuple[str, str], dict[str, Known]]
"""(case, chain) → event → its day."""


def chain_dates(
    known: Iterable[Known], steps: Sequence[Step], book: Book, clock: Clock
) -> dict[tuple[str, str], ChainDates]:
    """(case, chain) → its steps and days; raises BadInput with every day that fits no chain or order."""
    of_chain = {name: tuple(s for s in steps if s.chain == name) for name in book.chains}
    by_chain, faults = _sorted(known, of_chain)
    found = {}
    for (case, chain), days in by_chain.items():
        own = of_chain.get(chain, ())
        read = {event: one.day for event, one in days.items() if not isinstance(one, Unread)}
        dates = ChainDates(own, read, clock)
        faults += _start_faults(days, dates, book) + _order_faults(days, dates)
        found[case, chain] = dates
    if faults:
        # options first, then the table's rows from the top
        raise BadInput(sorted(faults, key=lambda fault: fault.place.line or 0))
    return found


def _sorted(known: Iterable[Known], of_chain: Mapping[str, tuple[Step, ...]]) -> tuple[Days, list[Fault]]:
    by_chain: Days = {}
    faults: list[Fault] = []
    for one in known:
        own = of_chain.get(one.chain, ())
        events = [
            *dict.fromkeys([*ChainDates(own, {}).ordered_events(), *(s.end for s in own if s.on and s.end)])
        ]
        if isinstance(one, Unread):
            faults.append(one.fault)
        if one.place.line is None and not one.chain:
            continue
        days = by_chain.setdefault((one.case, one.chain), {})
        if one.event not in events:
            faults.append(_unknown(one, events, [name for name, own in of_chain.items() if own]))
        elif one.event in days:
            faults.append(_again(one, days[one.event]))
        else:
            days[one.event] = one
    return by_chain, faults


def _unknown(one: Known, events: Sequence[str], chains: Sequence[str]) -> Fault:
    if not events:
        return Fault(
            one.at("chain"),
            Text(f"该规则包没有资金链 {shorten(one.chain)}", f"the pack has no chain {shorten(one.chain)}"),
            Text(f"可用的：{'、'.join(chains)}", f"use: {', '.join(chains)}"),
        )
    return Fault(
        one.at("event"),
        Text(
            f"资金链 {one.chain} 没有环节 {shorten(one.event)}（按所选口径）",
            f"chain {one.chain} has no event {shorten(one.event)} under the chosen readings",
        ),
        Text(f"可用的：{'、'.join(events)}", f"use: {', '.join(events)}"),
    )


def _again(one: Known, first: Known) -> Fault:
    if one.place.line is None:
        what = Text(f"环节 {one.event} 给了两个日期", f"event {one.event} has two dates")
        return Fault(
            one.place,
            what,
            Text("只留一个；多批资金请用 --dates", "keep one; for several batches use --dates"),
        )
    zh, en = f"第 {first.place.line} 行", f"in row {first.place.line}"
    if first.place.line is None:
        zh = en = first.place.file
    return Fault(
        one.at("event"),
        Text(
            f"同一批次的环节 {one.event} 给了两个日期，前一个在{zh}",
            f"event {one.event} has two dates in one case, the first {en}",
        ),
        Text(
            "只留一个；不同批次在 case 列写不同名称", "keep one; batches differ by their name in column case"
        ),
    )


def _start_faults(days: Mapping[str, Known], dates: ChainDates, book: Book) -> list[Fault]:
    """The chain's start, where it is not given."""
    if not days:
        return []
    first = next(iter(days.values()))
    start = book.chains[first.chain].start
    if start is None or start in days or start not in dates.ordered_events():
        return []
    if any(step.on and step.end == start for step in dates.steps):
        return []
    option = f"--{start.replace('_', '-')}"
    fix = Text(f"请一并给出：{option}", f"give it too: {option}")
    if first.place.line is not None:
        row = f"{first.case},{first.chain},{start}"
        fix = Text(f"请补一行：{row},日期", f"add a row: {row},DATE")
    what = Text(
        f"缺少起算日：{book.events[start].zh}（{start}）",
        f"the start is missing: {book.events[start].en} ({start})",
    )
    return [Fault(first.at("event"), what, fix)]


def _order_faults(days: Mapping[str, Known], dates: ChainDates) -> list[Fault]:
    """Events before those that they follow."""
    given = [days[event] for event in dates.ordered_events() if event in dates.known]
    return [
        Fault(
            after.at("date"),
            Text(
                f"{after.day} 早于前一环节 {before.event} 的 {before.day}",
                f"{after.day} is before {before.event} on {before.day}",
            ),
            Text("请核对日期", "check the dates"),
        )
        for before, after in pairwise(given)
        if after.day < before.day and dates.follows(before.event, after.event)
    ]
