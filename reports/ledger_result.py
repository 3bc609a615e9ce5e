"""A result or reallocation as an entry of the ledger: read back, and refused where it was edited."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from allocator.committed import read_committed
from allocator.faults import BadInput, Fault, Place
from allocator.input.result_table import read_result
from allocator.input.tables import Table, read_table
from allocator.load import load
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.reallocation.reallocate import judge_year
from allocator.text import Text
from allocator.verdict import Verdict, judge
from reports.folder import RECORD, edits, files_of

AMOUNTS, MOVES = "allocation.csv", "ledger.csv"
"""Tables with the rows of an entry: of solve, of reallocate."""
ISSUED = "committed.csv"
"""What is issued after a reallocation."""
COLUMNS = ("code", "county", "prefecture", "stream", "source", "batch", "use", "amount")
SCENARIO = "scenario"
"""Folder of a result with the scenario that it was solved from."""
AGAIN = Text("请重新求解：allocator solve 方案 -o 文件夹", "solve again: allocator solve SCENARIO -o FOLDER")
FROM_LEDGER = Text(
    "请先把各批结果记账，再用方案文件夹调整：allocator reallocate 方案 进度表 -o 文件夹",
    "commit every result, then start from the scenario: allocator reallocate SCENARIO PROGRESS -o FOLDER",
)


@dataclass(frozen=True)
class LedgerResult:
    """A result or reallocation, untouched since it was written, with which the year keeps every rule."""

    folder: Path
    loaded: Loaded
    table: Table
    """allocation.csv, or ledger.csv of a reallocation."""
    digest: str
    """SHA-256 of the table."""
    moves: bool
    """Whether it is a reallocation."""
    run: Mapping[str, Any]
    """run.json."""
    issued: bytes | None
    """The table of committed money that it was solved with."""

    @property
    def command(self) -> tuple[str, ...]:
        """How the run was started, as far as run.json says it."""
        said = self.run.get("command")
        return tuple(map(str, said)) if isinstance(said, list) else ()

    def rows(self, streams: Collection[str]) -> list[dict[str, str]]:
        """Cells of some streams' rows, in order of code, stream and use."""
        return [dict(r.cells) for r in self.table.records if r.cells["stream"] in streams]

    @property
    def known(self) -> dict[str, dict[str, str]]:
        """What a ledger says beside a code, and beside a stream."""
        counties = self.loaded.counties
        found = {
            code: {"county": name, "prefecture": prefecture}
            for code, name, prefecture in zip(
                counties.codes, counties.names, counties.prefectures, strict=True
            )
        }
        for name, stream in self.loaded.scenario.streams.items():
            found[name] = {"source": stream.source, "batch": str(stream.batch)}
        return found


def read_ledger_result(folder: Path) -> LedgerResult:
    """The result; raises BadInput with every file that is missing or was edited since."""
    files = files_of(folder / RECORD) or {}
    name = next((name for name in (AMOUNTS, MOVES) if name in files), None)
    if name is None or f"{SCENARIO}/scenario.yaml" not in files:
        what = Text("不是求解或调整得到的结果文件夹", "not a result folder of solve or reallocate")
        raise BadInput([Fault(Place(str(folder)), what, AGAIN)])
    faults = edits(folder, files, AGAIN)
    if faults:
        raise BadInput(faults)
    run: Mapping[str, Any] = json.loads((folder / RECORD).read_bytes())
    if run.get("moved") == "0":
        what, fix = Text("没有收回资金", "no money was taken back"), Text("没有可记的账", "nothing to enter")
        raise BadInput([Fault(Place(str(folder)), what, fix)])
    loaded = load(folder / SCENARIO)
    table = read_table(folder / name, str(folder / name), (), COLUMNS)
    moves = name == MOVES
    verdict = _moved(folder, loaded, table) if moves else _decided(folder, loaded)
    if not verdict.holds:
        broken = "、".join(dict.fromkeys(row.rule for row in verdict.broken))
        what = Text(f"分配表不符合规则：{broken}", f"the table breaks rules: {broken}")
        raise BadInput([Fault(Place(str(folder / name)), what, AGAIN)])
    own = _issued_name(loaded, files)
    issued = None if own is None else (folder / SCENARIO / own).read_bytes()
    return LedgerResult(folder, loaded, table, str(files[name]["sha256"]), moves, run, issued)


def _decided(folder: Path, loaded: Loaded) -> Verdict:
    """The rules on the year with what the result decided."""
    return judge(loaded.problem, loaded.rows, read_result(folder / AMOUNTS, loaded).amounts)


def _moved(folder: Path, loaded: Loaded, table: Table) -> Verdict:
    """The rules on the year after a reallocation; BadInput where it moves money that is in no ledger."""
    after = dict(loaded.issued)
    for record in table.records:
        code, stream, use = (record.cells[c] for c in ("code", "stream", "use"))
        key = loaded.counties.index[code], stream, use
        after[key] = after.get(key, Fraction(0)) + Fraction(parse_number(record.cells["amount"]) or 0)
    written = read_table(folder / ISSUED, str(folder / ISSUED))
    issued, _ = read_committed(written, loaded.scenario, loaded.counties)
    if {key: amount for key, amount in after.items() if amount} != issued:
        what = Text("调整的钱不全在台账中", "it moves money that the ledger does not hold")
        raise BadInput([Fault(Place(str(folder)), what, FROM_LEDGER)])
    problem = loaded.problem
    money = np.full(problem.shape, Fraction(0), dtype=object)
    for (i, stream, use), amount in issued.items():
        money[i, problem.stream_names.index(stream), problem.use_names.index(use)] = amount
    return judge_year(loaded, money.ravel())


def _issued_name(loaded: Loaded, files: Collection[str]) -> str | None:
    """The table of committed money in the copy of the scenario: as it is named there, or the default."""
    name = loaded.scenario.committed or "committed.csv"
    return name if f"{SCENARIO}/{name}" in files else None
