"""Things a planner should know that are no faults."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from allocator.problem import Problem
from allocator.rules.average_parity import AverageParity
from allocator.scenario import Scenario
from allocator.text import Text

FEW_STEPS = 20
"""Entitlements below this many steps are coarse: rounding is a large part of them."""


def notices(scenario: Scenario, problem: Problem, over_advanced: Mapping[str, tuple[int, ...]]) -> list[Text]:
    """Groups and uses outside their years, small entitlements, eased averages, over-advanced counties."""
    found = _outside_their_years(scenario)
    counties = problem.counties
    small = (problem.entitlement > 0) & (problem.entitlement < FEW_STEPS * float(problem.step))
    if small.any():
        i, s = np.argwhere(small)[0]
        count = int(small.sum())
        label, stream = counties.label(int(i)), problem.stream_names[int(s)]
        found.append(
            Text(
                f"{count} 个县级测算数不足 {FEW_STEPS} 个 step，取整影响较大（如 {label}，{stream}）",
                f"{count} entitlements are below {FEW_STEPS} steps, so rounding weighs "
                f"(such as {label}, {stream})",
            )
        )
    for rule in scenario.rules:
        if isinstance(rule, AverageParity) and rule.among == "all":
            mask = (problem.mask(rule.scope).ravel() & problem.live).reshape(problem.shape)
            counted = problem.county_mask(rule.scope) & ~counties.groups[rule.group]
            empty = int((counted & ~mask.any(axis=(1, 2))).sum())
            if empty:
                found.append(
                    Text(
                        f"规则 {rule.id}：对照组中有 {empty} 个旗县不可能得到资金，使该规则变宽；"
                        "可用 among: eligible",
                        f"rule {rule.id}: {empty} counties of the reference can receive nothing and ease it; "
                        "consider among: eligible",
                    )
                )
    for stream, members in over_advanced.items():
        if members:
            names = "、".join(counties.label(i) for i in members[:5])
            found.append(
                Text(
                    f"资金 {stream}：{len(members)} 个旗县提前下达已超过全年测算数，本次不再测算（{names}）",
                    f"stream {stream}: {len(members)} counties were advanced more than "
                    f"the year gives them ({names})",
                )
            )
    return found


def _outside_their_years(scenario: Scenario) -> list[Text]:
    """Groups without a version for the year, and uses that are closed in it."""
    year = scenario.year
    groups = [name for name, group in scenario.groups.items() if group.closed]
    uses = [name for name, use in scenario.uses.items() if not use.covers(year)]
    found = []
    if groups:
        titles = [scenario.groups[name].title.text(name) for name in groups]
        zh, en = "、".join(t.zh for t in titles), ", ".join(t.en for t in titles)
        found.append(
            Text(
                f"{year} 年没有适用名单的分组，按没有旗县处理：{zh}",
                f"groups without counties, since no version covers {year}: {en}",
            )
        )
    if uses:
        titles = [scenario.uses[name].title.text(name) for name in uses]
        zh, en = "、".join(t.zh for t in titles), ", ".join(t.en for t in titles)
        found.append(Text(f"{year} 年停用的用途：{zh}", f"uses that are closed in {year}: {en}"))
    return found
