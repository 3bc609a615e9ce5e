"""Cliffs: how much money hangs on the last unit before a band's edge or a group's threshold.

The money at an edge is the difference between the figure just across it and the last figure on the
county's own side, so that a gradual change on the way to the edge does not count as a jump.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

from allocator.names import percent
from allocator.numbers import plain
from allocator.optimum import Progress, silent
from allocator.text import Text
from allocator.why.fairness_trial import Property, Trial, entitled
from allocator.why.ladders import Crossing, crossings, ladders

SOLVED = 10
"""Largest jumps that are computed under all the rules too."""
RULED = 5
"""Nearest counties to a threshold that a rule looks at, computed under all the rules."""
NEAR = Decimal("0.1")
"""An edge counts where it is the county's nearest, or the figure need move by this part of itself."""


@dataclass(frozen=True)
class Cliff:
    """What one county gains or loses at its nearest edge of one ladder."""

    crossing: Crossing
    entitled: float
    """By the formula now."""
    before: float
    """By the formula at the last figure on the county's own side."""
    after: float
    """By the formula just across."""
    counts: bool = False
    """Whether the edge is near enough to be judged."""
    paid: float = 0.0
    """Under all the rules now."""
    paid_jump: float | None = None
    """The jump under all the rules; None where it was not computed."""

    @property
    def jump(self) -> float:
        """Money at the edge, by the formula."""
        return self.after - self.before

    @property
    def share(self) -> float:
        """The jump as a part of the county's amount; under the rules where they look at the group."""
        found = _part(self.jump, self.entitled, max(self.before, self.after))
        if self.paid_jump is not None and self.crossing.ladder.in_rules:
            found = max(found, _part(self.paid_jump, self.paid, abs(self.paid_jump)))
        return found


def _part(money: float, whole: float, otherwise: float) -> float:
    """A part of the whole, or of something else where the county has nothing."""
    base = whole if whole > 0 else otherwise
    return abs(money) / base if base > 0 else 0.0


def cliffs(trial: Trial, progress: Progress = silent) -> tuple[list[Cliff], int]:
    """Every county at its nearest edge of every ladder, largest first; and how many were left out."""
    ways = [way for ladder in ladders(trial.loaded) for way in crossings(ladder, trial.loaded.counties)]
    ways.sort(key=_nearness)
    tried = ways[: trial.formulas]
    found = []
    for done, way in enumerate(tried):
        progress(Text("分档和门槛", "bands and thresholds"), 0.8 * done / len(tried))
        cliff = _cliff(trial, way)
        if cliff is not None:
            found.append(cliff)
    found = _counted(found, float(trial.loaded.problem.step))
    chosen = _chosen(found)
    found = [_under_rules(trial, c) if k in chosen else c for k, c in enumerate(found)]
    found.sort(key=lambda c: (not c.counts, -c.share, c.crossing.county))
    return found, len(ways) - len(found)


def _nearness(way: Crossing) -> tuple[Decimal, int]:
    return (Decimal("Infinity") if way.distance is None else way.distance), way.county


def _cliff(trial: Trial, way: Crossing) -> Cliff | None:
    """The formula on both sides of the edge; None where it cannot take such a figure."""
    sides = []
    for value in (way.brink, way.across):
        if value == way.now:
            sides.append(float(trial.entitled[way.county]))
            continue
        changed = trial.formula_with({(way.county, way.column): value})
        if changed is None:
            return None
        sides.append(float(entitled(changed)[way.county]))
    return Cliff(way, float(trial.entitled[way.county]), before=sides[0], after=sides[1])


def _counted(found: Sequence[Cliff], step: float) -> list[Cliff]:
    """Says of each edge whether it counts: near, or the nearest at which a step or more depends on it."""
    nearest: dict[int, int] = {}
    for k, cliff in enumerate(found):
        if abs(cliff.jump) >= step or cliff.crossing.ladder.in_rules:
            nearest.setdefault(cliff.crossing.county, k)
    return [
        replace(c, counts=nearest.get(c.crossing.county) == k or _nearness(c.crossing)[0] <= NEAR)
        for k, c in enumerate(found)
    ]


