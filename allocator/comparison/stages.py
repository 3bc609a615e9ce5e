"""The way from one scenario to another in four stages: data, formulas, rules, budgets.

Each stage is a mixed scenario: what lies before it is already the second one's, what lies behind it
still the first one's. The last is the second scenario itself.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.amounts import LevelOne
from allocator.assemble import assemble
from allocator.counties import Counties
from allocator.faults import BadInput, SolverTrouble
from allocator.formula.mix import mix_columns
from allocator.groups import evaluate_groups
from allocator.input.references import numeric_columns, scenario_references, table_references
from allocator.loaded import Issued, Loaded
from allocator.numbers import parse_number
from allocator.policy import Adjustment, Adjustments, Group, Stream
from allocator.scenario import Scenario
from allocator.text import Text
from solvers.solution import Infeasible, SolverError

StageKind = Literal["data", "formulas", "rules", "budgets", "rounding"]
KINDS: tuple[StageKind, ...] = ("data", "formulas", "rules", "budgets")
AGREEMENT = 1e-6
"""Part of a step by which the last stage may differ from the second scenario's own solve."""
FREE = Decimal(10**9)
"""Limit of adjustments in a mixed scenario, where they meet money that they were not written for."""
FOR_FORMULA = ("formula", "multiplier", "eligible", "entitlement", "incentive")
"""What a stream says of its formula; the rest belongs to its budget."""
UNFIT = Text("前后两方案的内容对不上", "parts of the two scenarios do not fit each other")
IMPOSSIBLE = Text("中间状态没有可行的分配", "there is no allocation in between")
FAILED = Text("中间状态求解失败", "the solver failed in between")


class Unfit(Exception):
    """A mixed scenario does not fit together."""


@dataclass(frozen=True)
class Stage:
    """One stage, or several that could not be told apart."""

    kinds: tuple[StageKind, ...]
    changed: bool
    """Whether the scenarios differ in it at all."""
    payments: NDArray[np.float64]
    """(n): each county's money after it, before rounding."""
    why: Text | None = None
    """Why stages were merged."""


@dataclass(frozen=True)
class _Mixed:
    scenario: Scenario
    counties: Counties
    issued: Issued

    def same(self, other: _Mixed) -> bool:
        """Whether the two lead to the same amounts because they say the same."""
        return (
            self.scenario == other.scenario
            and self.counties.text == other.counties.text
            and self.issued == other.issued
        )


def stages(
    first: Loaded, second: Loaded, before: NDArray[np.float64], after: NDArray[np.float64]
) -> tuple[Stage, ...]:
    """Stages between two scenarios with the same counties; `before` and `after` are their own (n)."""
    found: list[Stage] = []
    payments, state = (
        before,
        _Mixed(_scenario("data", first.scenario, second.scenario), first.counties, first.issued),
    )
    waiting: list[StageKind] = []
    why: Text | None = None
    for kind in KINDS:
        mixed = _mixed(kind, first, second)
        if mixed.same(state):
            # a stage that differs in nothing waits for nobody
            found += [] if waiting else [Stage((kind,), False, payments)]
            continue
        state = mixed
        waiting.append(kind)
        try:
            payments = _payments(mixed, second, kind)
        except (Unfit, BadInput):
            why = UNFIT
        except Infeasible:
            why = IMPOSSIBLE
        except SolverError:
            why = FAILED
        else:
            found.append(Stage(tuple(waiting), True, payments, why))
            waiting, why = [], None
    _check_last(payments, after, second, waiting)
    return tuple(found)


def _check_last(
    payments: NDArray[np.float64], after: NDArray[np.float64], second: Loaded, waiting: list[StageKind]
) -> None:
    """The last stage is the second scenario: anything else would be an error of ours."""
    apart = float(np.abs(payments - after).max(initial=0.0))
    if waiting or apart > AGREEMENT * float(second.problem.step):
        raise SolverTrouble(
            Text(
                f"内部错误：最后一步与第二个方案相差 {apart:.2e}",
                f"internal error: the last stage differs from the second scenario by {apart:.2e}",
            )
        )


def _mixed(kind: StageKind, first: Loaded, second: Loaded) -> _Mixed:
    scenario = _scenario(kind, first.scenario, second.scenario)
    theirs = {key: v for key, v in second.issued.items() if key[1] in scenario.streams}
    ours = {key: v for key, v in first.issued.items() if key[1] not in second.scenario.streams}
    issued = {**theirs, **({} if kind == KINDS[-1] else ours)}
    return _Mixed(scenario, second.counties, issued)


