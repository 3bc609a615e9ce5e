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
from functools import cached_property, lru_cache, partial
from pathlib import Path
from threading import Lock
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from allocator.flatten import flatten
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.changed import weights_in_effect
from allocator.whatif.engine import Engine, Point

CHECKED = 50
"""One point in so many is solved again cold; of those that are published, every one."""
PLACES = 6
"""Decimals of a recorded value."""
WEIGHT_PLACES = 12
"""Decimals of a recorded weight."""


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
    why: tuple[Text, ...]
    """What went wrong where a point failed."""
    weights: tuple[Mapping[str, Mapping[str, float]], ...]
    """Weights in effect of the formulas that a point turns: formula → factor → weight."""
    values: NDArray[np.float64]
    """(points, metrics), NaN where there is no allocation."""
    disagreed: tuple[int, ...]
    """Numbers of points whose quick answer was replaced by the cold one."""
    checked: int
    """Points that were solved twice."""

    @property
    def reasons(self) -> tuple[str, ...]:
        """What went wrong, in English."""
        return tuple(why.en for why in self.why)

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
        tuple(p.why for p in points),
        tuple(_weights(engine.loaded, changes) for changes in task.changes),
        np.array(rows, dtype=np.float64).reshape(len(points), -1),
        tuple(disagreed),
        checked,
    )


@dataclass(frozen=True)
class Tasks(Sequence[Callable[[], Task]]):
    """Chunks of a sweep, each made when it is asked for, so that any number of points takes no memory."""

    files: Files
    size: int
    points: Callable[[int, int], Sequence[Mapping[str, Any]]]
    record: tuple[str, ...]
    chunk: int
    checked: int = CHECKED
    done: frozenset[int] = frozenset()
    """Starts of the chunks that are left out."""

    @cached_property
    def starts(self) -> Sequence[int]:
        """First point of each chunk."""
        every = range(0, self.size, self.chunk)
        return [start for start in every if start not in self.done] if self.done else every

    def __len__(self) -> int:
        return len(self.starts)

    @overload
    def __getitem__(self, position: int) -> Callable[[], Task]: ...

    @overload
    def __getitem__(self, position: slice) -> Sequence[Callable[[], Task]]: ...

    def __getitem__(self, position: int | slice) -> Callable[[], Task] | Sequence[Callable[[], Task]]:
        """What makes one chunk, or several."""
        if isinstance(position, slice):
            return [partial(self._task, start) for start in self.starts[position]]
        return partial(self._task, self.starts[position])

    def _task(self, start: int) -> Task:
        stop = min(start + self.chunk, self.size)
        return Task(self.files, start, tuple(self.points(start, stop)), self.record, self.checked)


def tasks(
    files: Files,
    size: int,
    points: Callable[[int, int], Sequence[Mapping[str, Any]]],
    record: Sequence[str],
    chunk: int,
    checked: int = CHECKED,
) -> list[Callable[[], Task]]:
    """The chunks of a study, which are few, as a list; one point in `checked` is solved again cold."""
    return list(Tasks(files, size, points, tuple(record), chunk, checked))


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


def _weights(loaded: Loaded, changes: Mapping[str, Any]) -> dict[str, dict[str, float]]:
    return {
        formula: {factor: round(float(weight), WEIGHT_PLACES) for factor, weight in own.items()}
        for formula, own in weights_in_effect(loaded, changes).items()
    }


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
