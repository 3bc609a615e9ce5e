"""The repair menu: what alone, or in pairs, makes an allocation possible, each one solved and verified.

For every parameter of every rule that is not law, and every budget, the nearest value at which the
rules can be kept on real amounts; then, in small steps beyond it, the first one for which the whole
chain down to verified whole money succeeds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal
from itertools import combinations
from typing import Literal

from allocator.allocation import Allocation
from allocator.faults import BadInput
from allocator.loaded import Loaded
from allocator.plan import attempt
from allocator.rules.base import Knob
from allocator.text import Text
from allocator.variant import with_budgets, with_parameters
from allocator.verdict import judge
from allocator.whatif.nearest import Nearest, Way, way_of
from allocator.why.conflicts import Conflict

BEYOND = tuple(Decimal(f) for f in ("1", "1.002", "1.005", "1.009", "1.012", "1.015", "1.02", "1.05", "1.1"))
"""Multiples of the least change that are tried until whole money succeeds."""
ONLY_WHOLE = tuple(Decimal(f) for f in ("0.0005", "0.002", "0.01", "0.03"))
"""Parts of the value that are tried where only whole money stands in the way."""
SOLVED = 6
"""Decimals to which a least budget is believed."""
DIGITS = 3
"""Significant digits of a change, rounded away from the present value."""
STEPS = tuple(Decimal(f) for f in ("0.05", "0.1", "0.25", "0.5", "1", "2"))
"""Policy steps beyond the least change that are tried after that: whole money may need much more than
a small change."""
MOST_PAIRS = 5
"""Pairs that are solved and shown."""

Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Change:
    """One number that is changed: a rule's parameter or a stream's budget."""

    kind: Literal["rules", "streams"]
    name: str
    """Rule or stream."""
    key: str
    """Parameter, or `budget`."""
    old: Decimal
    new: Decimal
    title: Text
    knob: Knob | None = None

    @property
    def size(self) -> float:
        """The change as a part of the old value."""
        return float(abs(self.new - self.old) / (abs(self.old) or 1))


@dataclass(frozen=True)
class Repair:
    """Changes that make an allocation possible; solved, rounded and verified."""

    changes: tuple[Change, ...]
    least: tuple[Decimal, ...]
    """The values at which real amounts become possible; whole money may need a little more."""
    allocation: Allocation
    affected: tuple[tuple[str, str], ...]
    """(rule, where) of the rows whose old demand the repaired table no longer meets."""

    @property
    def size(self) -> float:
        """Sum of the relative changes."""
        return sum(change.size for change in self.changes)


@dataclass(frozen=True)
class Menu:
    """What can be done: repairs, smallest change first, and what alone cannot help."""

    repairs: tuple[Repair, ...]
    alone: tuple[tuple[str, str, str, Text], ...]
    """(rules or streams, name, key, title) of single numbers that cannot make it possible."""
    paired: bool = False
    """Whether no single number was enough and the repairs are pairs."""


def menu(
    loaded: Loaded, near: Nearest, found: Sequence[Conflict], progress: Progress = lambda share: None
) -> Menu:
    """The menu of a scenario for which no allocation exists."""
    return _Finder(loaded, near, progress).menu(found)


class _Finder:
    def __init__(self, loaded: Loaded, near: Nearest, progress: Progress) -> None:
        self.loaded, self.near, self.progress = loaded, near, progress
        year = loaded.scenario.year
        rules = [rule for rule in loaded.scenario.rules if not rule.law]
        self.ways = [way_of(knob) for rule in rules for knob in rule.knobs(year)]
        self.whole_only = near.feasible()

    def menu(self, found: Sequence[Conflict]) -> Menu:
        repairs: list[Repair] = []
        alone: list[tuple[str, str, str, Text]] = []
        singles = len(self.ways) + 2 * len(self.loaded.scenario.streams)
        for done, way in enumerate(self.ways):
            least = 0.0 if self.whole_only else self.near.parameters([way])
            # no change at all helps only the side of an equation that does not give way
            useless = least is None or (not least and not self.whole_only)
            repair = None if useless else self._verified([self._change(way, least or 0.0)])
            if repair is not None:
                repairs.append(repair)
            else:
                alone.append(("rules", way.knob.rule, way.knob.key, self._title(way.knob)))
            self.progress((done + 1) / singles)
        for done, name in enumerate(self.loaded.scenario.streams):
            own = self._budgets(name)
            repairs += own
            if not own:
                alone.append(("streams", name, "budget", self._budget_title(name)))
            self.progress((len(self.ways) + 2 * done + 2) / singles)
        if repairs or self.whole_only:
            return Menu(tuple(sorted(repairs, key=lambda r: r.size)), tuple(alone))
        pairs = sorted(self._pairs(found), key=lambda r: r.size)
        return Menu(tuple(pairs), tuple(alone), True)

    def _title(self, knob: Knob) -> Text:
        rule = self.loaded.scenario.rule_by_id[knob.rule].text
        return Text(f"“{rule.zh}”的{knob.title.zh}", f"{knob.title.en} of '{rule.en}'")

    def _budget_title(self, name: str) -> Text:
        own = self.loaded.names.stream(name)
        return Text(f"“{own.zh}”的预算", f"budget of '{own.en}'")

    def _change(self, way: Way, mu: float) -> Change:
        knob = way.knob
        return Change("rules", knob.rule, knob.key, knob.value, way.value(mu), self._title(knob), knob)

    def _budgets(self, name: str) -> list[Repair]:
        stream = self.loaded.scenario.streams[name]
        found = []
        for direction in (1, -1):
            least = 0.0 if self.whole_only else self.near.budget(name, direction)
            if least is not None and stream.budget:
                new = stream.budget + direction * Decimal(repr(round(least, SOLVED)))
                title = self._budget_title(name)
                repair = self._verified(
                    [Change("streams", name, "budget", stream.budget, new, title)], direction
                )
                found += [] if repair is None else [repair]
        return found

    def _pairs(self, found: Sequence[Conflict]) -> list[Repair]:
        """Pairs of parameters that touch every conflict, the smallest few verified."""
        touching = {way.knob: self._touches(way, found) for way in self.ways}
        every = set(range(len(found)))
        candidates: list[list[Change]] = []
        for one, two in combinations(self.ways, 2):
            same = (one.knob.rule, one.knob.key) == (two.knob.rule, two.knob.key)
            if not same and touching[one.knob] | touching[two.knob] >= every:
                changes = self._pair(one, two)
                candidates += [] if changes is None else [changes]
        candidates.sort(key=lambda changes: sum(c.size for c in changes))
        made = (self._verified(changes) for changes in candidates[: 2 * MOST_PAIRS])
        return [repair for repair in made if repair is not None][:MOST_PAIRS]

    def _touches(self, way: Way, found: Sequence[Conflict]) -> set[int]:
        """Conflicts with a row that the parameter governs."""
        year, rule = self.loaded.scenario.year, self.loaded.scenario.rule_by_id[way.knob.rule]
        rows = self.loaded.rows[rule.id]
        return {
            k
            for k, one in enumerate(found)
            if any(r == rule.id and way.knob.key in rule.governs(rows[n], year) for r, n in one.members)
        }

    def _pair(self, one: Way, two: Way) -> list[Change] | None:
        """Each as near as the other at its far end allows; both further in proportion if need be."""
        ends = [(way.knob, way.value(way.most)) for way in (one, two)]
        # with the other at its far end each needs some change, or it alone would do
        near_one, near_two = self.near.parameters([one], [ends[1]]), self.near.parameters([two], [ends[0]])
        if not near_one or not near_two:
            return None
        nearest = (near_one, near_two)
        changes = [self._change(way, mu) for way, mu in zip((one, two), nearest, strict=True)]
        if self.near.feasible([(c.knob, c.new) for c in changes if c.knob is not None]):
            return changes
        together = [
            Way(way.knob, way.unit * Decimal(repr(mu)), way.most / mu if mu else float("inf"))
            for way, mu in zip((one, two), nearest, strict=True)
        ]
        mu = self.near.parameters(together)
        return None if mu is None else [self._change(way, mu) for way in together]

    def _verified(self, changes: list[Change], direction: int = 0) -> Repair | None:
        """The first step beyond the least change at which the whole chain succeeds."""
        before: list[Change] = []
        for factor, steps in self._stretches(changes):
            tried = [self._stretched(change, factor, steps, direction) for change in changes]
            if tried == before:
                continue
            before = tried
            try:
                allocation = attempt(applied(self.loaded, tried))
            except BadInput:
                continue
            if allocation is None:
                continue
            verdict = judge(self.loaded.problem, self.loaded.rows, allocation.steps)
            affected = tuple((row.rule, row.where) for row in verdict.rules if not row.holds)
            return Repair(tuple(tried), tuple(c.new for c in changes), allocation, affected)
        return None

    def _stretches(self, changes: Sequence[Change]) -> list[tuple[Decimal, Decimal]]:
        """What is tried in turn: the change times a factor, plus so many policy steps."""
        if self.whole_only:
            return [(factor, Decimal(0)) for factor in ONLY_WHOLE]
        beyond = [(factor, Decimal(0)) for factor in BEYOND]
        return beyond + [(Decimal(1), steps) for steps in STEPS if any(c.knob for c in changes)]

    def _stretched(self, change: Change, factor: Decimal, steps: Decimal, direction: int) -> Change:
        """The changed change, rounded outwards to a few digits, budgets to a whole step."""
        turn = (change.new - change.old) * factor
        if change.knob is not None:
            turn += (1 if turn > 0 else -1) * steps * change.knob.step if turn else Decimal(0)
        if self.whole_only:
            sign = direction or (change.knob.loosens if change.knob else 1)
            turn = sign * (abs(change.old) or Decimal(1)) * factor
        if not turn:
            return change
        away = ROUND_CEILING if turn > 0 else ROUND_FLOOR
        if change.kind == "streams":
            step = self.loaded.scenario.step
            new = ((change.old + turn) / step).to_integral_value(away) * step
        else:
            quantum = Decimal(1).scaleb(turn.adjusted() - DIGITS)
            new = (change.old + turn).quantize(quantum, away)
            if change.knob is not None:
                new = change.knob.within(new)
        return Change(change.kind, change.name, change.key, change.old, new, change.title, change.knob)


def applied(loaded: Loaded, changes: Sequence[Change]) -> Loaded:
    """The scenario with the changes made."""
    budgets = {c.name: c.new for c in changes if c.kind == "streams"}
    if budgets:
        loaded = with_budgets(loaded, budgets)
    turned = [(c.name, c.key, c.new) for c in changes if c.kind == "rules"]
    return with_parameters(loaded, turned) if turned else loaded
