"""What a publication still lacks, and names in it that the scenario does not know."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.groups import place_of
from allocator.input.yaml_tree import Node, fault
from allocator.publication import Publication
from allocator.scenario import Scenario
from allocator.text import Text


@dataclass(frozen=True, slots=True)
class Gap:
    """A blank of the notice: the key of scenario.yaml that would fill it, and what it is."""

    path: str
    what: Text


def gaps(scenario: Scenario, funded: Collection[str]) -> tuple[Gap, ...]:
    """Everything that a notice must say and the scenario does not; `funded` are the streams with money."""
    own = scenario.publication or Publication()
    found = [
        Gap(f"streams.{name}.document", Text(f"{title.zh}的文号", f"document number of {title.en}"))
        for name, stream in scenario.streams.items()
        if name in funded and not stream.document.strip()
        for title in (stream.title.text(name),)
    ]
    demanded = (
        (own.issuer.text().zh, "issuer", Text("发布单位", "who publishes")),
        (own.date, "date", Text("日期", "date")),
        (own.period.text().zh, "period", Text("公示期", "how long it stays public")),
        (own.local_telephone, "telephone", Text("本地监督电话", "local telephone for complaints")),
    )
    return (*found, *(Gap(f"publication.{key}", what) for given, key, what in demanded if not given))


def gap_faults(scenario: Scenario, tree: Node, funded: Collection[str], folder: Path) -> list[Fault]:
    """The blanks as faults, where the publication calls itself final; `folder` is the scenario's."""
    if scenario.publication is None or not scenario.publication.final:
        return []
    return [
        fault(
            _within(folder, place_of(tree, *gap.path.split("."))),
            f"正式发布缺少{gap.what.zh}（{gap.path}）",
            f"a final publication must say: {gap.what.en} ({gap.path})",
            "请在方案中补上并重新求解，或把 publication.final 改为 false",
            "fill it in and solve again, or set publication.final to false",
        )
        for gap in gaps(scenario, funded)
    ]


def _within(folder: Path, place: Place) -> Place:
    """A place as seen from where the command runs."""
    return replace(place, file=str(folder / place.file)) if place.file else place


def publication_faults(scenario: Scenario, tree: Node, counties: Counties) -> list[Fault]:
    """Funds, sources, directions and county codes that the scenario does not have."""
    own = scenario.publication
    if own is None:
        return []
    streams = scenario.streams.values()
    known: Mapping[str, tuple[Collection[str], Collection[str]]] = {
        "funds": (own.funds, {s.fund for s in streams}),
        "sources": (own.sources, {s.source for s in streams}),
        "directions": (own.directions, {s.direction for s in streams if s.direction}),
        "remarks": (own.remarks, counties.index),
    }
    return [
        fault(
            place_of(tree, "publication", key, name),
            f"方案中没有“{name}”（publication.{key}）",
            f"the scenario has no '{name}' (publication.{key})",
            *_offer(key, there),
        )
        for key, (given, there) in known.items()
        for name in _unknown(given, there)
    ]


def _unknown(given: Collection[str], there: Collection[str]) -> Iterator[str]:
    return (name for name in given if name not in there)


def _offer(key: str, there: Collection[str]) -> tuple[str, str]:
    if key == "remarks":
        return "请用旗县表中的六位代码", "use a six-digit code of the county table"
    names = sorted(name for name in there if name)
    if not names:
        return "方案中的资金都没有写，请删除这一项", "no stream of the scenario says one: leave it out"
    return f"可用：{'、'.join(names)}", f"there are: {', '.join(names)}"
