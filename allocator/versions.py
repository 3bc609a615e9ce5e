"""What is in force in the scenario's year: groups and uses that have years (分年度的名单与用途)."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.faults import Fault
from allocator.groups import place_of
from allocator.input.yaml_tree import Node, fault
from allocator.scenario import Scenario
from allocator.text import Text


@dataclass(frozen=True, slots=True)
class InForce:
    """One dated group or use in the scenario's year."""

    kind: str
    """group or use."""
    name: str
    title: Text
    years: Text
    """The span that covers the year, or all of them where none does."""
    open: bool
    """Whether it is in force."""
    counties: int | None = None
    """Members of a group."""


def in_force(scenario: Scenario) -> Scenario:
    """The scenario with each group as its year has it."""
    groups = {name: group.in_year(scenario.year) for name, group in scenario.groups.items()}
    return scenario.model_copy(update={"groups": groups})


def version_faults(scenario: Scenario, tree: Node) -> list[Fault]:
    """Faults of groups with two versions for the scenario's year."""
    faults = []
    for name, group in scenario.groups.items():
        found = group.covering(scenario.year)
        if len(found) > 1:
            second = group.versions.index(found[1])
            faults.append(
                fault(
                    place_of(tree, "groups", name, "versions", second),
                    f"{scenario.year} 年有 {len(found)} 个版本："
                    f"{'、'.join(version.years.zh for version in found)}",
                    f"{len(found)} versions cover {scenario.year}: "
                    f"{', '.join(version.years.en for version in found)}",
                    "请更正 from、until，使每年至多一个版本",
                    "correct from and until, so that at most one covers each year",
                )
            )
    return faults


def dated(scenario: Scenario, members: dict[str, int]) -> tuple[InForce, ...]:
    """Every group and use that has years, in the scenario's order; `members` counts those of groups."""
    found = []
    for name, group in scenario.groups.items():
        if not group.versions and not group.dated:
            continue
        every = group.versions if group.closed and group.versions else (group,)
        years = Text(
            "、".join(version.years.zh for version in every), ", ".join(version.years.en for version in every)
        )
        title = group.title.text(name)
        found.append(InForce("group", name, title, years, not group.closed, members.get(name, 0)))
    found += [
        InForce("use", name, use.title.text(name), use.years, use.covers(scenario.year))
        for name, use in scenario.uses.items()
        if use.dated
    ]
    return tuple(found)
