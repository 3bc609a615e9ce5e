"""The columns that a year takes from the result of the year before: taken, and filled in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction

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
from allocator.years.base import Moved, base_cells
from allocator.years.decimals import MOST_PLACES, decimal, places_for, plain_digits
from allocator.years.money import total, year_cells
from allocator.years.sources import Source

Column = Mapping[str, Fraction | None]
"""County code → value; None where there is nothing to speak of."""


def columns_from(
    before: Loaded, steps: Amounts, sources: Mapping[str, Source], kept: Mapping[str, Column], moved: Moved
) -> dict[str, Column]:
    """The columns that the result `steps` of `before` gives; `kept` are those fed into `before`.

    Amounts leave out what reallocations `moved`, so that nobody loses twice. Shares do not: they are of
    the money as it was received and used in the end, on which the year's own floor is judged, too.
    """
    faults = [f for column, source in sources.items() for f in _strangers(before, column, source)]
    if faults:
        stop(faults)
    money = year_cells(before.problem, steps)
    compared = base_cells(before.problem, money, moved)
    found: dict[str, Column] = {}
    for column, source in sources.items():
        if isinstance(source.rule, ChangeLimits):
            fresh = amounts(before.problem, compared, source.rule)
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


def left_out(before: Loaded, sources: Mapping[str, Source], moved: Moved) -> list[Text]:
    """That amounts leave out money which reallocations of the year before moved."""
    columns = [column for column, source in sources.items() if isinstance(source.rule, ChangeLimits)]
    whole = sum((amount for amount in moved.values() if amount > 0), Fraction(0))
    if not columns or not whole:
        return []
    name, money = before.scenario.name, before.names.money(whole)
    return [
        Text(
            f"{'、'.join(columns)} 不计 {name} 收回并调整的 {money}（--base before）；占比按调整后的资金",
            f"{', '.join(columns)} leave out {money} that reallocations of {name} moved (--base before); "
            "shares are of the money afterwards",
        )
    ]


def _rounded_up(column: str) -> Text:
    return Text(
        f"{column} 在第 {MOST_PLACES} 位小数上进位，比上年占比略高",
        f"{column} is rounded up at decimal {MOST_PLACES}: a little more than last year's share",
    )


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
