"""Why a county's money moved: the rule rows behind it that are tight in the result.

Of the rules that moved a county's money, the one that moved most and still shapes the result is named;
one whose rows other rules have made slack since is none. Its rows are the county's own, or those of its
prefecture or group; where there are none, the rows through which most money went to, or came from, others.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from allocator.amounts import Amounts, LevelOne
from allocator.names import number
from allocator.program_builder import RowPlace
from allocator.rows import Row
from allocator.text import Text
from allocator.why.attribution import Attribution
from allocator.why.statement import Part, Statement

MOST = 3
"""Rows of others that a reason names at most,"""
LEAST = 0.2
"""and the least part of the largest of them that another one must have moved to be named."""


@dataclass(frozen=True, slots=True)
class Reason:
    """The largest move of one county, with the rule rows behind it."""

    rule: str
    move: Fraction
    rows: tuple[int, ...]
    """Rows of the rule, by number; empty where no single rule is named (Shapley)."""
    direct: bool
    """Whether those rows speak of the county's own money; otherwise it gives to or takes from others."""
    because: Text
    text: Text
    """The move, then why."""


class Reasons:
    """Finds reasons; looks each stage of the path up once."""

    def __init__(self, one: LevelOne, attribution: Attribution) -> None:
        self.one, self.attribution = one, attribution
        self.names = one.loaded.names
        self.result = one.under(attribution.names) if not attribution.by_kind else one.under()
        self._freeze_of: dict[int, np.ndarray] = {}

    def of(self, statement: Statement) -> Reason | None:
        """The reason for the county's largest move by a rule; None where no rule moved it."""
        moves = [part for part in statement.parts if part.kind == "rule" and part.amount]
        if not moves:
            return None
        if self.attribution.by_kind:
            return self._of_kind(max(moves, key=lambda part: abs(part.amount)))
        lasting = [part for part in moves if part.name in self.result.used]
        largest = max(lasting or moves, key=lambda part: abs(part.amount))
        found, direct = self._rows(statement.county, largest.name)
        rule = self.one.loaded.scenario.rule_by_id[largest.name]
        every = self.one.loaded.rows[rule.id]
        said = rule.demand_of([every[k] for k in found], self.names) if found else rule.text
        return self._reason(rule.id, largest, found, direct, said)

    def _of_kind(self, part: Part) -> Reason:
        rules = [rule for rule in self.one.loaded.scenario.rules if rule.kind == part.name]
        titles = Text("、".join(r.text.zh for r in rules), ", ".join(r.text.en for r in rules))
        return self._reason(part.name, part, (), True, titles)

    def _reason(self, rule: str, part: Part, rows: tuple[int, ...], direct: bool, said: Text) -> Reason:
        amount = f"{number(part.amount, sign=True)} {self.names.unit}"
        because = said if direct else _indirect(part, said)
        text = Text(f"{amount}：{because.zh}", f"{amount}: {because.en}")
        return Reason(rule, part.amount, rows, direct, because, text)

    def _rows(self, i: int, rule: str) -> tuple[tuple[int, ...], bool]:
        """Rows of the rule that shaped the county's settling, its own first."""
        names = self.attribution.names
        stage = self.one.under(names[: names.index(rule) + 1])
        streams = self.one.loaded.problem.shape[1]
        moves = self.attribution.moves[names.index(rule)][i]
        moved = float(moves.sum())
        freeze = int(self._freezes(stage)[i * streams + int((moves * np.sign(moved)).argmax())])
        own = _numbers(stage.shaped[freeze], rule) if freeze >= 0 else ()
        shaping = own or _numbers([p for places in stage.shaped for p in places], rule)
        lasting = tuple(k for k in shaping if (rule, k) in self.result.tight)
        anywhere = lasting or shaping
        every = self.one.loaded.rows[rule]
        lost = moved < 0
        direct = tuple(k for k in anywhere if self._own(every[k], i) and _pushes(every[k], lost))
        near = direct or tuple(k for k in anywhere if self._near(every[k], i) and _pushes(every[k], lost))
        return (near, True) if near else (self._others(rule, i, moved) or anywhere, False)

    def _others(self, rule: str, i: int, moved: float) -> tuple[int, ...]:
        """Tight rows of the rule through which others gained what the county lost, or lost what it gained."""
        loaded = self.one.loaded
        _, streams, uses = loaded.problem.shape
        by_county = self.attribution.moves[self.attribution.names.index(rule)].sum(axis=1)
        through: dict[int, float] = {}
        for name, k in self.result.tight:
            row = loaded.rows[rule][k] if name == rule else None
            if row is None or self._own(row, i) or not _pushes(row, moved > 0):
                continue
            counties = np.unique(row.left // (streams * uses))
            money = -float(np.sign(moved) * by_county[counties].sum())
            if money > 0:
                through[k] = money
        most = sorted(through, key=lambda k: (-through[k], k))[:MOST]
        return tuple(sorted(k for k in most if through[k] >= LEAST * through[most[0]]))

    def _own(self, row: Row, i: int) -> bool:
        return row.where.partition("/")[0] == self.one.loaded.counties.codes[i]

    def _near(self, row: Row, i: int) -> bool:
        """A row of the county's prefecture or of a group that it is in, or of its neighbours there."""
        counties, where = self.one.loaded.counties, row.where.partition("/")[0]
        if where in counties.index:
            # a neighbour's pipeline limits what the prefecture's shares leave to this county
            shares_row = "/" in row.where
            return shares_row and counties.prefectures[counties.index[where]] == counties.prefectures[i]
        if where in counties.groups:
            return bool(counties.groups[where][i])
        return where == counties.prefectures[i]

    def _freezes(self, stage: Amounts) -> np.ndarray:
        """Which freeze each payment (county × stream, flat) settled in; -1 for none."""
        known = self._freeze_of.get(id(stage))
        if known is None:
            problem = self.one.loaded.problem
            known = np.full(problem.shape[0] * problem.shape[1], -1, dtype=np.intp)
            for number_, freeze in enumerate(stage.levels.freezes):
                known[stage.first.groups[np.append(freeze.up, freeze.down)]] = number_
            self._freeze_of[id(stage)] = known
        return known


def _numbers(places: Sequence[RowPlace], rule: str) -> tuple[int, ...]:
    return tuple(dict.fromkeys(place.number for place in places if place.rule == rule))


def _pushes(row: Row, lost: bool) -> bool:
    """Whether a row could move its money that way: shares can move it either way, limits one way."""
    return bool(row.times) or row.sense == "=" or (row.sense == "<=") == lost


def _indirect(part: Part, said: Text) -> Text:
    if part.amount < 0:
        return Text(f"让给其他旗县，因为{said.zh}", f"given up to others, because {said.en}")
    return Text(
        f"接收其他旗县不能再得的资金，因为{said.zh}",
        f"takes up what others cannot get, because {said.en}",
    )
