"""The columns that a year takes from the result of the year before.

A share is a fraction, a column holds decimals. The decimal written is the share rounded down at
the first place at which no share of next year's whole money lies between the two: different
fractions a/t and r·p/q are at least 1/(t·q·d) apart, d being the denominator of r, so that a place
finer than that changes no judgement. The ratchet is then neither stricter nor laxer than the
share itself (内政发〔2022〕9号 三（一）：不得低于上年占比). Where that takes more than MOST_PLACES,
since solvers take no such coefficients, the share is rounded up there, and a notice says so.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import gcd, lcm

import numpy as np
from numpy.typing import NDArray

from allocator.assemble import assemble
from allocator.faults import Fault, Place
from allocator.input.county_table import stop
from allocator.loaded import Loaded
from allocator.problem import Problem
from allocator.rules.base import split
from allocator.rules.change_limits import ChangeLimits
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from allocator.variant import regrouped
from allocator.verdict import Amounts
from allocator.years.money import total, year_cells
from allocator.years.plan import Feed, YearsPlan

MOST_PLACES = 13
"""Decimals of a share: rules on whole steps multiply them away, and solvers refuse factors from 1e15."""
Column = Mapping[str, Fraction | None]
"""County code → value; None where there is nothing to speak of."""


@dataclass(frozen=True)
class Source:
    """What a column is fed from: a rule whose money and share are meant, and what is remembered."""

    rule: ChangeLimits | UseShareFloor
    keep: str = "last"


def sources_of(plan: YearsPlan, following: Loaded) -> dict[str, Source]:
    """Column → source for the next year's scenario; raises BadInput where two rules disagree."""
    found: dict[str, Source] = {}
    faults: list[Fault] = []
    for rule in following.scenario.rules:
        for column, source in _read_by(rule):
            if column in plan.feeds:
                continue
            if column in found and _meaning(found[column]) != _meaning(source):
                faults.append(_twice(following, column, found[column], source))
            found.setdefault(column, source)
    for column, feed in plan.feeds.items():
        if feed is not None:
            faults += _unread(following, column, plan.places.get(column, Place(plan.shown)))
            found[column] = Source(_rule_of(column, feed), feed.keep)
    if faults:
        stop(faults)
    return found


def _read_by(rule: object) -> list[tuple[str, Source]]:
    """The columns of last year's figures that a rule reads, each with what it means."""
    if isinstance(rule, ChangeLimits):
        return [(rule.column, Source(rule))]
    if not isinstance(rule, UseShareFloor) or rule.not_below is None:
        return []
    each = Source(rule.model_copy(update={"by": "county"}))
    if rule.own_share is not None:
        return [(rule.not_below, Source(rule)), (rule.own_share, each)]
    return [(rule.not_below, each if rule.ratchet == "county" else Source(rule))]


def _meaning(source: Source) -> dict[str, object]:
    """What of a rule says which money is meant; how much is asked for does not."""
    aside = {"id", "title", "clause", "law", "lower", "upper", "relative_to", "floor", "retain"}
    return source.rule.model_dump(exclude=aside | {"not_below", "own_share", "ratchet"})


def _rule_of(column: str, feed: Feed) -> ChangeLimits | UseShareFloor:
    if feed.of == "amount":
        return ChangeLimits(
            kind="change_limits", id=column, column=column, lower=Decimal(0), scope=feed.scope
        )
    return UseShareFloor(
        kind="use_share_floor",
        id=column,
        tag=feed.tag or "",
        by=feed.by,
        not_below=column,
        scope=feed.scope,
    )


def columns_from(
    before: Loaded, steps: Amounts, sources: Mapping[str, Source], kept: Mapping[str, Column]
) -> dict[str, Column]:
    """The columns that the result `steps` of `before` gives; `kept` are those fed into `before`."""
    faults = [f for column, source in sources.items() for f in _strangers(before, column, source)]
    if faults:
        stop(faults)
    money = year_cells(before.problem, steps)
    found: dict[str, Column] = {}
    for column, source in sources.items():
        if isinstance(source.rule, ChangeLimits):
            fresh = amounts(before.problem, money, source.rule)
        else:
            fresh = shares(before.problem, money, source.rule)
        if source.keep == "highest":
            fresh = _highest(fresh, kept.get(column) or _own(before, column))
        found[column] = fresh
    return found


