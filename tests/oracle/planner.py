"""Chooses rule parameters that a planted allocation keeps, many of them tightly."""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

from .draft import Draft
from .reading import Box, Scenario
from .rows import Book

Rule = dict[str, Any]
E = dict[tuple[str, str], Fraction]


def decimals(value: Fraction, places: int, up: bool) -> Decimal:
    """Round a fraction up or down to some decimals."""
    scaled = value * 10**places
    whole = -((-scaled.numerator) // scaled.denominator) if up else scaled.numerator // scaled.denominator
    return Decimal(whole).scaleb(-places)


class Planner:
    """Chooses parameters of each rule kind that the planted allocation keeps."""

    def __init__(self, d: Draft, sc: Scenario, e: E) -> None:
        self.d, self.sc, self.rng = d, sc, d.rng
        self.book = Book(sc, frozenset(e))
        self.step = Fraction(d.step)
        year = dict.fromkeys([*d.planted, *d.committed], Fraction(0))
        for grid in (d.planted, d.committed):
            for c, v in grid.items():
                year[c] += self.step * v
        self.year = year

    def sum(self, box: Box) -> Fraction:
        """Return the planted year's money in a selection."""
        cells = box.cells()
        return sum((self.year[c] for c in cells if c in self.year), Fraction(0))

    def loose(self, value: Fraction, up: bool) -> Fraction:
        """Leave the value tight, or loosen it."""
        if self.rng.random() < 0.6:
            return value
        return value * Fraction(round(1000 * self.rng.uniform(1.01, 1.15) ** (1 if up else -1)), 1000)

    def number(self, value: Fraction, places: int, up: bool, year: bool = True) -> Any:
        """Write a parameter, sometimes as a map from year to decimal."""
        rounded = decimals(value, places, up)
        out = int(rounded) if rounded == int(rounded) else float(rounded)
        if year and self.rng.random() < 0.25:
            return {self.sc.year - 1: out / 2, self.sc.year: out}
        return out

    def scope(self, uses: bool = False) -> dict[str, Any]:
        """Draw a scope of streams or sources, sometimes of uses; often none."""
        live = [s for s in self.sc.streams if self.sc.budget(s) > 0]
        draw = self.rng.random()
        if draw < 0.6:
            return {}
        if draw < 0.8:
            return {"scope": {"streams": self.d.some(live)}}
        if draw < 0.9 or not uses:
            return {"scope": {"sources": [self.sc.streams[self.rng.choice(live)]["source"]]}}
        return {"scope": {"uses": self.d.some(self.sc.uses)}}

    def group(self) -> str:
        """Draw a group."""
        return self.rng.choice(list(self.d.doc["groups"]))

    def tag(self) -> str:
        """Draw a tag that some use bears and some use lacks."""
        count = len(self.sc.uses)
        tags = [t for t in ("industry", "outside", "people") if 0 < len(self.sc.tagged(t)) < count]
        return self.rng.choice(tags)

    def shares(self, rule: Rule, by: str) -> dict[str, Fraction]:
        """Return the planted share of the rule's tag in each part."""
        tagged = self.sc.box({"tag": rule["tag"]})
        out = {}
        for where, box in self.book.parts(by, self.sc.box(rule.get("scope"))):
            if whole := self.sum(box):
                out[where] = self.sum(box & tagged) / whole
        return out

    def use_share_floor(self) -> Rule | None:
        """Choose a floor, sometimes with last year's shares."""
        by = self.rng.choice(["prefecture", "prefecture", "county"])
        rule: Rule = {"kind": "use_share_floor", "tag": self.tag(), "by": by, **self.scope()}
        shares = self.shares(rule, by)
        if not shares:
            return None
        rule["floor"] = self.number(self.loose(min(shares.values()), up=False), 4, up=False)
        if by == "prefecture" and self.rng.random() < 0.4:
            last = {p: decimals(self.loose(v, up=False), 4, up=False) for p, v in shares.items()}
            cells = {i: str(last.get(self.sc.prefecture(i), 0)) for i in self.d.codes}
            rule["not_below"] = self.d.column(f"last_share_{len(self.d.rows[self.d.codes[0]])}", cells)
        return rule

    def use_share_cap(self) -> Rule | None:
        """Choose a cap."""
        by = self.rng.choice(["county", "county", "prefecture"])
        rule: Rule = {"kind": "use_share_cap", "tag": self.tag(), "by": by, **self.scope()}
        shares = self.shares(rule, by)
        if not shares:
            return None
        cap = min(Fraction(1), self.loose(max(shares.values()), up=True))
        return {**rule, "cap": self.number(cap, 4, up=True)}

    def average_parity(self) -> Rule | None:
        """Choose a group that the planted allocation favours, tightly for the mean."""
        rule: Rule = {"kind": "average_parity", **self.scope()}
        rule["reading"] = self.rng.choice(["group_average", "each_county"])
        rule["against"] = self.rng.choice(["others", "all"])
        if "scope" in rule:
            rule["among"] = "eligible"
        scope = self.sc.box(rule.get("scope"))
        parts = [(i, b) for i, b in self.book.parts("county", scope) if self.book.is_open(b)]
        order = sorted(parts, key=lambda p: self.sum(p[1]))
        mean = sum((self.sum(b) for _, b in parts), Fraction(0)) / max(1, len(parts))
        above = [i for i, b in order if self.sum(b) >= mean]
        if rule["reading"] == "each_county":
            chosen = set(self.rng.sample(above, self.rng.randint(1, len(above)))) if above else set()
        else:
            chosen = set(self.rng.sample(self.d.codes, self.d.n // 2))
            for i in above:  # add the better-off until the group's mean holds
                if self._mean(chosen, parts) >= mean and self.rng.random() < 0.9:
                    break
                chosen.add(i)
        for a, b in self.d.twins:
            chosen = chosen | {b} if a in chosen else chosen - {b}
        if not chosen:
            return None
        name = f"parity_{len(self.d.doc['groups'])}"
        self.d.doc["groups"][name] = {"codes": sorted(chosen)}
        self.sc.groups[name] = frozenset(chosen)
        return {**rule, "group": name}

    def _mean(self, chosen: set[str], parts: list[tuple[str, Box]]) -> Fraction:
        have = [self.sum(b) for i, b in parts if i in chosen]
        return sum(have, Fraction(0)) / len(have) if have else Fraction(0)

    def change_limits(self) -> Rule | None:
        """Choose last year's amounts that the planted allocation lies within, some at a limit."""
        lower, upper = self.rng.choice([("0.85", "1.30"), ("0.9", "1.1"), ("0.95", "1.2")])
        rule: Rule = {"kind": "change_limits", "lower": float(lower), "upper": float(upper), **self.scope()}
        scope = self.sc.box(rule.get("scope"))
        cells = {}
        for i, box in self.book.parts("county", scope):
            now = self.sum(box)
            if not self.book.is_open(box) or self.rng.random() < 0.1:
                continue
            draw = self.rng.random()
            if draw < 0.05:
                cells[i] = "0"
            elif draw < 0.25:
                cells[i] = str(decimals(now / Fraction(lower), 4, up=False))
            elif draw < 0.4:
                cells[i] = str(decimals(now / Fraction(upper), 4, up=True))
            else:
                draw = self.rng.uniform(float(lower) + 0.02, float(upper) - 0.02)
                ratio = Fraction(round(1000 * draw), 1000)
                cells[i] = str(decimals(now / ratio, 2, up=False))
        rule["column"] = self.d.column(f"last_{len(self.d.rows[self.d.codes[0]])}", cells)
        if not cells:
            return None
        if self.rng.random() < 0.3:
            rule["relative_to"] = "total"
        return rule

    def pipeline(self) -> Rule | None:
        """Choose what each county can absorb, some of it tight, some blank."""
        rule: Rule = {"kind": "pipeline", "columns": {}}
        for use in self.d.some(self.sc.uses)[:3]:
            cells = {}
            for i in self.d.codes:
                have = self.sum(Box(frozenset([i]), frozenset(self.sc.streams), frozenset([use])))
                if self.rng.random() < 0.85:
                    factor = Fraction(self.rng.choice([100, 100, 105, 130, 200]), 100)
                    cells[i] = str(decimals(have * factor, 4, up=True))
            rule["columns"][use] = self.d.column(f"pipeline_{use}_{len(self.d.rows[self.d.codes[0]])}", cells)
        return rule

    def amount_bounds(self) -> Rule | None:
        """Choose bounds at the planted extremes."""
        by = self.rng.choice(["county", "county", "prefecture", self.group()])
        rule: Rule = {"kind": "amount_bounds", "by": by, **self.scope(uses=True)}
        scope = self.sc.box(rule.get("scope"))
        have = [self.sum(b) for _, b in self.book.parts(by, scope) if self.book.is_open(b)]
        whole = self.sum(scope)
        if not have or not whole:
            return None
        for key in self.d.some(["min", "max", "max_share"]):
            up = key != "min"
            value = self.loose(max(have) if up else min(have), up)
            value = min(Fraction(1), value / whole) if key == "max_share" else value
            rule[key] = self.number(value, 4 if key == "max_share" else 2, up)
        return rule

    def group_share_floor(self) -> Rule | None:
        """Choose the planted share of a group."""
        rule: Rule = {"kind": "group_share_floor", "group": self.group(), **self.scope(uses=True)}
        scope = self.sc.box(rule.get("scope"))
        if not (whole := self.sum(scope)):
            return None
        share = self.sum(scope & self.sc.box({"group": rule["group"]})) / whole
        return {**rule, "floor": self.number(self.loose(share, up=False), 4, up=False)}

    def linear(self) -> Rule | None:
        """Choose the constant that makes a random row hold, tightly or not."""
        rule: Rule = {"kind": "linear", "title": {"zh": "自定"}}
        rule["left"] = self._selection()
        rule["sense"] = self.rng.choice([">=", "<=", ">=", "<=", "="])
        rule["times"] = round(self.rng.choice([0.0, self.rng.uniform(0.05, 0.9)]), 3)
        rule["right"] = self._selection()
        each = None if rule["sense"] == "=" else self.rng.choice([None, "county", "prefecture"])
        rule["for_each"] = each
        left, right = self.sc.box(rule["left"]), self.sc.box(rule["right"])
        times = Fraction(str(rule["times"]))
        parts = self.book.parts(each, self.sc.box())
        gaps = [self.sum(left & b) - times * self.sum(right & b) for _, b in parts]
        if rule["sense"] == "=":
            rule["plus"] = self.number(gaps[0], 8, up=False, year=False)
        else:
            up = rule["sense"] == "<="
            rule["plus"] = self.number(max(gaps) if up else min(gaps), 4, up, year=False)
        return rule

    def _selection(self) -> dict[str, Any]:
        rng, live = self.rng, [s for s in self.sc.streams if self.sc.budget(s) > 0]
        choices: dict[str, Callable[[], Any]] = {
            "streams": lambda: self.d.some(live),
            "sources": lambda: [self.sc.streams[rng.choice(live)]["source"]],
            "uses": lambda: self.d.some(self.sc.uses),
            "tag": self.tag,
            "group": self.group,
            "counties": self._counties,
        }
        return {k: choices[k]() for k in rng.sample(sorted(choices), rng.randint(0, 2))}

    def _counties(self) -> list[str]:
        chosen = set(self.rng.sample(self.d.codes, max(2, self.d.n // 4)))
        for a, b in self.d.twins:
            chosen = chosen | {b} if a in chosen else chosen - {b}
        return sorted(chosen) or [self.d.codes[0]]


KINDS = [
    "use_share_floor", "use_share_cap", "average_parity", "change_limits",
    "pipeline", "amount_bounds", "group_share_floor", "linear",
]  # fmt: skip
