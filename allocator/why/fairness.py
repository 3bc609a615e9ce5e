"""Fairness properties tried on a scenario's own data: order of rows, equal counties, and the rest.

What rises with a budget or with a county's own need is in `growth`, thresholds and bands in `cliffs`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from decimal import Decimal
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.allocation import Allocation
from allocator.assemble import assemble
from allocator.faults import BadInput, NoAllocation
from allocator.flatten import flatten
from allocator.input.references import peer_columns, text_bands
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.plan import solve
from allocator.text import Text
from allocator.why.cliffs import no_cliff
from allocator.why.fairness_trial import Property, Trial, joined, spread
from allocator.why.growth import more_money, own_need
from allocator.why.reordered import SEED, Order, load_reordered

ORDERS: dict[Order, Text] = {"reversed": Text("倒序", "reversed"), "shuffled": Text("打乱", "shuffled")}
TWINS = 3
"""Twins that are made where no two counties are equal."""
IDENTITY = ("code", "county")
CLIFF = Decimal("0.05")
"""Part of a county's amount above which a jump at a threshold is a cliff."""


def fairness(
    source: str | Path,
    sets: Sequence[str],
    loaded: Loaded,
    cliff: Decimal = CLIFF,
    progress: Progress = silent,
) -> tuple[Property, ...]:
    """Every property in turn; raises NoAllocation where the scenario itself has no allocation."""
    progress(Text("测算现有方案", "the scenario as it is"), 0.0)
    allocation = solve(loaded)
    trial = Trial(loaded)
    progress(Text("调换行序", "order of rows"), 0.05)
    found = [order_of_rows(source, sets, loaded, allocation)]
    progress(Text("相同旗县", "equal counties"), 0.15)
    found.append(equal_counties(loaded, allocation))
    progress(Text("增加预算", "larger budgets"), 0.25)
    found.append(more_money(trial))
    found.append(own_need(trial, lambda stage, done: progress(stage, 0.4 + 0.35 * done)))
    found.append(no_cliff(trial, cliff, lambda stage, done: progress(stage, 0.75 + 0.25 * done)))
    return tuple(found)


def order_of_rows(
    source: str | Path, sets: Sequence[str], loaded: Loaded, allocation: Allocation
) -> Property:
    """Whether the tables reversed and shuffled, read again from files, give the same whole money."""
    files = flatten(source, sets)
    mine = _by_code(loaded, allocation)
    differing: dict[Order, list[str]] = {}
    for order in ORDERS:
        with TemporaryDirectory(prefix="allocator-") as folder:
            other = load_reordered(files, loaded, order, Path(folder))
        theirs = _by_code(other, solve(other))
        differing[order] = [c for c in mine if not np.array_equal(mine[c], theirs.get(c, ()))]
    bad = {order: codes for order, codes in differing.items() if codes}
    facts = {"orders": list(ORDERS), "seed": SEED, "different_counties": differing}
    said = [_different(loaded, ORDERS[order], codes) for order, codes in bad.items()]
    why = Text("倒序和打乱后重新读入，金额完全相同", "reversed and shuffled tables give the same amounts")
    title = Text("行的先后不影响结果", "The order of rows changes nothing")
    return Property("order_of_rows", title, not bad, joined(said) if bad else why, facts)


def _by_code(loaded: Loaded, allocation: Allocation) -> dict[str, NDArray[np.int64]]:
    return dict(zip(loaded.counties.codes, allocation.steps, strict=True))


def _different(loaded: Loaded, order: Text, codes: Sequence[str]) -> Text:
    first = loaded.names.county(loaded.counties.index[codes[0]])
    return Text(
        f"行序{order.zh}后，{len(codes)} 个旗县的金额变了（如{first}）",
        f"with rows {order.en}, {len(codes)} counties get other amounts (such as {first})",
    )


def equal_counties(loaded: Loaded, allocation: Allocation) -> Property:
    """Whether counties with equal data get amounts at most one step apart; makes twins where none are."""
    totals = allocation.steps.sum(axis=(1, 2))
    alike = _alike(loaded)
    found = [_compared(loaded, members, totals) for members in alike] or _made(loaded)
    bad = [f for f in found if f["apart_steps"] > 1]
    facts = {"pairs": "real" if alike else "made", "compared": found}
    title = Text("条件相同的旗县所得相同", "Equal counties get the same")
    if bad:
        why = joined([_unequal(loaded, f) for f in bad])
    elif alike:
        count = sum(len(members) for members in alike)
        why = Text(
            f"数据完全相同的 {count} 个旗县（{len(alike)} 组，实有），相差不超过一个取整单位",
            f"{count} counties with equal data ({len(alike)} sets, real) are at most one step apart",
        )
    elif not found:
        why = Text("没有可以比较的旗县", "there are no counties to compare")
    else:
        why = Text(
            f"没有数据完全相同的旗县；把一县的数据抄给同盟市另一县，试了 {len(found)} 对，"
            "相差不超过一个取整单位",
            "no two counties are equal; pairs made by copying one county's data onto a neighbour's: "
            f"{len(found)}, at most one step apart",
        )
    return Property("equal_counties", title, not bad, why, facts)