def amounts(problem: Problem, money: NDArray[np.object_], rule: ChangeLimits) -> dict[str, Fraction | None]:
    """Each county's money within the rule's scope."""
    cells = problem.cells(problem.mask(rule.scope))
    return {code: total(money, own) for code, own in split(problem, cells, "county")}


def shares(problem: Problem, money: NDArray[np.object_], rule: UseShareFloor) -> dict[str, Fraction | None]:
    """The share that the rule speaks of, for each county; None without money or outside the rule."""
    found: dict[str, Fraction | None] = dict.fromkeys(problem.counties.codes)
    # the rule's own rows, asking for nothing, say which money is part and which is whole
    for row in rule.model_copy(update={"floor": None, "not_below": None, "own_share": None}).rows(problem):
        whole = total(money, row.right)
        share = total(money, row.left) / whole if whole else None
        for i in problem.counties.positions(rule.by, row.where):
            found[problem.counties.codes[i]] = share
    return found


def _highest(fresh: Column, kept: Column) -> dict[str, Fraction | None]:
    known = {code: [v for v in (share, kept.get(code)) if v is not None] for code, share in fresh.items()}
    return {code: max(values, default=None) for code, values in known.items()}


def _own(loaded: Loaded, column: str) -> Column:
    """A column as the file has it."""
    values = loaded.counties.numbers.get(column, ())
    pairs = zip(loaded.counties.codes, values, strict=False)
    return {code: None if value is None else Fraction(value) for code, value in pairs}


def fed(following: Loaded, columns: Mapping[str, Column], origin: str) -> Loaded:
    """The next year's scenario with the columns filled in; raises BadInput where its data do not fit.

    Counties that the year before does not know keep what their file says.
    """
    counties = following.counties
    numbers, text = dict(counties.numbers), dict(counties.text)
    strict = []
    for column, values in columns.items():
        places = places_for(following, column, [v for v in values.values() if v is not None])
        strict += [column] if places > MOST_PLACES else []
        written = {code: None if v is None else decimal(v, places) for code, v in values.items()}
        own = numbers[column]
        numbers[column] = tuple(
            written.get(c, old) if c in written else old for c, old in zip(counties.codes, own, strict=True)
        )
        text[column] = tuple("" if v is None else plain_digits(v) for v in numbers[column])
    changed = replace(counties, numbers=numbers, text=text)
    looked_at = {column for group in following.scenario.groups.values() for column in group.where or {}}
    if looked_at & columns.keys():
        changed = regrouped(following, changed)
    made = assemble(following.scenario, following.tree, changed, following.issued, following.digests)
    said = [*_notices(following, columns, origin), *map(_rounded_up, strict)]
    return replace(made, notices=(*made.notices, *said))


