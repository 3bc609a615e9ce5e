"""Everything that `allocator explain` says of an allocation, as values."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from difflib import get_close_matches

import numpy as np

from allocator.allocation import Allocation
from allocator.amounts import LevelOne
from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.plan import decide
from allocator.text import Text
from allocator.why.attribution import Attribution, in_order, shapley
from allocator.why.determinacy import Determinacy, determinacy
from allocator.why.reach import Reach, reach
from allocator.why.reasons import Reason, Reasons
from allocator.why.rule_prices import Price, Without, rule_prices, without
from allocator.why.statement import Statement, statements


@dataclass(frozen=True)
class RuleAccount:
    """One rule: what it moves, what it costs a step tighter or looser, what would be without it."""

    rule: str
    used: bool
    """Whether some round's proof needs the rule; leaving out a rule that is not used changes nothing."""
    prices: tuple[Price, ...]
    without: Without


@dataclass(frozen=True)
class Explanation:
    """An allocation with its reasons; parts that were not asked for are None or empty."""

    loaded: Loaded
    allocation: Allocation
    attribution: Attribution
    statements: tuple[Statement, ...]
    reasons: tuple[Reason | None, ...]
    """One for each statement."""
    determinacy: Determinacy
    rules: tuple[RuleAccount, ...] = ()
    reaches: tuple[Reach, ...] = ()
    gain: float = 0.0


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained: everything, one county (and what would give it more), or one rule."""

    county: int | None = None
    rule: str | None = None
    shapley: bool = False
    gain: float | None = None


def explain(loaded: Loaded, question: Question, progress: Progress = silent) -> Explanation:
    """Solves and explains; raises what `plan.solve` raises."""
    allocation, found = decide(loaded, progress=progress)
    one = LevelOne.of(loaded, found)
    attribution = (
        shapley(one, _stage(progress, Text("各规则的贡献（沙普利值）", "Shapley values of the rules")))
        if question.shapley
        else in_order(one)
    )
    wanted = None if question.county is None else [question.county]
    made = statements(loaded, allocation.steps, attribution, wanted)
    reasons = Reasons(one, attribution)
    rules = [r.id for r in loaded.scenario.rules if question.rule in (None, r.id)]
    if question.county is not None and question.rule is None:
        rules = []
    reaches: tuple[Reach, ...] = ()
    if question.county is not None and question.gain is not None:
        stage = _stage(progress, Text("逐一试每个参数", "trying each lever"))
        reaches = reach(one, question.county, question.gain, stage)
    return Explanation(
        loaded,
        allocation,
        attribution,
        made,
        tuple(reasons.of(statement) for statement in made),
        determinacy(one),
        _accounts(one, rules, progress),
        reaches,
        question.gain or 0.0,
    )


def _accounts(one: LevelOne, rules: list[str], progress: Progress) -> tuple[RuleAccount, ...]:
    used, by_id = one.under().used, one.loaded.scenario.rule_by_id
    stage = _stage(progress, Text("规则的代价", "prices of the rules"))
    found = []
    for done, rule in enumerate(rules):
        prices = rule_prices(one, by_id[rule])
        found.append(RuleAccount(rule, rule in used, prices, without(one, rule)))
        stage((done + 1) / len(rules))
    return tuple(found)


def _stage(progress: Progress, what: Text) -> Callable[[float], None]:
    return lambda share: progress(what, share)


def members_by_group(loaded: Loaded, group: str) -> dict[str, np.ndarray]:
    """Positions of a group's counties, and of the others (under the empty name)."""
    inside = loaded.counties.groups[group]
    return {group: np.flatnonzero(inside), "": np.flatnonzero(~inside)}


def find_rule(loaded: Loaded, wanted: str) -> str:
    """A rule's id, from its id or title; raises BadInput."""
    rules = loaded.scenario.rules
    ids = [rule.id for rule in rules]
    if wanted in ids:
        return wanted
    titled: list[str] = [rule.id for rule in rules if wanted in (rule.text.zh, rule.text.en)]
    if len(titled) == 1:
        return titled[0]
    near = get_close_matches(wanted, ids, 3, 0.4) or ids
    raise BadInput(
        [
            fault(
                Place(f"--rule {wanted}"),
                "没有这条规则",
                "there is no such rule",
                f"规则有：{'、'.join(near)}",
                f"the rules are: {', '.join(near)}",
            )
        ]
    )
