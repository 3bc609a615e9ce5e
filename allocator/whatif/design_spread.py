"""Designs that spread points over ranges: Latin hypercube, Sobol (Saltelli), Morris."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import import_module
from importlib.util import find_spec
from typing import Annotated, Any, ClassVar

import numpy as np
from numpy.typing import NDArray
from pydantic import AfterValidator, Field

from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.design_base import Count, Design, Ranges, Refusal
from allocator.whatif.design_check import Checker, Complaint

Matrix = NDArray[np.float64]
Bounds = tuple[tuple[float, float], ...]
MOST_NUMBERS = 50_000_000
"""Numbers that a design may hold in memory: 400 MB."""
NEEDED = Text("这里需要安装 SALib", "SALib is needed here and not installed")
INSTALL = Text("pip install 'allocator[sensitivity]'", "pip install 'allocator[sensitivity]'")


def _power_of_two(value: int) -> int:
    if value & (value - 1) == 0:
        return value
    above = 1 << value.bit_length()
    raise Refusal(
        Text(f"points 须为 2 的幂，现为 {value}", f"'points' must be a power of two, got {value}"),
        Text(f"请用 {above // 2} 或 {above}", f"use {above // 2} or {above}"),
    )


def _even(value: int) -> int:
    if value % 2 == 0:
        return value
    raise Refusal(
        Text(f"levels 须为偶数，现为 {value}", f"'levels' must be even, got {value}"),
        Text(f"请用 {value + 1}，常用 4", f"use {value + 1}; 4 is usual"),
    )


class Spread(Design):
    """A matrix with one row a point and one column a path, computed once for each process."""

    ranges: Ranges
    """Path → [lowest, highest]."""

    @abstractmethod
    def matrix(self, seed: int, number: int = 0) -> Matrix:
        """The whole design, read-only; `number` is the position of the design in its plan."""

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """One row of the matrix."""
        return dict(zip(self.ranges, self.matrix(*seed)[position].tolist(), strict=True))

    def problem(self) -> dict[str, Any]:
        """The ranges as SALib's functions take them."""
        return _problem(tuple(self.ranges), self.bounds)

    @property
    def bounds(self) -> Bounds:
        """Ranges as floats, in order."""
        return tuple((float(low), float(high)) for low, high in self.ranges.values())

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Unknown paths, ends that they do not take, and designs too large to hold."""
        yield from checker.ranges((self.design, "ranges"), self.ranges, self.with_)
        if self.too_large:
            yield Complaint(
                (self.design,),
                Text(f"设计有 {self.size()} 个点，内存放不下", f"{self.size()} points are too many to hold"),
                Text("请减少点数", "use fewer points"),
            )

    @property
    def too_large(self) -> bool:
        """Whether the matrix is more than memory holds."""
        return self.size() * len(self.ranges) > MOST_NUMBERS

    def first(self) -> Mapping[str, Any]:
        """The low end of every range."""
        return {path: low for path, (low, _) in self.ranges.items()}

    def turns(self, path: str) -> bool:
        """Whether the path has a range."""
        return path in self.ranges


class LatinHypercube(Spread):
    """Random points, with one in each of `points` equal parts of every range."""

    design: ClassVar[str] = "latin_hypercube"
    example: ClassVar[str] = "latin_hypercube: {points: 100, ranges: {streams.grant.budget: [900, 1100]}}"

    points: Count
    """Number of points."""

    def size(self) -> int:
        """Number of points."""
        return self.points

    def matrix(self, seed: int, number: int = 0) -> Matrix:
        """Parts in random order, a random place within each."""
        return _latin_hypercube((seed, number), self.points, self.bounds)


class Sobol(Spread):
    """Saltelli's points for Sobol indices: points × (paths + 2), or × (2 paths + 2) with second order."""

    design: ClassVar[str] = "sobol"
    example: ClassVar[str] = "sobol: {points: 256, ranges: {streams.grant.budget: [900, 1100]}}"

    points: Annotated[Count, AfterValidator(_power_of_two)]
    """Points of the base sequence, a power of two."""
    second_order: bool = False
    """Whether interactions of pairs can be estimated too."""

    def size(self) -> int:
        """Number of rows that SALib makes."""
        paths = len(self.ranges)
        return self.points * (2 * paths + 2 if self.second_order else paths + 2)

    def matrix(self, seed: int, number: int = 0) -> Matrix:
        """As SALib.sample.sobol makes it."""
        return _sobol((seed, number), self.points, self.second_order, tuple(self.ranges), self.bounds)

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Faults of ranges, and where SALib is missing."""
        yield from super().own_complaints(checker)
        yield from _needs_package(self.design)


class Morris(Spread):
    """Trajectories that turn one path after the other: trajectories × (paths + 1) points."""

    design: ClassVar[str] = "morris"
    example: ClassVar[str] = "morris: {trajectories: 20, ranges: {streams.grant.budget: [900, 1100]}}"

    trajectories: Count
    """Number of trajectories."""
    levels: Annotated[int, Field(strict=True, ge=2), AfterValidator(_even)] = 4
    """Levels of each range, an even number."""

    def size(self) -> int:
        """Number of rows that SALib makes."""
        return self.trajectories * (len(self.ranges) + 1)

    def matrix(self, seed: int, number: int = 0) -> Matrix:
        """As SALib.sample.morris makes it."""
        return _morris((seed, number), self.trajectories, self.levels, tuple(self.ranges), self.bounds)

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Faults of ranges, and where SALib is missing."""
        yield from super().own_complaints(checker)
        yield from _needs_package(self.design)


def _needs_package(design: str) -> Iterator[Complaint]:
    if find_spec("SALib") is None:
        yield Complaint((design,), NEEDED, INSTALL)


def _sampler(name: str) -> Any:
    try:
        return import_module(f"SALib.sample.{name}")
    except ImportError:
        raise BadInput([fault(Place("SALib"), *NEEDED, *INSTALL)]) from None


def _problem(paths: tuple[str, ...], bounds: Bounds) -> dict[str, Any]:
    return {"num_vars": len(paths), "names": list(paths), "bounds": [list(ends) for ends in bounds]}


def salib_seed(seed: int, number: int) -> int:
    """The seed that SALib gets for a design of a plan; a whole number, which all its versions take."""
    return int(np.random.SeedSequence([seed, number]).generate_state(1)[0])


def _fixed(matrix: Matrix) -> Matrix:
    matrix.flags.writeable = False
    return matrix


@lru_cache(maxsize=8)
def _latin_hypercube(seed: tuple[int, int], points: int, bounds: Bounds) -> Matrix:
    random = np.random.default_rng(seed)
    columns = []
    for low, high in bounds:
        part = (random.permutation(points) + random.random(points)) / points
        columns.append(low + part * (high - low))
    return _fixed(np.column_stack(columns))


@lru_cache(maxsize=8)
def _sobol(
    seed: tuple[int, int], points: int, second_order: bool, paths: tuple[str, ...], bounds: Bounds
) -> Matrix:
    problem, whole = _problem(paths, bounds), salib_seed(*seed)
    return _fixed(_sampler("sobol").sample(problem, points, calc_second_order=second_order, seed=whole))


@lru_cache(maxsize=8)
def _morris(
    seed: tuple[int, int], trajectories: int, levels: int, paths: tuple[str, ...], bounds: Bounds
) -> Matrix:
    problem, whole = _problem(paths, bounds), salib_seed(*seed)
    return _fixed(_sampler("morris").sample(problem, trajectories, num_levels=levels, seed=whole))
