"""Which scenarios follow one another, and which columns of a year come from the year before.

A plan is a years.yaml, a folder of scenario folders, or the common beginning of bundled names:

    years: [plan-2024, plan-2025]
    feed:
      last_amount: {of: amount}
      last_industry_share: {of: share, tag: industry, by: prefecture, keep: last}
      last_score: null

Without `feed`, or for columns that it does not name, the rules of each year say what they read:
`change_limits` its column of amounts, `use_share_floor` its `not_below` column of shares. `null`
leaves a column as the file has it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, ValidationError, model_validator

from allocator.faults import BadInput, Fault, Place
from allocator.input.extends import inside
from allocator.input.pydantic_faults import scenario_faults
from allocator.input.yaml_tree import Node, fault, read_yaml
from allocator.load import BUNDLED, bundled
from allocator.policy import Model, Name, Selection
from allocator.text import Text

PLAN = "years.yaml"
FEWEST = 2


class Feed(Model):
    """Where one column of a year comes from: an amount of the year before, or a share of it."""

    of: Literal["amount", "share"]
    """amount: each county's money of the year; share: the part of it that goes to uses with `tag`."""
    tag: Name | None = None
    """Tag of the uses that count in a share."""
    by: Name = "prefecture"
    """Whose share: prefecture, county, all, or a group."""
    scope: Selection | None = None
    """Money that counts; default: all."""
    keep: Literal["last", "highest"] = "last"
    """last: the year before; highest: the highest of all years so far."""

    @model_validator(mode="after")
    def _fits(self) -> Feed:
        if (self.of == "share") != (self.tag is not None):
            raise ValueError("a share needs 'tag', an amount takes none")
        return self


class _File(Model):
    """years.yaml."""

    years: Annotated[tuple[Name, ...], Field(min_length=FEWEST)]
    feed: dict[Name, Feed | None] = Field(default_factory=dict)


@dataclass(frozen=True)
class YearsPlan:
    """Scenarios in order, and the feeds that were written down."""

    shown: str
    """How messages name the plan."""
    sources: tuple[str, ...]
    """Folders or bundled names, as `load` takes them; ordered only where `ordered`."""
    ordered: bool
    """Whether the plan says the order; otherwise the scenarios' years do."""
    feeds: Mapping[str, Feed | None] = field(default_factory=dict)
    places: Mapping[str, Place] = field(default_factory=dict)
    """Where each feed is written."""


def read_plan(source: str) -> YearsPlan:
    """The plan of a years.yaml, a folder, or the beginning of bundled names; raises BadInput."""
    path = Path(source)
    if path.is_file():
        return _from_file(path)
    if path.is_dir():
        if (path / PLAN).is_file():
            return _from_file(path / PLAN)
        return _enough(
            source, tuple(str(p) for p in sorted(path.iterdir()) if (p / "scenario.yaml").is_file())
        )
    names = tuple(n for n in bundled() if re.fullmatch(re.escape(source) + r"-\d{4}", n))
    return _enough(source, names)


def _enough(source: str, found: tuple[str, ...]) -> YearsPlan:
    if len(found) >= FEWEST:
        return YearsPlan(source, found, ordered=False)
    named = [m[1] for n in bundled() if (m := re.fullmatch(r"(.+)-\d{4}", n))]
    series = sorted({name for name in named if named.count(name) >= FEWEST})
    known = "、".join(series)
    raise BadInput(
        [
            Fault(
                Place(source),
                Text(
                    f"这里没有至少 {FEWEST} 个年度方案（找到 {len(found)} 个）",
                    f"at least {FEWEST} yearly scenarios are needed, found {len(found)}",
                ),
                Text(
                    f"给出含各年方案文件夹或 {PLAN} 的文件夹，或自带方案的共同名称：{known}",
                    f"name a folder of scenario folders, one with a {PLAN}, "
                    f"or the common name of bundled scenarios: {', '.join(series)}",
                ),
            )
        ]
    )


def _from_file(file: Path) -> YearsPlan:
    tree = read_yaml(file, str(file))
    try:
        read = _File.model_validate(tree.plain())
    except ValidationError as error:
        raise BadInput(_with_keys(scenario_faults(error, tree))) from None
    faults: list[Fault] = []
    sources = []
    for position, name in enumerate(read.years):
        node = tree.get("years", position)
        assert node is not None
        try:
            sources.append(_target(node, name))
        except BadInput as error:
            faults += error.faults
    if faults:
        raise BadInput(faults)
    return YearsPlan(str(file), tuple(sources), True, read.feed, _places(tree, read.feed))


def _with_keys(faults: list[Fault]) -> list[Fault]:
    """Unknown keys get the keys of this file as what to do, not those of a scenario."""
    keys = {0: list(_File.model_fields), 2: list(Feed.model_fields)}
    found = []
    for one in faults:
        if one.what.en.startswith("unknown key"):
            allowed = keys.get(one.place.path.count("."), [])
            fix = Text(f"可用的键：{'、'.join(allowed)}", f"allowed keys: {', '.join(allowed)}")
            one = Fault(one.place, one.what, fix)  # noqa: PLW2901
        found.append(one)
    return found


def _target(node: Node, name: str) -> str:
    """A folder beside the plan, or a bundled name."""
    path = inside(node, Path(name))
    if (path / "scenario.yaml").is_file() or path.is_file():
        return str(path)
    if (BUNDLED / name / "scenario.yaml").is_file() and name in bundled():
        return name
    raise BadInput(
        [
            fault(
                node.place,
                f"找不到方案“{name}”",
                f"there is no scenario '{name}'",
                "写出与本文件相邻的方案文件夹，或自带方案的名字",
                "name a scenario folder beside this file, or a bundled scenario",
            )
        ]
    )


def _places(tree: Node, feeds: Mapping[str, Feed | None]) -> dict[str, Place]:
    found = {}
    for column in feeds:
        place, _ = tree.nearest(("feed", column))
        found[column] = Place(place.file, place.line, place.character, f"feed.{column}")
    return found