def _compared(loaded: Loaded, members: Sequence[int], totals: NDArray[np.int64]) -> dict[str, Any]:
    own = totals[list(members)]
    amounts = [str(loaded.problem.step * int(t)) for t in own]
    codes = [loaded.counties.codes[i] for i in members]
    return {"codes": codes, "amounts": amounts, "apart_steps": int(own.max() - own.min())}


def _unequal(loaded: Loaded, found: dict[str, Any]) -> Text:
    names = [loaded.names.county(loaded.counties.index[code]) for code in found["codes"]]
    apart = loaded.names.money(loaded.problem.step * found["apart_steps"])
    made = "copied_from" in found
    return Text(
        f"{'、'.join(names[:4])}{'（抄成相同）' if made else ''}相差 {apart}",
        f"{', '.join(names[:4])}{' (made equal)' if made else ''} are {apart} apart",
    )


def _alike(loaded: Loaded) -> list[list[int]]:
    """Sets of counties with money that nothing the scenario reads tells apart."""
    sets: dict[Any, list[int]] = {}
    for i in np.flatnonzero(loaded.problem.entitlement.sum(axis=1) > 0).tolist():
        sets.setdefault(_data(loaded, i), []).append(i)
    return [members for members in sets.values() if len(members) > 1]


def _data(loaded: Loaded, i: int) -> Any:
    """Everything that the scenario reads of one county."""
    counties, scenario, code = loaded.counties, loaded.scenario, loaded.counties.codes[i]
    words = [
        counties.text[column][i]
        for factors in scenario.formulas.values()
        for factor in factors
        if text_bands(factor)
        for column in factor.columns
    ]
    words += [counties.text[column][i] for column in sorted(peer_columns(scenario))]
    return (
        counties.prefectures[i],
        tuple(values[i] for values in counties.numbers.values()),
        tuple(bool(members[i]) for members in counties.groups.values()),
        tuple(words),
        tuple(sorted((s, u, amount) for (k, s, u), amount in loaded.issued.items() if k == i)),
        loaded.problem.adjustment[i],
        tuple(code in (selection.counties or ()) for selection in _selections(loaded)),
    )


def _selections(loaded: Loaded) -> Iterator[Any]:
    for rule in loaded.scenario.rules:
        yield from rule.selections().values()


def _made(loaded: Loaded) -> list[dict[str, Any]]:
    """Twins made by copying: solved, and how far apart they come out."""
    found: list[dict[str, Any]] = []
    for source, target in spread(_neighbours(loaded), 2 * TWINS):
        if len(found) == TWINS:
            break
        try:
            changed = _copied(loaded, source, target)
            totals = solve(changed).steps.sum(axis=(1, 2))
        except (BadInput, NoAllocation):
            # with these data the rules cannot be kept, so there is nothing to compare
            continue
        own = _compared(changed, (source, target), totals)
        found.append({**own, "copied_from": loaded.counties.codes[source]})
    return found


def _neighbours(loaded: Loaded) -> list[tuple[int, int]]:
    """For each prefecture the two counties whose entitlements are closest, by code."""
    entitled = loaded.problem.entitlement.sum(axis=1)
    named = {code for selection in _selections(loaded) for code in selection.counties or ()}
    adjusted = {i for i, row in enumerate(loaded.problem.adjustment) if any(row)}
    pairs = []
    for members in loaded.counties.prefecture_members.values():
        free = [i for i in members.tolist() if entitled[i] > 0 and i not in adjusted]
        free = sorted((i for i in free if loaded.counties.codes[i] not in named), key=lambda i: entitled[i])
        near = [(entitled[b] / entitled[a], a, b) for a, b in pairwise(free)]
        if near:
            pairs.append(min(near)[1:])
    return sorted(pairs)


def _copied(loaded: Loaded, source: int, target: int) -> Loaded:
    """The scenario with everything but code and name copied from one county onto another."""
    counties = loaded.counties

    def copy(values: tuple[Any, ...]) -> tuple[Any, ...]:
        return (*values[:target], values[source], *values[target + 1 :])

    groups = {name: members.copy() for name, members in counties.groups.items()}
    for members in groups.values():
        members[target] = members[source]
    changed = replace(
        counties,
        text={c: values if c in IDENTITY else copy(values) for c, values in counties.text.items()},
        numbers={c: copy(values) for c, values in counties.numbers.items()},
        groups=groups,
    )
    issued = {key: amount for key, amount in loaded.issued.items() if key[0] != target}
    issued |= {(target, s, u): amount for (i, s, u), amount in loaded.issued.items() if i == source}
    return assemble(loaded.scenario, loaded.tree, changed, issued, loaded.digests)
