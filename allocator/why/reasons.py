"""Why a county's money moved: the rule rows that shaped the round in which its payment settled."""

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
        self._freeze_of: dict[int, np.ndarray] = {}

    def of(self, statement: Statement) -> Reason | None:
        """The reason for the county's largest move by a rule; None where no rule moved it."""
        moves = [part for part in statement.parts if part.kind == "rule" and part.amount]
        if not moves:
            return None
        largest = max(moves, key=lambda part: abs(part.amount))
        if self.attribution.by_kind:
            return self._of_kind(largest)
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
        anywhere = own or _numbers([p for places in stage.shaped for p in places], rule)
        every = self.one.loaded.rows[rule]
        lost = moved < 0
        direct = tuple(k for k in anywhere if self._own(every[k], i) and _pushes(every[k], lost))
        near = direct or tuple(k for k in anywhere if self._near(every[k], i) and _pushes(every[k], lost))
        # the county's own floor stops a loss and is no reason for it, nor is its own cap for a gain
        others = tuple(k for k in anywhere if not self._own(every[k], i))
        return (near or others or anywhere), bool(near)

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
