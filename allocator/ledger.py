"""The year's ledger (台账): what was issued, entry by entry, in a CSV that is only ever appended to.

One row is one county × stream × use of one entry. An entry is one result, or the rows that a plain
table held before it became a ledger (opening rows, without `result`), or a reallocation: rows that
take money back and rows that give it to others, so that each of its streams adds up to zero. `rows` is
the number of rows of the entry, so that a cut is noticed. `result` is the SHA-256 of the result's
allocation.csv, or of the reallocation's ledger.csv, which BASE and one of BASES follow. `chain`
is the SHA-256 of the JSON array [chain of the row before, or "", then the row's other cells in the order
of COLUMNS]: whoever edits, drops or moves a row breaks it there. Cells count as text, blanks around
them not. Taking away the last entries as a whole leaves a sound chain; their results' run.json tell.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from itertools import groupby

from allocator.faults import Fault
from allocator.input.pydantic_faults import shorten
from allocator.input.tables import Record, Table
from allocator.numbers import parse_number, plain
from allocator.scenario import Scenario
from allocator.text import Text

CHAIN = "chain"
COLUMNS = (
    "entry",
    "rows",
    "date",
    "year",
    "code",
    "county",
    "prefecture",
    "stream",
    "source",
    "batch",
    "use",
    "amount",
    "unit",
    "step",
    "result",
    CHAIN,
)
MARKS = frozenset({"entry", "rows", "result", CHAIN})
"""Columns that a plain table of committed money does not have."""
BASE = " base="
"""After the digest of a reallocation: what next year compares with. So old ledgers keep their columns."""
BASES = ("before", "after")
"""Amounts as they were before the reallocation (also where nothing is said), or after it."""
RESTORE = Text(
    "台账只能追加：请恢复原文件，再用 allocator commit 记账",
    "a ledger is only appended to: restore the file, then use allocator commit",
)


@dataclass(frozen=True)
class Entry:
    """One entry: a result, opening rows, or a reallocation."""

    number: int
    records: tuple[Record, ...]

    @property
    def result(self) -> str:
        """SHA-256 of the table that was entered; empty for opening rows."""
        return self.records[0].cells["result"].partition(BASE)[0]

    @property
    def base(self) -> str:
        """What next year compares with after a reallocation, one of BASES."""
        return self.records[0].cells["result"].partition(BASE)[2] or BASES[0]

    @property
    def streams(self) -> tuple[str, ...]:
        """Streams with rows in it, each once, in order of rows."""
        return tuple(dict.fromkeys(r.cells["stream"] for r in self.records))

    @property
    def moves(self) -> bool:
        """Whether it moves money that was issued before: a reallocation."""
        return bool(self.result) and not any(map(self.total, self.streams))

    @property
    def decides(self) -> bool:
        """Whether it decides its streams, once and for all: a result."""
        return bool(self.result) and not self.moves

    def total(self, stream: str) -> Fraction:
        """Money of a stream in it."""
        own = (r.cells["amount"] for r in self.records if r.cells["stream"] == stream)
        return sum((Fraction(parse_number(amount) or 0) for amount in own), Fraction(0))


def is_ledger(table: Table) -> bool:
    """Whether a table of committed money has any column that only a ledger has."""
    return bool(MARKS & set(table.columns))


def link(previous: str, cells: Mapping[str, str]) -> str:
    """The chain digest of a row after the row whose digest is `previous`."""
    content = [previous, *(cells[c] for c in COLUMNS if c != CHAIN)]
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def chained(rows: Iterable[Mapping[str, str]], previous: str) -> list[dict[str, str]]:
    """The rows with their chain digests, after the row whose digest is `previous` ("" for none)."""
    found = []
    for row in rows:
        previous = link(previous, row)
        found.append({**row, CHAIN: previous})
    return found


def head(table: Table) -> str:
    """The last row's chain digest: what stands for the whole ledger."""
    return table.records[-1].cells[CHAIN]


def entries(table: Table) -> tuple[Entry, ...]:
    """The entries in order, counted from 1; in a sound ledger that is the number they bear."""
    runs = groupby(table.records, key=lambda record: record.cells["entry"])
    return tuple(Entry(number, tuple(records)) for number, (_, records) in enumerate(runs, 1))


def decided(table: Table) -> dict[str, Entry]:
    """Stream → the entry of the result that decided it; opening rows and reallocations decide nothing."""
    return {stream: entry for entry in entries(table) if entry.decides for stream in entry.streams}


def moving_rows(table: Table) -> frozenset[int]:
    """Numbers of the rows of reallocations: amounts below zero stand there alone."""
    return frozenset(record.row for entry in entries(table) if entry.moves for record in entry.records)


def ledger_faults(table: Table, scenario: Scenario) -> list[Fault]:
    """Everything that is wrong with a ledger as a ledger: columns, chain, entries, year and unit."""
    missing = [c for c in COLUMNS if c not in table.columns]
    if missing:
        what = Text("台账缺少该列", "the ledger lacks this column")
        return [Fault(table.place(column=c), what, RESTORE) for c in missing]
    faults = _broken_links(table)
    if not faults:
        faults = _entry_faults(table)
    return faults + _foreign(table, scenario)