def _chosen(found: Sequence[Cliff]) -> set[int]:
    """Positions of what is computed under all the rules; `found` is in order of nearness."""
    by_size = sorted((k for k, c in enumerate(found) if c.counts), key=lambda k: -found[k].share)
    chosen = set(by_size[:SOLVED])
    seen: dict[Any, int] = {}
    for k, cliff in enumerate(found):
        ladder = cliff.crossing.ladder
        if ladder.in_rules and seen.setdefault(ladder, 0) < RULED:
            seen[ladder] += 1
            chosen.add(k)
    return chosen


def _under_rules(trial: Trial, cliff: Cliff) -> Cliff:
    """The same with the jump under all the rules, where they can be kept on both sides."""
    way = cliff.crossing
    sides = []
    for value in (way.brink, way.across):
        if value == way.now:
            sides.append(float(trial.paid[way.county]))
            continue
        after = trial.with_figures({(way.county, way.column): value})
        if after is None:
            return cliff
        sides.append(float(after.under().payments[way.county].sum()))
    return replace(cliff, paid=float(trial.paid[way.county]), paid_jump=sides[1] - sides[0])


def no_cliff(trial: Trial, limit: Decimal, progress: Progress = silent) -> Property:
    """Whether no county's amount jumps by more than `limit` of itself at an edge near it."""
    found, left_out = cliffs(trial, progress)
    bad = [cliff for cliff in found if cliff.counts and cliff.share > limit]
    solved = sum(1 for cliff in found if cliff.paid_jump is not None)
    size = percent(Fraction(limit))
    facts = {
        "limit": str(limit),
        "edges_tried": len(found),
        "edges_left_out": left_out,
        "solved": solved,
        "above_limit": len(bad),
        "edges": [_facts(trial, cliff) for cliff in found],
    }
    scope = Text(
        f"按公式算了 {len(found)} 处，其中 {solved} 处按全部规则重算"
        + (f"，另有 {left_out} 处没有算" if left_out else ""),
        f"{len(found)} edges by the formula, {solved} of them under all the rules"
        + (f", {left_out} more not computed" if left_out else ""),
    )
    if not found:
        why = Text(
            "没有按数值分档的因素，也没有数值门槛", "no factor has numeric bands, no group a threshold"
        )
    elif bad:
        counties = len({cliff.crossing.county for cliff in bad})
        said = _said(trial, bad[0])
        why = Text(
            f"{counties} 个旗县的变动超过 {size}；最大的是{said.zh}（{scope.zh}）",
            f"{counties} counties jump by more than {size}; most: {said.en} ({scope.en})",
        )
    else:
        why = Text(f"{scope.zh}，变动都不超过 {size}", f"{scope.en}: none jumps by more than {size}")
    title = Text("分档和门槛处没有断崖", "No cliff at bands and thresholds")
    return Property("no_cliff", title, not bad, why, facts)


def _said(trial: Trial, cliff: Cliff) -> Text:
    way, who = cliff.crossing, trial.loaded.names.county(cliff.crossing.county)
    by_rules = abs(cliff.jump) < float(trial.loaded.problem.step) and cliff.paid_jump is not None
    money = trial.money(
        cliff.paid_jump if by_rules and cliff.paid_jump is not None else cliff.jump, sign=True
    )
    part, across = percent(Fraction(round(cliff.share, 4))), plain(way.across)
    title = way.ladder.title
    return Text(
        f"{who}：{title.zh}（“{way.column}”由 {plain(way.now)} 到 {across}）处 {money}，占 {part}",
        f"{who}, {title.en} ({way.column} from {plain(way.now)} to {across}): {money}, {part} of its amount",
    )


def _facts(trial: Trial, cliff: Cliff) -> dict[str, Any]:
    way = cliff.crossing
    return {
        **trial.county(way.county),
        "of": list(way.ladder.names),
        "column": way.column,
        "now": plain(way.now),
        "edge": plain(way.edge),
        "across": plain(way.across),
        "distance": None if way.distance is None else float(way.distance),
        "entitled": cliff.entitled,
        "jump": cliff.jump,
        "jump_under_rules": cliff.paid_jump,
        "share": cliff.share,
        "counts": cliff.counts,
    }