def places_for(following: Loaded, column: str, values: Iterable[Fraction]) -> int:
    """Decimal places from which on rounding down changes no judgement of next year's whole money."""
    problem = following.problem
    amounts = [problem.step, *problem.committed.values()]
    scale = lcm(*(a.denominator for a in amounts))
    grain = gcd(*(int(a * scale) for a in amounts))
    money = sum(problem.budgets, Fraction(0)) + sum(problem.committed.values(), Fraction(0))
    turned = [
        Fraction(rule.retain).denominator
        for rule in following.scenario.rules
        if isinstance(rule, UseShareFloor) and rule.not_below == column
    ]
    finest = max((v.denominator for v in values), default=1)
    return len(str(int(money * scale) // grain * finest * lcm(1, *turned)))


def decimal(value: Fraction, places: int) -> Decimal:
    """The value rounded down at a place that changes no judgement, else up at the last one allowed."""
    if places <= MOST_PLACES:
        return round_down(value, places)
    cut = round_down(value, MOST_PLACES)
    return cut if Fraction(cut) == value else cut + Decimal(1).scaleb(-MOST_PLACES)


def round_down(value: Fraction, places: int) -> Decimal:
    """Exactly `value` where it is a decimal of that many places, else the next one below; value ≥ 0."""
    whole = value.numerator * 10**places // value.denominator
    digits = str(whole).rjust(places + 1, "0")
    shown = f"{digits[:-places]}.{digits[-places:]}" if places else digits
    return Decimal(shown.rstrip("0").rstrip(".") if "." in shown else shown)


def plain_digits(value: Decimal) -> str:
    """Every digit, whatever the context's precision, without an exponent."""
    return format(value, "f")


def _notices(following: Loaded, columns: Mapping[str, Column], origin: str) -> list[Text]:
    names = "、".join(columns), ", ".join(columns)
    found = [Text(f"{names[0]} 取自 {origin} 的结果", f"{names[1]} are taken from the result of {origin}")]
    known = {code for column in columns.values() for code in column}
    fresh = [following.counties.label(i) for i, c in enumerate(following.counties.codes) if c not in known]
    gone = sorted(known - set(following.counties.codes))
    if columns and fresh:
        listed = "、".join(fresh[:5])
        found.append(
            Text(
                f"{len(fresh)} 个旗县上年没有，保留县表中的值（{listed}）",
                f"{len(fresh)} counties are new and keep their file's values ({listed})",
            )
        )
    if gone:
        listed = "、".join(gone[:5])
        found.append(
            Text(
                f"上年的 {len(gone)} 个旗县今年没有（{listed}）",
                f"{len(gone)} counties of the year before are not there any more ({listed})",
            )
        )
    return found


def _rounded_up(column: str) -> Text:
    return Text(
        f"{column} 在第 {MOST_PLACES} 位小数上进位，比上年占比略高",
        f"{column} is rounded up at decimal {MOST_PLACES}: a little more than last year's share",
    )


def _twice(following: Loaded, column: str, first: Source, second: Source) -> Fault:
    names = first.rule.id, second.rule.id
    return Fault(
        Place(following.counties.file, column=column),
        Text(
            f"规则 {names[0]} 和 {names[1]} 都读这一列，但所指的资金不同",
            f"rules {names[0]} and {names[1]} both read this column and mean different money",
        ),
        Text(
            "请让它们读不同的列，或在 years.yaml 的 feed 中写明来源",
            "let them read different columns, or say in years.yaml under feed where it comes from",
        ),
    )


def _unread(following: Loaded, column: str, place: Place) -> list[Fault]:
    if column in following.counties.numbers:
        return []
    read = list(following.counties.numbers)
    return [
        Fault(
            place,
            Text(
                f"方案 {following.scenario.name} 没有用到“{column}”这一列的数字",
                f"scenario {following.scenario.name} reads no numbers from a column '{column}'",
            ),
            Text(f"用到的列：{'、'.join(read)}", f"columns that it reads: {', '.join(read)}"),
        )
    ]


def _strangers(before: Loaded, column: str, source: Source) -> list[Fault]:
    """Groups and tags that the year before does not know."""
    scope, rule = source.rule.scope, source.rule
    wanted = [scope.group] if scope is not None and scope.group is not None else []
    if isinstance(rule, UseShareFloor) and rule.by not in ("county", "prefecture", "all"):
        wanted.append(rule.by)
    tags = {tag for use in before.scenario.uses.values() for tag in use.tags}
    said = [(f"分组 {name}", f"group {name}") for name in wanted if name not in before.counties.groups]
    if isinstance(rule, UseShareFloor) and rule.tag not in tags:
        said.append((f"用途标签 {rule.tag}", f"tag {rule.tag}"))
    codes = () if scope is None or scope.counties is None else scope.counties
    said += [(f"旗县 {c}", f"county {c}") for c in codes if c not in before.counties.index]
    return [
        Fault(
            Place(before.scenario.name, column=column),
            Text(
                f"下一年从本年取这一列，但本年方案没有{zh}",
                f"next year takes this column from here, but this scenario has no {en}",
            ),
            Text(
                "请在本年方案中补上，或在 years.yaml 的 feed 中另写", "add it, or say otherwise in years.yaml"
            ),
        )
        for zh, en in said
    ]