def _broken_links(table: Table) -> list[Fault]:
    faults, previous = [], ""
    for record in table.records:
        if link(previous, record.cells) != record.cells[CHAIN]:
            what = Text(
                "链值不符：该行写入后被改动过，或它前面有行被删去、插入或调换",
                "the chain breaks: this row was edited since it was written, or a row before it was taken "
                "away, put in or moved",
            )
            faults.append(Fault(table.place(record, CHAIN, record.cells["code"]), what, RESTORE))
        # the digest as it stands, so that one edit is not reported in every row after it
        previous = record.cells[CHAIN]
    return faults


def _entry_faults(table: Table) -> list[Fault]:
    """Entries that are cut short or out of order, and streams that two results decided."""
    faults = []
    seen: dict[str, str] = {}
    for entry in entries(table):
        records, last = entry.records, entry.records[-1]
        number = last.cells["entry"]
        if number != str(entry.number):
            what = Text(f"应为第 {entry.number} 笔", f"this should be entry {entry.number}")
            faults.append(Fault(table.place(records[0], "entry"), what, RESTORE))
        if any(r.cells["rows"] != str(len(records)) for r in records):
            said = last.cells["rows"]
            what = Text(
                f"第 {number} 笔写明 {shorten(said)} 行，现有 {len(records)} 行",
                f"entry {number} says {shorten(said)} rows and has {len(records)}",
            )
            faults.append(Fault(table.place(last, "rows"), what, RESTORE))
        if entry.base not in BASES:
            what = Text(
                f"下年基数应为 before 或 after，现为 {shorten(entry.base)}",
                f"next year's base is before or after, here {shorten(entry.base)}",
            )
            faults.append(Fault(table.place(records[0], "result"), what, RESTORE))
        for stream in entry.streams if entry.decides else ():
            if stream in seen:
                what = Text(
                    f"资金 {stream} 在第 {seen[stream]} 笔已经记过",
                    f"entry {seen[stream]} holds the stream {stream} already",
                )
                faults.append(Fault(table.place(records[0], "stream"), what, RESTORE))
            seen.setdefault(stream, number)
    return faults


def _foreign(table: Table, scenario: Scenario) -> list[Fault]:
    """The first row of another year or unit."""
    faults = []
    for column, own in (("year", str(scenario.year)), ("unit", scenario.unit)):
        for record in table.records:
            said = record.cells[column]
            if said != own:
                what = Text(
                    f"台账是 {shorten(said)} 的，方案是 {own} 的",
                    f"the ledger says {shorten(said)}, the scenario {own}",
                )
                fix = Text("请给出本方案当年的台账", "give the ledger of this scenario's year")
                faults.append(Fault(table.place(record, column), what, fix))
                break
    return faults


def without_decided(scenario: Scenario, table: Table) -> tuple[Scenario, tuple[Text, ...]]:
    """The scenario with nothing left to decide in streams that the ledger's results decided; notices.

    A further instalment of such a stream is a stream of its own: so no money can be issued twice.
    """
    if not is_ledger(table):
        return scenario, ()
    known = {s: e for s, e in decided(table).items() if s in scenario.streams and scenario.streams[s].budget}
    if not known:
        return scenario, ()
    streams = {
        name: stream.model_copy(update={"budget": Decimal(0)}) if name in known else stream
        for name, stream in scenario.streams.items()
    }
    changed = scenario.model_copy(update={"streams": streams})
    if scenario.adjustments is not None:
        items = tuple(item for item in scenario.adjustments.items if item.stream not in known)
        changed = changed.model_copy(
            update={"adjustments": scenario.adjustments.model_copy(update={"items": items})}
        )
    return changed, tuple(_already(scenario, stream, entry) for stream, entry in known.items())


def _already(scenario: Scenario, stream: str, entry: Entry) -> Text:
    budget, issued = Fraction(scenario.streams[stream].budget), entry.total(stream)
    said = Text(
        f"资金 {stream} 已记入台账第 {entry.number} 笔（{_plain(issued)} {scenario.unit}），本次不再分配",
        f"stream {stream} stands in entry {entry.number} of the ledger ({_plain(issued)} {scenario.unit}) "
        "and is not decided again",
    )
    if issued == budget:
        return said
    return Text(
        f"{said.zh}；方案中的预算是 {_plain(budget)}，差额请另列一笔资金",
        f"{said.en}; its budget in the scenario is {_plain(budget)}: make the difference a stream of its own",
    )


def _plain(value: Fraction) -> str:
    return plain(Decimal(value.numerator) / Decimal(value.denominator))


def opening_rows(table: Table, known: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
    """The rows of a plain table as cells of a ledger; `known` fills in by code and by stream."""
    found = []
    for record in table.records:
        amount = parse_number(record.cells["amount"])
        if amount:
            own = {c: record.cells[c] for c in ("code", "stream", "use")}
            filled = {**known.get(own["code"], {}), **known.get(own["stream"], {})}
            found.append({**filled, **own, "amount": plain(amount)})
    return found


def entry_rows(
    rows: Sequence[Mapping[str, str]], number: int, common: Mapping[str, str]
) -> list[dict[str, str]]:
    """Rows of one entry without their chain digests; what they lack is blank.

    Rows of a reallocation bring their `base`; it goes with the digest in `result`.
    """
    found = []
    for row in rows:
        result = common.get("result", "") + (BASE + row["base"] if row.get("base") else "")
        own = {**row, **common, "entry": str(number), "rows": str(len(rows)), "result": result}
        found.append({c: own.get(c, "").strip() for c in COLUMNS if c != CHAIN})
    return found
