"""Every rule kind as exact rows: sum of coef * (x + c) over cells, a sense, a constant."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from .reading import Box, Cell, Scenario, by_year, number

ZERO = Fraction(0)
Open = frozenset[tuple[str, str]]  # county, stream: a positive entitlement


@dataclass(frozen=True)
class Row:
    """One row: left coefficients over the cube (x + c), sense, constant."""

    rule: str
    where: str
    coef: dict[Cell, Fraction]
    sense: str
    const: Fraction

    def slack(self, year: Mapping[Cell, Fraction]) -> Fraction:
        """Return how far the row is from breaking; negative where it is broken."""
        gap = sum((k * year[c] for c, k in self.coef.items() if c in year), ZERO) - self.const
        if self.sense == ">=":
            return gap
        return -gap if self.sense == "<=" else -abs(gap)


def _row(
    rule: str, where: str, left: Box, sense: str, times: Fraction, right: Box | None, plus: Fraction
) -> Row:
    """Write Σ_left (sense) times · Σ_right + plus as one row."""
    coef: dict[Cell, Fraction] = dict.fromkeys(left.cells(), Fraction(1))
    for cell in right.cells() if right is not None and times else []:
        coef[cell] = coef.get(cell, ZERO) - times
    return Row(rule, where, {c: k for c, k in coef.items() if k}, sense, plus)


class Book:
    """Turns the rules of one scenario into rows."""

    def __init__(self, sc: Scenario, opened: Open) -> None:
        self.sc, self.opened = sc, opened

    def rows(self) -> list[Row]:
        """Return every row of every rule."""
        out: list[Row] = []
        seen: dict[str, int] = {}
        for rule in self.sc.doc.get("rules") or []:
            kind = rule["kind"]
            seen[kind] = seen.get(kind, 0) + 1
            name = rule.get("id") or (kind if seen[kind] == 1 else f"{kind}_{seen[kind]}")
            make: Callable[..., Iterator[Row]] = getattr(self, kind)
            out.extend(make(name, rule, self.sc.box(rule.get("scope"))))
        return out

    def is_open(self, box: Box) -> bool:
        """Tell whether money of this run can reach a selection."""
        return any(
            (i, s) in self.opened and self.sc.permitted(s) & box.uses for i in box.codes for s in box.streams
        )

    def parts(self, by: str | None, box: Box) -> Iterator[tuple[str, Box]]:
        """Split a selection by county, by prefecture or to one group."""
        if by is None:
            yield "", box
        elif by == "county":
            for i in sorted(box.codes):
                yield i, Box(frozenset([i]), box.streams, box.uses)
        elif by == "prefecture":
            for p in sorted({self.sc.prefecture(i) for i in box.codes}):
                codes = frozenset(i for i in box.codes if self.sc.prefecture(i) == p)
                yield p, Box(codes, box.streams, box.uses)
        else:
            yield by, Box(box.codes & self.sc.groups[by], box.streams, box.uses)

    def value(self, rule: dict[str, Any], key: str) -> Fraction | None:
        """Return a parameter for the scenario's year."""
        return by_year(rule.get(key), self.sc.year)

    def use_share_floor(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """Σ tag ≥ max(floor, last share) · Σ all."""
        tagged = self.sc.box({"tag": rule["tag"]})
        for where, box in self.parts(rule.get("by", "prefecture"), scope):
            shares = [self.value(rule, "floor") or ZERO]
            if rule.get("not_below"):
                cells = [self.sc.cell(i, rule["not_below"]) for i in box.codes]
                shares += [c for c in cells if c is not None]
            yield _row(name, where, box & tagged, ">=", max(shares), box, ZERO)

    def use_share_cap(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """Σ tag ≤ cap · Σ all."""
        tagged = self.sc.box({"tag": rule["tag"]})
        cap = self.value(rule, "cap")
        assert cap is not None
        for where, box in self.parts(rule.get("by", "county"), scope):
            yield _row(name, where, box & tagged, "<=", cap, box, ZERO)

    def average_parity(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """The group's mean, or each member, no less than the mean of the others or of all."""
        pool = scope.codes
        if rule.get("among", "all") == "eligible":
            pool = frozenset(i for i, part in self.parts("county", scope) if self.is_open(part))
        inside = pool & self.sc.groups[rule["group"]]
        against = pool if rule.get("against", "others") == "all" else pool - inside
        if not inside or not against:
            return
        if rule.get("reading", "group_average") == "group_average":
            yield self._means(name, "", inside, against, scope)
        else:
            for i in sorted(inside):
                yield self._means(name, i, frozenset([i]), against, scope)

    @staticmethod
    def _means(name: str, where: str, left: frozenset[str], right: frozenset[str], scope: Box) -> Row:
        coef: dict[Cell, Fraction] = {}
        for codes, weight in ((left, Fraction(1, len(left))), (right, -Fraction(1, len(right)))):
            for cell in Box(codes, scope.streams, scope.uses).cells():
                coef[cell] = coef.get(cell, ZERO) + weight
        return Row(name, where, {c: k for c, k in coef.items() if k}, ">=", ZERO)

    def change_limits(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """lower · last ≤ X ≤ upper · last; with `relative_to: total`, last scaled by the totals."""
        last = {i: self.sc.cell(i, rule["column"]) for i in scope.codes}
        total = sum((v for v in last.values() if v is not None), ZERO)
        relative = rule.get("relative_to") == "total"
        if relative and not total:
            return
        for i, box in self.parts("county", scope):
            was = last[i]
            if was is None:
                continue
            for key, sense in (("lower", ">="), ("upper", "<=")):
                limit = self.value(rule, key)
                if limit is None or (key == "upper" and was == 0):
                    continue
                if relative:
                    yield _row(name, f"{i} {key}", box, sense, limit * was / total, scope, ZERO)
                else:
                    yield _row(name, f"{i} {key}", box, sense, ZERO, None, limit * was)

    def pipeline(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """Σ_s (x + c) ≤ q, per county and use."""
        for use, column in rule["columns"].items():
            for i, box in self.parts("county", scope & self.sc.box({"uses": [use]})):
                limit = self.sc.cell(i, column)
                if limit is not None:
                    yield _row(name, f"{i} {use}", box, "<=", ZERO, None, limit)

    def amount_bounds(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """Bounds in money or as a share of everything in scope."""
        for where, box in self.parts(rule.get("by", "county"), scope):
            if not self.is_open(box):
                continue
            for key, sense in (("min", ">="), ("max", "<=")):
                amount, share = self.value(rule, key), self.value(rule, f"{key}_share")
                if amount is not None:
                    yield _row(name, f"{where} {key}", box, sense, ZERO, None, amount)
                if share is not None:
                    yield _row(name, f"{where} {key}_share", box, sense, share, scope, ZERO)

    def group_share_floor(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """Σ_G ≥ floor · Σ."""
        floor = self.value(rule, "floor")
        assert floor is not None
        inside = scope & self.sc.box({"group": rule["group"]})
        yield _row(name, rule["group"], inside, ">=", floor, scope, ZERO)

    def linear(self, name: str, rule: dict[str, Any], scope: Box) -> Iterator[Row]:
        """The primitive itself."""
        left, right = self.sc.box(rule.get("left")), self.sc.box(rule.get("right"))
        times, plus = number(rule.get("times", 0)), number(rule.get("plus", 0))
        sense = {"==": "="}.get(rule["sense"], rule["sense"])
        for where, box in self.parts(rule.get("for_each"), scope):
            yield _row(name, where, left & box, sense, times, right & box, plus)
