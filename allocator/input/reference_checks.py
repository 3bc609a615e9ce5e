"""Collects what the scenario names and does not have."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches

from allocator.faults import Fault
from allocator.groups import place_of
from allocator.input.yaml_tree import Node, fault
from allocator.scenario import Scenario
from allocator.text import Text

SCOPES = ("county", "prefecture", "all")


class References:
    """Collects the faults of one scenario; `tree` gives their places."""

    def __init__(self, scenario: Scenario, tree: Node) -> None:
        self.scenario, self.tree = scenario, tree
        self.faults: list[Fault] = []
        self.tags = {tag for use in scenario.uses.values() for tag in use.tags}
        streams = scenario.streams.values()
        self.sources = {s.source for s in streams if s.source}
        self.levels = {s.level for s in streams if s.level is not None}
        self.funds = {s.fund for s in streams}
        self.directions = {s.direction for s in streams if s.direction}

    def known(self, name: str, among: Iterable[str], what: tuple[str, str], *path: str | int) -> bool:
        """Note a fault where `name` is not among the known names."""
        names = list(among)
        if name in names:
            return True
        near = get_close_matches(name, names, 3, 0.5) or names[:10]
        self.faults.append(
            Fault(
                place_of(self.tree, *path),
                Text(f"没有名为“{name}”的{what[0]}", f"there is no {what[1]} '{name}'"),
                Text(f"现有：{'、'.join(near)}", f"there are: {', '.join(near)}") if near else Text("", ""),
            )
        )
        return False

    def add(self, path: tuple[str | int, ...], zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> None:
        """Note a fault."""
        self.faults.append(fault(place_of(self.tree, *path), zh, en, fix_zh, fix_en))


GROUP, USE, TAG = ("分组", "group"), ("用途", "use"), ("标签", "tag")
STREAM, SOURCE, FORMULA = ("资金", "stream"), ("资金来源", "source"), ("公式", "formula")
LEVEL, FUND, DIRECTION = ("资金层级", "level"), ("资金类别", "fund"), ("任务方向", "direction")
