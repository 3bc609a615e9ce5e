"""A result folder as an entry of the ledger: read back, and refused where it is not as solve wrote it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.load import load
from allocator.loaded import Loaded
from allocator.result_table import read_result
from allocator.tables import Table, read_table
from allocator.text import Text
from allocator.verdict import judge
from reports.folder import RECORD, files_of

AMOUNTS = "allocation.csv"
SCENARIO = "scenario"
"""Folder of a result with the scenario that it was solved from."""
AGAIN = Text("请重新求解：allocator solve 方案 -o 文件夹", "solve again: allocator solve SCENARIO -o FOLDER")


@dataclass(frozen=True)
class LedgerResult:
    """A result, untouched since solve wrote it, whose table keeps every rule."""

    folder: Path
    loaded: Loaded
    table: Table
    """allocation.csv."""
    digest: str
    """SHA-256 of allocation.csv."""
    run: Mapping[str, Any]
    """run.json."""
    issued: bytes | None
    """The table of committed money that it was solved with."""
    issued_name: str | None
    """Name of that table in the scenario's folder."""

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
    files = files_of(folder / RECORD)
    if files is None or not {AMOUNTS, f"{SCENARIO}/scenario.yaml"} <= files.keys():
        what = Text("不是求解得到的结果文件夹", "not a result folder of solve")
        raise BadInput([Fault(Place(str(folder)), what, AGAIN)])
    faults = [f for name, entry in files.items() if (f := _edited(folder / name, entry.get("sha256")))]
    if faults:
        raise BadInput(faults)
    loaded = load(folder / SCENARIO)
    verdict = judge(loaded.problem, loaded.rows, read_result(folder / AMOUNTS, loaded).amounts)
    if not verdict.holds:
        broken = "、".join(dict.fromkeys(row.rule for row in verdict.broken))
        what = Text(f"分配表不符合规则：{broken}", f"the table breaks rules: {broken}")
        raise BadInput([Fault(Place(str(folder / AMOUNTS)), what, AGAIN)])
    name = _issued_name(loaded, files)
    issued = None if name is None else (folder / SCENARIO / name).read_bytes()
    columns = ("code", "county", "prefecture", "stream", "source", "batch", "use", "amount")
    table = read_table(folder / AMOUNTS, str(folder / AMOUNTS), (), columns)
    digest = str(files[AMOUNTS]["sha256"])
    run: Mapping[str, Any] = json.loads((folder / RECORD).read_bytes())
    return LedgerResult(folder, loaded, table, digest, run, issued, name)


def _edited(path: Path, digest: object) -> Fault | None:
    if not path.is_file():
        return Fault(Place(str(path)), Text("文件不见了", "the file is gone"), AGAIN)
    if hashlib.sha256(path.read_bytes()).hexdigest() != digest:
        return Fault(Place(str(path)), Text("写出后被改动过", "edited since it was written"), AGAIN)
    return None


def _issued_name(loaded: Loaded, files: Collection[str]) -> str | None:
    """The table of committed money in the copy of the scenario: as it is named there, or the default."""
    name = loaded.scenario.committed or "committed.csv"
    return name if f"{SCENARIO}/{name}" in files else None
