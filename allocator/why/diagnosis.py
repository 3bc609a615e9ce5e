"""Why there is no allocation, by how much, and what would make one."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.amounts import LevelOne
from allocator.loaded import Loaded
from allocator.necessary import Check, checks
from allocator.optimum import Progress, silent
from allocator.relaxation import Relaxation, relaxation
from allocator.row_map import RowMap, row_map
from allocator.text import Text
from allocator.whatif.nearest import Nearest
from allocator.why.conflicts import Conflict, conflicts
from allocator.why.repairs import Menu, menu
from solvers.choose import make_solver


@dataclass(frozen=True)
class Diagnosis:
    """What `allocator diagnose` found. `whole_only`: real amounts exist, whole ones do not."""

    loaded: Loaded
    rows: RowMap
    checks: tuple[Check, ...]
    relaxation: Relaxation
    conflicts: tuple[Conflict, ...]
    whole_only: bool
    menu: Menu


def diagnose(loaded: Loaded, progress: Progress = silent) -> Diagnosis:
    """The diagnosis of a scenario for which `plan.solve` finds no allocation."""
    solver = make_solver("highs")
    linear = LevelOne(loaded, solver).linear
    rows = row_map(loaded, linear)
    near = Nearest(loaded, linear, solver)
    progress(Text("哪些规则互相矛盾", "which rules contradict each other"), 0.0)
    whole_only = near.feasible()
    found = () if whole_only else conflicts(rows, solver)
    progress(Text("最小的让步", "the smallest relaxation"), 0.0)
    eased = Relaxation((), False) if whole_only else relaxation(rows, solver)
    what = Text("逐一试每个参数和预算", "trying every parameter and budget")
    repairs = menu(loaded, near, found, lambda share: progress(what, share))
    return Diagnosis(loaded, rows, checks(loaded), eased, found, whole_only, repairs)
