"""A sweep: many changed scenarios, solved in chunks that any process can solve alike.

A chunk starts with nothing remembered but the scenario itself, so that its numbers do not depend on
which process solved what before. Every so many points one is solved again cold; where the two
disagree the cold one is kept and the point is marked.
"""

from __future__ import annotations

import tempfile
import weakref
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.flatten import flatten
from allocator.loaded import Loaded
from allocator.whatif.engine import Engine, Point

CHECKED = 50
"""One point in so many is solved again cold; of those that are published, every one."""
PLACES = 6
"""Decimals of a recorded value."""


@dataclass(frozen=True)
class Files:
    """A scenario folder as bytes, so that any machine can read it."""

    content: tuple[tuple[str, bytes], ...]

    @classmethod
    def of(cls, source: str, sets: Sequence[str] = ()) -> Files:
        """A scenario with some changes, checked; raises BadInput."""
        return cls(tuple(sorted(flatten(source, sets).items())))


@dataclass(frozen=True)
class Task:
    """One chunk: the points `start`, `start + 1`, … with their changes."""

    files: Files
    start: int
    changes: tuple[Mapping[str, Any], ...]
    record: tuple[str, ...]
    checked: int = CHECKED


@dataclass(frozen=True, slots=True)
class Checks:
    """Points that were solved again cold, and those of them that did not agree and kept the cold value."""

    points: int = 0
    disagreed: int = 0

    @classmethod
    def of(cls, agreed: Iterable[bool]) -> Checks:
        """From whether each checked point agreed."""
        every = tuple(agreed)
        return cls(len(every), every.count(False))


@dataclass(frozen=True)
class Solved:
    """A solved chunk: one row a point, one column a metric."""

    start: int
    status: tuple[str, ...]
    rules: tuple[tuple[str, ...], ...]
    """Rules that shape the point; where it is infeasible, those that fall short."""
    reasons: tuple[str, ...]
    values: NDArray[np.float64]
    """(points, metrics), NaN where there is no allocation."""
    disagreed: tuple[int, ...]
    """Numbers of points whose quick answer was replaced by the cold one."""
    checked: int
    """Points that were solved twice."""

    @staticmethod
    def checks(chunks: Iterable[Solved]) -> Checks:
        """Of all the chunks."""
        every = tuple(chunks)
        return Checks(sum(c.checked for c in every), sum(len(c.disagreed) for c in every))


def metric_names(loaded: Loaded, record: Sequence[str]) -> tuple[str, ...]:
    """Columns of `Solved.values`, in order."""
    codes, streams = loaded.counties.codes, loaded.problem.stream_names
    names: list[str] = []
    if "metrics" in record:
        names += ["largest_departure", "money_moved", "departure_from_formula"]
    if "counties" in record:
        names += list(codes)
    if "payments" in record:
        names += [f"{code}.{stream}" for code in codes for stream in streams]
    if "prefectures" in record:
        names += list(loaded.counties.prefecture_members)
    if "groups" in record:
        names += [f"average.{group}" for group in loaded.scenario.groups]
    return tuple(names)


_BUSY = Lock()
"""One chunk at a time in a process: an engine remembers, and a cluster's worker may have several threads."""


def solve_task(task: Task) -> Solved:
    """Solves one chunk; the same numbers in any process."""
    with _BUSY:
        return _solve(task)


def _solve(task: Task) -> Solved:
    engine = engine_of(task.files)
    engine.forget()
    rows, points, disagreed, checked = [], [], [], 0
    base = None if engine.present is None else engine.present.payments
    for offset, changes in enumerate(task.changes):
        if (task.start + offset) % task.checked == 0:
            checked += 1
            point, agreed = engine.checked(changes)
            if not agreed:
                disagreed.append(task.start + offset)
        else:
            point = engine.solve(changes)
        points.append(point)
        rows.append(_values(engine.loaded, point, base, task.record))
    return Solved(
        task.start,
        tuple(p.status for p in points),
        tuple(p.rules for p in points),
        tuple(p.reason for p in points),
        np.array(rows, dtype=np.float64).reshape(len(points), -1),
        tuple(disagreed),
        checked,
    )


def tasks(
    files: Files,
    size: int,
    points: Callable[[int, int], Sequence[Mapping[str, Any]]],
    record: Sequence[str],
    chunk: int,
    checked: int = CHECKED,
) -> list[Callable[[], Task]]:
    """Chunks of the sweep, each made when it is asked for; one point in `checked` is solved again cold."""

    def task(start: int) -> Callable[[], Task]:
        stop = min(start + chunk, size)
        return lambda: Task(files, start, tuple(points(start, stop)), tuple(record), checked)

    return [task(start) for start in range(0, size, chunk)]


@lru_cache(maxsize=2)
def engine_of(files: Files) -> Engine:
    """The engine of this process for a scenario, read from a folder of its own."""
    folder = tempfile.TemporaryDirectory(prefix="allocator-")
    for name, content in files.content:
        (Path(folder.name) / name).write_bytes(content)
    engine = Engine(folder.name)
    # some changes read the folder again: it goes when the engine does
    weakref.finalize(engine, folder.cleanup)
    return engine


def _moved(change: NDArray[np.float64]) -> float:
    """Money that some gain and others lose; a larger budget alone moves none."""
    return float(min(change[change > 0].sum(), -change[change < 0].sum()))


def _values(
    loaded: Loaded, point: Point, base: NDArray[np.float64] | None, record: Sequence[str]
) -> NDArray[np.float64]:
    """One row of `Solved.values`."""
    paid = point.payments
    if paid is None or point.entitlement is None:
        return np.full(len(metric_names(loaded, record)), np.nan)
    county = paid.sum(axis=1)
    parts: list[NDArray[np.float64]] = []
    if "metrics" in record:
        moved = np.nan if base is None else _moved(county - base.sum(axis=1))
        away = _moved(county - point.entitlement.sum(axis=1))
        parts.append(np.array([point.largest_departure, moved, away]))
    if "counties" in record:
        parts.append(county)
    if "payments" in record:
        parts.append(paid.ravel())
    if "prefectures" in record:
        members = loaded.counties.prefecture_members.values()
        parts.append(np.array([county[rows].sum() for rows in members]))
    if "groups" in record:
        groups = [loaded.counties.groups[g] for g in loaded.scenario.groups]
        parts.append(np.array([county[own].mean() if own.any() else np.nan for own in groups]))
    return np.asarray(np.round(np.concatenate(parts or [np.empty(0)]), PLACES) + 0.0, dtype=np.float64)
