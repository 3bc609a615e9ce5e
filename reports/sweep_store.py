"""The results of a sweep on disk: chunk by chunk while it runs, tidy Parquet and a summary at the end.

While it runs everything lies in `OUT.partial`, one pair of files a chunk; an interrupted sweep goes
on from there. The end result does not depend on the order in which chunks came in.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from allocator.input.files import digest
from allocator.text import Text
from reports.folder import CLUTTER, check_target, edits, plain_errors, swap
from reports.run_record import KIND
from reports.sweep_summary import Summary
from reports.sweep_words import AFRESH, DAMAGED, INTERRUPTED, NO_RUN, foreign, other_run, refused

MOST_SAMPLED = 20_000
"""Points that quantiles are taken from; in a larger sweep every so many."""
STATE = "sweep.json"
"""What marks a folder as a sweep: which one, and at the end the files it consists of."""
FILES = ("sweep.parquet", "scenarios.parquet", "summary.csv")
OURS = re.compile(
    r"\.?(sweep\.json|sweep\.parquet|scenarios\.parquet|summary\.csv|(values|points)-\d{12}\.parquet)"
)
"""Names of what lies in a folder while a sweep runs."""
LAYOUT = 2
"""Counts the changes of what is stored of a chunk; a sweep does not go on from another."""
COMPRESSION = "zstd"


@dataclass(frozen=True)
class Chunk:
    """What is stored of one chunk."""

    start: int
    values: NDArray[np.float64]
    """(points, metrics)"""
    points: Sequence[Mapping[str, Any]]
    """One row a point: design, status, rules, changes, …"""


class SweepStore:
    """The folder of one sweep."""

    def __init__(self, out: Path, identity: Mapping[str, Any], metrics: Sequence[str]) -> None:
        self.out, self.metrics = out.resolve() if out.is_symlink() else out, list(metrics)
        self.partial = self.out.with_name(f"{self.out.name}.partial")
        self.identity = {**json.loads(json.dumps(identity, default=str)), "layout": LAYOUT}
        self._made: list[Path] = []
        """Folders above OUT that there were not, nearest first."""
        self._sealed = False
        """Whether the partial folder holds the whole result and waits for its name only."""

    def is_complete(self) -> bool:
        """Whether OUT holds this sweep whole and as written, and no later run of it is broken off."""
        record = _record(self.out)
        if self.partial.exists() or record is None or not _whole(self.out, record):
            return False
        # the size of chunks makes no difference to what comes out
        return all(record.get(key) == value for key, value in self.identity.items() if key != "chunk")

    def open(self, resume: bool) -> frozenset[int]:
        """Starts, or goes on; returns the starts of the chunks that are done. Raises BadInput."""
        with plain_errors(self.partial):
            if not self.partial.exists():
                self._made = [p for p in self.partial.parents if not p.exists()]
                self.partial.mkdir(parents=True)
                return self._start()
            if not resume:
                raise refused(self.partial, *INTERRUPTED)
            return self._go_on()

    def _start(self) -> frozenset[int]:
        try:
            _write(self.partial / STATE, _json(self.identity))
        except BaseException:
            self.abandon()
            raise
        return frozenset()

    def _go_on(self) -> frozenset[int]:
        found = {path.name for path in self.partial.iterdir()} - CLUTTER
        if STATE not in found and found <= {f".{STATE}"}:
            return self._start()
        strange = sorted(name for name in found if not OURS.fullmatch(name))
        if strange or STATE not in found:
            raise refused(self.partial, *(foreign(strange[0]) if STATE in found else NO_RUN))
        record = _record(self.partial)
        if record is None:
            raise refused(self.partial / STATE, *DAMAGED)
        differing = {key for key, value in self.identity.items() if record.get(key) != value}
        if differing:
            raise refused(self.partial, *other_run(differing, record))
        self._sealed = "files" in record
        if self._sealed:
            if not _whole(self.partial, record):
                raise refused(self.partial, *DAMAGED)
            return frozenset(range(0, record["points"], record["chunk"]))
        return frozenset(
            int(values.stem.removeprefix("values-"))
            for values in self.partial.glob("values-*.parquet")
            if _readable(values) and _readable(values.with_name(values.name.replace("values", "points")))
        )

    def abandon(self) -> None:
        """Leaves nothing behind where nothing was solved."""
        if self._sealed or any(self.partial.glob("values-*.parquet")):
            return
        shutil.rmtree(self.partial)
        for folder in self._made:
            with suppress(OSError):
                folder.rmdir()

    def add(self, chunk: Chunk) -> None:
        """Stores one chunk; its values come last, so that a chunk with values is complete."""
        rows = pa.Table.from_pylist([dict(row) for row in chunk.points])
        with plain_errors(self.partial):
            self._write(f"points-{chunk.start:012d}.parquet", rows)
            self._write(f"values-{chunk.start:012d}.parquet", self._tidy(chunk))

    def _tidy(self, chunk: Chunk) -> pa.Table:
        count, width = chunk.values.shape
        flat = chunk.values.ravel()
        names = pa.array(np.tile(np.arange(width, dtype=np.int32), count))
        return pa.table(
            {
                "scenario": np.repeat(np.arange(chunk.start, chunk.start + count), width),
                "metric": pa.DictionaryArray.from_arrays(names, pa.array(self.metrics, pa.string())),
                "value": pa.array(flat, mask=np.isnan(flat)),
            }
        )

    def _write(self, name: str, table: pa.Table) -> None:
        path = self.partial / f".{name}"
        pq.write_table(table, path, compression=COMPRESSION)
        path.replace(self.partial / name)

    def points(self) -> Iterator[Mapping[str, Any]]:
        """Every stored point, in order."""
        if self.partial.exists() and not self._sealed:
            parts = sorted(self.partial.glob("points-*.parquet"))
        else:
            parts = [(self.partial if self._sealed else self.out) / "scenarios.parquet"]
        for part in parts:
            with pq.ParquetFile(part) as file:
                for batch in file.iter_batches():
                    yield from batch.to_pylist()

    def finish(self, size: int, notices: Sequence[Text]) -> None:
        """Merges the chunks in order, writes summary and record, and gives the folder its name."""
        with plain_errors(self.out):
            if not self._sealed:
                self._seal(size, notices)
            for path in self.partial.iterdir():
                if path.name not in (*FILES, STATE):
                    path.unlink()
            check_target(self.out, record=STATE)
            swap(self.partial, self.out)

    def _seal(self, size: int, notices: Sequence[Text]) -> None:
        """Writes all that the result consists of, the record last."""
        stored = sum(pq.read_metadata(p).num_rows for p in self.partial.glob("points-*.parquet"))
        if stored != size:
            raise RuntimeError(f"{stored} of {size} points were stored")
        summary = Summary(self.metrics, max(1, -(-size // MOST_SAMPLED)))
        self._merge("values", "sweep.parquet", summary)
        self._merge("points", "scenarios.parquet", None)
        _write(self.partial / "summary.csv", summary.csv())
        files = {name: {"sha256": digest(self.partial / name)} for name in FILES}
        said = [{"zh": notice.zh, "en": notice.en} for notice in notices]
        record = {"kind": KIND, "of": "sweep", **self.identity, "notices": said, "files": files}
        _write(self.partial / STATE, _json(record))
        self._sealed = True

    def _merge(self, kind: str, name: str, summary: Summary | None) -> None:
        writer = None
        target = self.partial / f".{name}"
        for part in sorted(self.partial.glob(f"{kind}-*.parquet")):
            table = pq.read_table(part)
            if writer is None:
                writer = pq.ParquetWriter(target, table.schema, compression=COMPRESSION)
            writer.write_table(table.cast(writer.schema))
            if summary is not None:
                flat = table["value"].to_numpy(zero_copy_only=False).astype(np.float64)
                start = int(table["scenario"][0].as_py()) if len(table) else 0
                summary.add(
                    start, flat.reshape(-1, len(self.metrics)) if self.metrics else flat.reshape(0, 0)
                )
        if writer is not None:
            writer.close()
            _into_place(target, self.partial / name)


def _record(folder: Path) -> dict[str, Any] | None:
    """What a folder of a sweep says of itself; None where that cannot be read."""
    try:
        found = json.loads((folder / STATE).read_bytes())
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _whole(folder: Path, record: Mapping[str, Any]) -> bool:
    """Whether all files of a result are there, as its record lists them."""
    files = record.get("files")
    listed = isinstance(files, dict) and all(isinstance(files.get(name), dict) for name in FILES)
    return isinstance(files, dict) and listed and not edits(folder, files, AFRESH)


def _readable(path: Path) -> bool:
    """Whether a stored chunk is whole; one that is not is solved again."""
    try:
        pq.read_metadata(path)
    except (OSError, pa.ArrowException):
        return False
    return True


def _json(value: Mapping[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, indent=1).encode()


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_bytes(content)
    _into_place(fresh, path)


def _into_place(fresh: Path, path: Path) -> None:
    """Gives a file its name once the disk has it."""
    with fresh.open("rb+") as file:
        os.fsync(file.fileno())
    fresh.replace(path)
