"""What stands in a ledger today, and why a result must not be entered in it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path

from allocator.committed import COLUMNS, read_committed
from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode, read_bytes
from allocator.input.tables import MOST_BYTES, Table, read_table
from allocator.input.yaml_tree import fault
from allocator.ledger import decided, entries, is_ledger, opening_rows
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.text import Text


@dataclass(frozen=True)
class Standing:
    """A ledger, a plain table of committed money, or nothing yet."""

    shown: str
    content: bytes | None
    """Bytes of the file; None where there is none."""
    table: Table | None

    @property
    def ledger(self) -> Table | None:
        """The table, where it is a ledger."""
        return self.table if self.table is not None and is_ledger(self.table) else None

    @property
    def entries(self) -> int:
        """Entries so far."""
        return 0 if self.ledger is None else len(entries(self.ledger))

    def opening(self, known: Mapping[str, Mapping[str, str]]) -> list[dict[str, str]]:
        """Rows of a plain table, to become the first entry; `known` as for `opening_rows`."""
        if self.table is None or self.ledger is not None:
            return []
        return opening_rows(self.table, known)


def standing(path: Path, shown: str, loaded: Loaded) -> Standing:
    """The file as it is today; raises BadInput where it is no text, or not sound as the scenario reads it."""
    if not path.exists():
        if not path.parent.is_dir():
            raise BadInput(
                [_fault(shown, "文件夹不存在", "there is no such folder", "请检查路径", "check it")]
            )
        return Standing(shown, None, None)
    content = read_bytes(path, shown, MOST_BYTES)
    if content[:2] == b"PK" or path.suffix.lower() in (".xlsx", ".xlsm", ".xls"):
        raise BadInput(
            [
                _fault(
                    shown,
                    "工作簿不能作台账",
                    "a workbook cannot be a ledger",
                    "请另存为 CSV，并在 scenario.yaml 的 committed 中写明",
                    "save it as CSV and name that under committed in scenario.yaml",
                )
            ]
        )
    decode(content, shown)
    table = read_table(path, shown, (), COLUMNS)
    _, faults = read_committed(table, loaded.scenario, loaded.counties)
    if faults:
        raise BadInput(faults)
    return Standing(shown, content, table)


def refusals(
    now: Standing,
    loaded: Loaded,
    digest: str,
    solved_with: bytes | None,
    chosen: Collection[str],
    moves: bool = False,
) -> list[Fault]:
    """Why the chosen streams of a result must not be entered; `digest` is that of its table.

    `solved_with` is the table of committed money that the result was solved with. A reallocation
    (`moves`) is about streams that are decided already.
    """
    new = () if moves else chosen
    faults = [] if now.ledger is None else _double(now.ledger, digest, new) + _step(now.ledger, loaded)
    if not chosen:
        faults.append(
            _fault(
                "RESULT", "结果里没有金额", "the result holds no money", "没有可记的账", "nothing to enter"
            )
        )
    if not faults and now.content != solved_with:
        faults.append(
            _fault(
                now.shown,
                "这次结果不是按现在的台账求解的（之后台账有变化，或是另一本台账）",
                "the result was not solved with this ledger as it stands: it changed since, or is another",
                f"请按现在的台账重新{'调整' if moves else '求解'}，再记账",
                f"{'reallocate' if moves else 'solve'} again, then enter that",
            )
        )
    return faults


def _double(ledger: Table, digest: str, chosen: Collection[str]) -> list[Fault]:
    faults = []
    for entry in entries(ledger):
        if entry.result == digest:
            what = Text(
                f"这次结果已记入第 {entry.number} 笔", f"this result stands in entry {entry.number} already"
            )
            fix = Text(
                "其余批次请按现在的台账重新求解", "for what is left of it, solve again with today's ledger"
            )
            faults.append(Fault(ledger.place(entry.records[0], "result"), what, fix))
    if faults:
        return faults
    for stream, entry in decided(ledger).items():
        if stream in chosen:
            what = Text(
                f"资金 {stream} 已记入第 {entry.number} 笔，不能重复下达",
                f"the stream {stream} stands in entry {entry.number} already and is not issued twice",
            )
            fix = Text("追加的钱请在方案里另列一笔资金", "make additional money a stream of its own")
            record = next(r for r in entry.records if r.cells["stream"] == stream)
            faults.append(Fault(ledger.place(record, "stream"), what, fix))
    return faults


def _step(ledger: Table, loaded: Loaded) -> list[Fault]:
    step = loaded.scenario.step
    for record in ledger.records:
        if parse_number(record.cells["step"]) != step:
            return [
                Fault(
                    ledger.place(record, "step"),
                    Text(
                        f"台账的 step 是 {record.cells['step']}，结果的是 {step}",
                        f"the ledger's step is {record.cells['step']}, the result's {step}",
                    ),
                    Text("请给出同一 step 的台账", "give a ledger with the same step"),
                )
            ]
    return []


def _fault(shown: str, zh: str, en: str, fix_zh: str, fix_en: str) -> Fault:
    return fault(Place(shown), zh, en, fix_zh, fix_en)
