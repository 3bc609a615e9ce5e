"""What `allocator commit` does, step by step."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from allocator.cli.own_ledger import outdated, own_ledger
from allocator.cli.screen import notices, print_json, show_table
from allocator.cli.words import line
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.instalments import named_streams
from allocator.ledger import chained, entry_rows, head
from allocator.ledger_state import Standing, refusals, standing
from allocator.names import number
from allocator.numbers import parse_number
from allocator.text import Language, Text
from reports.figures import money
from reports.ledger_file import appended, fresh_ledger, replace_file
from reports.ledger_result import LedgerResult, read_ledger_result


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    result: Path
    ledger: Path | None = None
    batches: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    date: str | None = None
    as_json: bool = False


def commit_and_print(wish: Wish, lang: Language) -> int:
    """Reads result and ledger, refuses what must not be entered, appends, prints."""
    day = _day(wish.date)
    result = read_ledger_result(wish.result)
    path = wish.ledger or own_ledger(result)
    now = standing(path, str(path), result.loaded)
    chosen = _chosen(result, wish)
    faults = refusals(now, result.loaded, result.digest, result.issued, chosen, result.moves)
    if not faults and wish.ledger is None:
        faults = outdated(result)
    if faults:
        raise BadInput(faults)
    entry, last = _append(path, now, result, chosen, day)
    if wish.as_json:
        print_json(_json(path, entry, last, now, result, chosen))
    else:
        _print(path, entry, last, now, result, chosen, lang)
    return 0


def _day(text: str | None) -> str:
    """The day of the entry as the ledger writes it; blank where none is given."""
    day = None if text is None else parse_date(text)
    if text is not None and day is None:
        raise BadInput([no_date(Place("--date"), text)])
    return "" if day is None else day.isoformat()


def _chosen(result: LedgerResult, wish: Wish) -> frozenset[str]:
    """Streams to enter: those with money in the result, or the named ones among them."""
    paid = frozenset(r.cells["stream"] for r in result.table.records)
    if not wish.batches and not wish.streams:
        return paid
    if result.moves:
        what = Text("调整只能整笔记账", "a reallocation is entered as a whole")
        raise BadInput([Fault(Place("--batch / --stream"), what, Text("去掉这些选项", "leave them out"))])
    chosen = named_streams(result.loaded, wish.batches, wish.streams) & paid
    if chosen:
        return chosen
    what = Text("结果里没有这部分资金", "the result has no money of that")
    fix = Text(f"结果中的资金：{'、'.join(sorted(paid))}", f"it has: {', '.join(sorted(paid))}")
    raise BadInput([Fault(Place("--batch / --stream"), what, fix)])


def _append(
    path: Path, now: Standing, result: LedgerResult, chosen: Collection[str], date: str
) -> tuple[int, str]:
    """Writes the entry; its number and its last chain digest."""
    scenario = result.loaded.scenario
    common = {"year": str(scenario.year), "unit": scenario.unit, "step": format(scenario.step, "f")}
    opening = now.opening(result.known)
    before = chained(entry_rows(opening, 1, {**common, "result": ""}), "") if opening else []
    previous = before[-1]["chain"] if before else "" if now.ledger is None else head(now.ledger)
    own = {**common, "date": date, "result": result.digest}
    entry = now.entries + (2 if before else 1)
    rows = chained(entry_rows(result.rows(chosen), entry, own), previous)
    if now.ledger is None or now.content is None:
        content = fresh_ledger([*before, *rows])
    else:
        content = appended(now.content, str(path), rows)
    replace_file(path, now.content, content)
    return entry, rows[-1]["chain"]


def _sums(result: LedgerResult, chosen: Collection[str]) -> dict[str, Fraction]:
    """Stream → money entered; of a reallocation, what counties receive."""
    found = dict.fromkeys(sorted(chosen), Fraction(0))
    for row in result.rows(chosen):
        found[row["stream"]] += max(Fraction(0), Fraction(parse_number(row["amount"]) or 0))
    return found


def _json(
    path: Path, entry: int, last: str, now: Standing, result: LedgerResult, chosen: Collection[str]
) -> dict[str, object]:
    return {
        "ledger": str(path),
        "entry": entry,
        "reallocation": result.moves,
        "opening_rows": len(now.opening(result.known)),
        "unit": result.loaded.scenario.unit,
        "streams": {stream: money(total) for stream, total in _sums(result, chosen).items()},
        "result": result.digest,
        "chain": last,
    }


def _print(
    path: Path,
    entry: int,
    last: str,
    now: Standing,
    result: LedgerResult,
    chosen: Collection[str],
    lang: Language,
) -> None:
    names, unit = result.loaded.names, result.loaded.scenario.unit
    if kept := len(now.opening(result.known)):
        said = Text(
            f"{path} 已由普通表转为台账，原有 {kept} 行成为第 1 笔",
            f"{path} was a plain table and is a ledger now; its {kept} rows are entry 1",
        )
        notices([said], lang)
    sums = _sums(result, chosen)
    rows = [(names.stream(stream).say(lang), number(total)) for stream, total in sums.items()]
    rows.append((Text("合计", "Total").say(lang), number(sum(sums.values(), Fraction(0)))))
    title = Text(f"记入第 {entry} 笔（{unit}）", f"Entry {entry} ({unit})")
    amount = Text("收回并调整", "Moved") if result.moves else Text("金额", "Amount")
    show_table(title, [Text("资金", "Stream"), amount], rows, lang)
    line(Text(f"台账：{path}", f"Ledger: {path}").say(lang))
    line(Text(f"链值：{last}", f"Chain: {last}").say(lang))