def _scenario(kind: StageKind, first: Scenario, second: Scenario) -> Scenario:
    """The scenario of a stage; what it is called, and the size of its steps, stay the first one's."""
    if kind == "data":
        return first.model_copy(update={"adjustments": _free(_items(first))})
    if kind == "budgets":
        labels = ("name", "title", "unit", "step", "counties", "committed", "extends", "divisions")
        same = {key: getattr(first, key) for key in labels}
        return second.model_copy(update={**same, "adjustments": _free(_items(second))})
    streams = {name: _stream(own, second.streams.get(name)) for name, own in first.streams.items()}
    left = [own for name, own in first.streams.items() if name not in second.streams]
    formulas = {**{own.formula: first.formulas[own.formula] for own in left}, **second.formulas}
    changed = {
        "streams": streams,
        "formulas": formulas,
        "mix": second.mix,
        "adjustments": _adjustments(first, second),
    }
    if kind == "formulas":
        uses = {name: first.uses.get(name, use) for name, use in second.uses.items()}
        kept = _groups_of(first, left) | _groups_of_rules(first)
        changed |= {"uses": uses, "groups": _with_groups(first, second, kept)}
    else:
        changed |= {key: getattr(second, key) for key in ("uses", "rules", "objective", "year")}
        changed["groups"] = _with_groups(first, second, _groups_of(first, left))
    return first.model_copy(update=changed)


def _stream(own: Stream, other: Stream | None) -> Stream:
    return own if other is None else own.model_copy(update={key: getattr(other, key) for key in FOR_FORMULA})


def _with_groups(first: Scenario, second: Scenario, kept: set[str]) -> dict[str, Group]:
    return {**{name: group for name, group in first.groups.items() if name in kept}, **second.groups}


def _groups_of(scenario: Scenario, streams: Iterable[Stream]) -> set[str]:
    """Groups that the streams and their formulas look at."""
    names: set[str] = set()
    for stream in streams:
        names.add(stream.eligible)
        if stream.pool is not None:
            names.add(stream.pool.group)
        names.update(group for factor in scenario.formulas[stream.formula] for group in factor.points or {})
    return names


def _groups_of_rules(scenario: Scenario) -> set[str]:
    names: set[str] = set()
    for rule in scenario.rules:
        chosen = (selection.group for selection in rule.selections().values())
        names.update(n for n in (*rule.group_names(), *chosen, getattr(rule, "by", None)) if n is not None)
    return names


def _adjustments(first: Scenario, second: Scenario) -> Adjustments | None:
    """The second scenario's, and the first one's for streams that only it has; without their limit."""
    kept = [item for item in _items(second) if item.stream in first.streams]
    kept += [item for item in _items(first) if item.stream not in second.streams]
    return _free(kept)


def _items(scenario: Scenario) -> tuple[Adjustment, ...]:
    return () if scenario.adjustments is None else scenario.adjustments.items


def _free(items: Sequence[Adjustment]) -> Adjustments | None:
    free = Adjustments(limit=Decimal(1), items=tuple(items)).model_copy(update={"limit": FREE})
    return free if items else None


def _payments(mixed: _Mixed, second: Loaded, kind: StageKind) -> NDArray[np.float64]:
    """(n): each county's money in a mixed scenario; raises Unfit, BadInput, or what the solver raises."""
    scenario = mixed.scenario
    if kind != KINDS[-1] and scenario_references(scenario, second.tree):
        raise Unfit
    if any(s not in scenario.streams or u not in scenario.uses for _, s, u in mixed.issued):
        raise Unfit
    counties = _fitted(scenario, mixed.counties, second)
    loaded = assemble(scenario, second.tree, counties, mixed.issued, {})
    return np.asarray(LevelOne(loaded).under().payments.sum(axis=1))


def _fitted(scenario: Scenario, table: Counties, second: Loaded) -> Counties:
    """The table with the numbers and the groups that a scenario needs of it."""
    used = {stream.formula for stream in scenario.streams.values()}
    needed = scenario.model_copy(update={"formulas": {name: scenario.formulas[name] for name in used}})
    wanted = [*numeric_columns(needed), *mix_columns(scenario, tuple(table.text))[0]]
    numbers = {column: _numbers(table, column) for column in wanted}
    counties = replace(table, numbers=numbers, groups={})
    groups, faults = evaluate_groups(scenario.groups, counties, second.tree)
    if faults or table_references(scenario, second.tree, counties):
        raise Unfit
    return replace(counties, groups=groups)


def _numbers(table: Counties, column: str) -> tuple[Decimal | None, ...]:
    if column not in table.text:
        raise Unfit
    found = []
    for cell in table.text[column]:
        number = parse_number(cell) if cell else None
        if (cell and number is None) or (number is not None and number < 0):
            raise Unfit
        found.append(number)
    return tuple(found)
