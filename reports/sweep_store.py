"""The results of a sweep on disk: chunk by chunk while it runs, tidy Parquet and a summary at the end.

While it runs everything lies in `OUT.partial`, one pair of files a chunk; an interrupted sweep goes
on from there. The end result does not depend on the order in which chunks came in.
"""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault

MOST_SAMPLED = 20_000
"""Points that quantiles are taken from; in a larger sweep every so many."""
QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)
STATE = "sweep.json"
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
        self.out, self.metrics = out, list(metrics)
        self.partial = out.with_name(f"{out.name}.partial")
        self.identity = json.loads(json.dumps(identity, default=str))

    def open(self, resume: bool) -> frozenset[int]:
        """Starts, or goes on; returns the starts of the chunks that are done. Raises BadInput."""
        state = self.partial / STATE
        if self.partial.exists() and not resume:
            raise _refuse(
                self.partial,
                "这里有一次中断的运行",
                "an interrupted run lies here",
                "加 --resume 接着算，或删除该文件夹",
                "go on with --resume, or delete the folder",
            )
        if state.exists():
            if json.loads(state.read_text(encoding="utf-8")) != self.identity:
                raise _refuse(
                    self.partial,
                    "中断的运行用的是另一个方案或计划",
                    "the interrupted run is of another scenario or plan",
                    "请删除该文件夹后重新开始",
                    "delete the folder and start afresh",
                )
        elif self.partial.exists() and any(not p.name.startswith(".") for p in self.partial.iterdir()):
            raise _refuse(
                self.partial,
                "已经存在，而且不是中断的运行",
                "exists and is no interrupted run",
                "请换一个输出文件夹（-o）",
                "choose another folder (-o)",
            )
        else:
            self.partial.mkdir(parents=True, exist_ok=True)
            _write(state, json.dumps(self.identity, ensure_ascii=False, indent=1).encode())
        return frozenset(
            int(path.stem.removeprefix("values-")) for path in self.partial.glob("values-*.parquet")
        )

    def abandon(self) -> None:
        """Leaves nothing behind where nothing was solved."""
        if not any(self.partial.glob("values-*.parquet")):
            shutil.rmtree(self.partial)

    def add(self, chunk: Chunk) -> None:
        """Stores one chunk; its values come last, so that a chunk with values is complete."""
        rows = pa.Table.from_pylist([dict(row) for row in chunk.points])
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
        for part in sorted(self.partial.glob("points-*.parquet")):
            yield from pq.read_table(part).to_pylist()

    def finish(self, size: int) -> None:
        """Merges the chunks in order, writes the summary, and gives the folder its name."""
        stored = sum(pq.read_metadata(p).num_rows for p in self.partial.glob("points-*.parquet"))
        if stored != size:
            raise RuntimeError(f"{stored} of {size} points were stored")
        sample = max(1, -(-size // MOST_SAMPLED))
        summary = Summary(self.metrics, sample)
        self._merge("values", "sweep.parquet", summary)
        self._merge("points", "scenarios.parquet", None)
        _write(self.partial / "summary.csv", summary.csv())
        for path in (*self.partial.glob("values-*"), *self.partial.glob("points-*")):
            path.unlink()
        if self.out.exists():
            shutil.rmtree(self.out)
        self.partial.rename(self.out)

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
            target.replace(self.partial / name)


class Summary:
    """Mean, spread, range and quantiles of each metric, from chunks that come in order."""

    def __init__(self, metrics: Sequence[str], every: int) -> None:
        width = len(metrics)
        self.metrics, self.every = list(metrics), every
        self.count, self.sum, self.squares = (np.zeros(width) for _ in range(3))
        self.low, self.high = np.full(width, np.inf), np.full(width, -np.inf)
        self.centre = np.full(width, np.nan)
        """First known value of each metric: spreads are taken around it, so that no digits are lost."""
        self.sample: list[NDArray[np.float64]] = []

    def add(self, start: int, values: NDArray[np.float64]) -> None:
        """Takes in points `start`, `start + 1`, …, (points, metrics)."""
        known = ~np.isnan(values)
        fresh = np.isnan(self.centre) & known.any(axis=0)
        self.centre[fresh] = values[known.argmax(axis=0)[fresh], np.flatnonzero(fresh)]
        shifted = np.where(known, values - self.centre, 0.0)
        self.count += known.sum(axis=0)
        self.sum += shifted.sum(axis=0)
        self.squares += (shifted**2).sum(axis=0)
        self.low = np.fmin(self.low, np.where(known, values, np.inf).min(axis=0, initial=np.inf))
        self.high = np.fmax(self.high, np.where(known, values, -np.inf).max(axis=0, initial=-np.inf))
        taken = (start + np.arange(len(values))) % self.every == 0
        self.sample.append(values[taken])

    def rows(self) -> Iterator[list[Any]]:
        """One row a metric."""
        every = np.concatenate(self.sample) if self.sample else np.empty((0, len(self.metrics)))
        for j, name in enumerate(self.metrics):
            own = every[:, j][~np.isnan(every[:, j])]
            if not self.count[j]:
                yield [name, 0, *[None] * (4 + len(QUANTILES)), 0]
                continue
            centre = float(self.centre[j])
            mean = self.sum[j] / self.count[j]
            spread = max(0.0, self.squares[j] / self.count[j] - mean**2) ** 0.5
            quantiles = (
                [float(q) for q in np.quantile(own, QUANTILES)] if len(own) else [None] * len(QUANTILES)
            )
            known = [mean + centre, spread, float(self.low[j]), float(self.high[j]), *quantiles]
            shown = [None if v is None else round(float(v), 6) + 0.0 for v in known]
            yield [name, int(self.count[j]), *shown, len(own)]

    def csv(self) -> bytes:
        """The summary as UTF-8 with BOM, for spreadsheets."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        heads = [f"p{round(q * 100):02d}" for q in QUANTILES]
        writer.writerow(["metric", "solved", "mean", "sd", "min", "max", *heads, "quantiles_from"])
        writer.writerows(self.rows())
        return text.getvalue().encode("utf-8-sig")


def _write(path: Path, content: bytes) -> None:
    fresh = path.with_name(f".{path.name}")
    fresh.write_bytes(content)
    os.replace(fresh, path)


def _refuse(path: Path, zh: str, en: str, fix_zh: str, fix_en: str) -> BadInput:
    return BadInput([fault(Place(str(path)), zh, en, fix_zh, fix_en)])
