"""What a planner wants to know first: money by stream, how tight the rules are, who departs most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np

from allocator.text import Text
from reports.figures import change, fixed, money
from reports.outcome import Outcome
from reports.rules_table import place_label, with_prices


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One stream: its budget, what is paid out, and to how many counties."""

    name: str
    title: Text
    budget: Decimal
    paid: Decimal
    counties: int


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule: its rows, and the tightest of them."""

    rule: str
    title: Text
    clause: str
    rows: int
    broken: int
    vacuous: int
    binding: int
    slack: Decimal | None
    """Least slack of a row that asks for something."""
    where: Text
    """Whom that row speaks of."""


@dataclass(frozen=True, slots=True)
class Departure:
    """One county's departure from its entitlement."""

    code: str
    county: str
    entitlement: Decimal
    amount: Decimal
    departure: Decimal
    rules: tuple[str, ...]
    """Rules that shaped the amount, by id; none where only budgets pass on what others need."""


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole of it."""

    streams: tuple[StreamLine, ...]
    rules: tuple[RuleLine, ...]
    up: tuple[Departure, ...]
    """Largest first."""
    down: tuple[Departure, ...]
    """Largest first."""


def summary(outcome: Outcome, most: int = 5) -> Summary:
    """The summary, with up to `most` departures either way."""
    up, down = _departures(outcome, most)
    return Summary(_streams(outcome), _rules(outcome), up, down)


def _streams(outcome: Outcome) -> tuple[StreamLine, ...]:
    problem = outcome.loaded.problem
    return tuple(
        StreamLine(
            name,
            stream.title.text(name),
            fixed(problem.budgets[s], outcome.places),
            fixed(sum(outcome.by_stream[:, s], Fraction(0)), outcome.places),
            int((outcome.allocation.steps[:, s].sum(axis=1) > 0).sum()),
        )
        for s, (name, stream) in enumerate(problem.streams.items())
    )


def _rules(outcome: Outcome) -> tuple[RuleLine, ...]:
    loaded = outcome.loaded
    pairs = list(with_prices(outcome))
    lines = []
    for rule in loaded.scenario.rules:
        own = [(row, price) for row, price in pairs if row.rule == rule.id]
        asking = [row for row, _ in own if row.vacuous is None]
        tightest = min(asking, key=lambda row: row.slack, default=None)
        lines.append(
            RuleLine(
                rule.id,
                rule.text,
                rule.clause,
                len(own),
                sum(not row.holds for row, _ in own),
                len(own) - len(asking),
                sum(price is not None and price.binding for _, price in own),
                None if tightest is None else money(tightest.slack),
                Text("", "") if tightest is None else place_label(loaded, tightest),
            )
        )
    return tuple(lines)


def _departures(outcome: Outcome, most: int) -> tuple[tuple[Departure, ...], tuple[Departure, ...]]:
    paid = outcome.by_county.tolist()
    known = [
        (departure, i)
        for i, due in enumerate(outcome.entitlement)
        if (departure := change(paid[i], due)) is not None
    ]
    up = sorted(((d, i) for d, i in known if d > 0), key=lambda pair: (-pair[0], pair[1]))[:most]
    down = sorted((d, i) for d, i in known if d < 0)[:most]
    limits = _limits(outcome, dict([(i, True) for _, i in up] + [(i, False) for _, i in down]))
    counties = outcome.loaded.counties

    def line(departure: Decimal, i: int) -> Departure:
        return Departure(
            counties.codes[i],
            counties.names[i],
            fixed(outcome.entitlement[i], max(2, outcome.places)),
            fixed(paid[i], outcome.places),
            departure,
            limits[i],
        )

    return tuple(line(d, i) for d, i in up), tuple(line(d, i) for d, i in down)


def _limits(outcome: Outcome, wanted: Mapping[int, bool]) -> dict[int, tuple[str, ...]]:
    """County → rules with a binding row that limits it; `wanted` says whether it gets more than its due.

    That is a row that shaped a round and holds money of the county, or the county's own floor or ceiling.
    """
    loaded = outcome.loaded
    width = loaded.problem.shape[1] * loaded.problem.shape[2]
    found: dict[int, dict[str, None]] = {i: {} for i in wanted}
    for rule, rows in loaded.rows.items():
        for row, price in zip(rows, outcome.allocation.prices.get(rule, ()), strict=False):
            if not price.binding or row.vacuous is not None:
                continue
            if price.level is not None or price.dual != 0:
                held = np.intersect1d(list(wanted), row.left // width).tolist()
            else:
                i = loaded.counties.index.get(row.where, -1)
                held = [i] if i in wanted and row.sense != ("<=" if wanted[i] else ">=") else []
            for i in held:
                found[i][rule] = None
    return {i: tuple(rules) for i, rules in found.items()}
