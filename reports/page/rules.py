"""Rules on the page: kept or not, the tightest place, the price, the clause, and every row behind them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from allocator.rules.base import Knob, Rule
from allocator.text import Text
from allocator.verdict import Judged
from reports.page.decision import tightest
from reports.page.words import amount, slim
from reports.report_input import Report
from reports.rules_table import GENERAL, place_label

MONEY_PLACES = 2
HUNDRED = Fraction(100)


@dataclass(frozen=True, slots=True)
class RowLine:
    """One judged row."""

    where: Text
    left: str
    sense: str
    right: str
    slack: str
    holds: bool
    binding: bool
    round: str
    price: str
    vacuous: Text | None


@dataclass(frozen=True, slots=True)
class KnobLine:
    """One parameter, and the money that one policy step of it moves."""

    title: Text
    present: str
    lower: Text
    higher: Text


@dataclass(frozen=True, slots=True)
class RuleLine:
    """One rule."""

    rule: str
    title: Text
    clause: str
    law: bool
    rows: tuple[RowLine, ...]
    kept: int
    asking: int
    binding: int
    where: Text | None
    """The tightest place; None where no row asks for anything."""
    demand: Text | None
    """What the rule asks for there."""
    slack: str
    price: str
    """The largest dual: points of departure for a hundred units of the right side."""
    knobs: tuple[KnobLine, ...]

    @property
    def holds(self) -> bool:
        """Whether every row holds."""
        return self.kept == len(self.rows)


@dataclass(frozen=True, slots=True)
class PageRules:
    """All rules, and the checks that every result undergoes."""

    rules: tuple[RuleLine, ...]
    general: tuple[tuple[Text, RowLine], ...]
    priced: bool
    """Whether a study tells what parameters move."""


def rules_of(report: Report) -> PageRules:
    """Rules in the scenario's order, with what rules.csv says of the same rows."""
    judged = list(_with_prices(report))
    moved = _moved(report)
    general = tuple(
        (GENERAL[row.rule], _row(report, row, price)) for row, price in judged if row.rule in GENERAL
    )
    rules = tuple(
        _rule(report, rule, [pair for pair in judged if pair[0].rule == rule.id], moved)
        for rule in report.loaded.scenario.rules
    )
    return PageRules(rules, general, bool(moved))


def _with_prices(report: Report) -> Iterator[tuple[Judged, Mapping[str, str]]]:
    """Each judged row with its line of rules.csv, which stands in the same order."""
    yield from zip(report.verdict.rows, report.tables["rules"], strict=True)


def _rule(
    report: Report,
    rule: Rule,
    own: Sequence[tuple[Judged, Mapping[str, str]]],
    moved: Mapping[str, Mapping[str, Mapping[str, str]]],
) -> RuleLine:
    rows = [row for row, _ in own]
    closest = tightest(rows)
    position = None if closest is None else rows.index(closest)
    duals = [abs(Decimal(price["dual"])) for _, price in own if price["dual"]]
    return RuleLine(
        rule.id,
        rule.text,
        rule.clause,
        rule.law,
        tuple(_row(report, row, price) for row, price in own),
        sum(row.holds for row in rows),
        sum(row.vacuous is None for row in rows),
        sum(price["binding"] == "true" for _, price in own),
        None if closest is None else place_label(report.loaded, closest),
        None if position is None else _demand(report, rule, position),
        "–" if closest is None else report.loaded.names.money(closest.slack),
        _price(max(duals, default=Decimal(0))),
        tuple(_knobs(report, rule, moved)),
    )


def _demand(report: Report, rule: Rule, position: int) -> Text:
    row = report.loaded.rows[rule.id][position]
    return rule.demand(row, report.loaded.names)


def _row(report: Report, row: Judged, price: Mapping[str, str]) -> RowLine:
    def shown(value: Fraction) -> str:
        return slim(value) if abs(value) < 1 else amount(value, MONEY_PLACES).removesuffix(".00")

    return RowLine(
        place_label(report.loaded, row),
        shown(row.left),
        {">=": "≥", "<=": "≤", "=": "="}[row.sense],
        shown(row.right),
        shown(row.slack),
        row.holds,
        price["binding"] == "true",
        price["level"],
        _price(abs(Decimal(price["dual"]))) if price["dual"] else "",
        row.vacuous,
    )


def _price(dual: Decimal) -> str:
    """Points of departure for a hundred units of the right side; duals are points for one."""
    return slim(Fraction(dual) * HUNDRED) if dual else "0"


def _moved(report: Report) -> dict[str, dict[str, Mapping[str, str]]]:
    """Path of a parameter → side → row of the study's tornado."""
    found: dict[str, dict[str, Mapping[str, str]]] = {}
    for row in () if report.study is None else report.study.rows("tornado"):
        if row["path"].startswith("rules."):
            found.setdefault(row["path"], {})[row["side"]] = row
    return found


def _knobs(
    report: Report, rule: Rule, moved: Mapping[str, Mapping[str, Mapping[str, str]]]
) -> Iterable[KnobLine]:
    for knob in rule.knobs(report.loaded.scenario.year):
        sides = moved.get(f"rules.{rule.id}.{knob.key}")
        if sides:
            lower, higher = (_side(report, knob, sides.get(side)) for side in ("low", "high"))
            present = knob.say(Fraction(knob.value), report.loaded.names, exact=True)
            yield KnobLine(knob.title, present, lower, higher)


def _side(report: Report, knob: Knob, row: Mapping[str, str] | None) -> Text:
    """The value that was tried and the money that it moved."""
    if row is None:
        return Text("–", "–")
    value = knob.say(Fraction(row["value"]), report.loaded.names)
    if row["status"] != "solved":
        return Text(f"{value}：无解", f"{value}: impossible")
    moved = report.loaded.names.money(Fraction(row["money_moved"]))
    return Text(f"{value}：{moved}", f"{value}: {moved}")
