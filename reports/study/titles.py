"""What weights, columns and groups of inputs are called in a study: titles of the scenario, not its keys."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from matplotlib.figure import Figure

from allocator.loaded import Loaded
from allocator.policy import Factor
from allocator.text import Text
from allocator.whatif.study import Study
from reports.charts.style import Heading

Drawing = Callable[[], Figure]
"""A chart, to be drawn when called."""


def titled(study: Study) -> Study:
    """The study with weights, columns and groups of inputs called by their titles."""
    loaded = study.loaded
    return replace(
        study,
        tornado=tuple(replace(bar, title=_title(loaded, bar.path, bar.title)) for bar in study.tornado),
        weights=tuple(replace(one, title=_title(loaded, one.path, one.title)) for one in study.weights),
        indices=replace(
            study.indices,
            groups=tuple(
                replace(one, title=_group_title(loaded, one.group, one.title)) for one in study.indices.groups
            ),
        ),
    )


def heading(study: Study, title: Text, subtitle: Text) -> Heading:
    """A chart's heading with the scenario as its source."""
    scenario = study.loaded.scenario
    source = scenario.title.text(scenario.name)
    whence = Text(f"{source.zh}；取整前，allocator 计算", f"{source.en}; before rounding, by allocator")
    said = " ".join((*title, *subtitle))
    counties = study.loaded.counties
    names = dict.fromkeys(name for name in (*counties.names, *counties.prefectures) if name in said)
    return Heading(title, subtitle, whence, tuple(names))


def column_title(loaded: Loaded, column: str) -> Text:
    """A column as the first factor that reads nothing else is called; its name where there is none."""
    for factors in loaded.scenario.formulas.values():
        for factor in factors:
            if (
                list(factor.columns) == [column]
                and factor.kind != "gap"
                and (factor.title.zh or factor.title.en)
            ):
                return factor.title.text(column)
    return Text(f"“{column}”", f"'{column}'")


def _title(loaded: Loaded, path: str, otherwise: Text) -> Text:
    head, _, rest = path.partition(".")
    if head == "columns":
        own = column_title(loaded, rest)
        return Text(f"各旗县的{own.zh}", f"{own.en} of every county")
    if head == "formulas":
        formula, key = rest.removesuffix(".weight").split(".")
        return _weight_title(loaded, formula, key)
    return otherwise


def _weight_title(loaded: Loaded, formula: str, key: str) -> Text:
    """With the streams that the formula distributes where another formula has a factor of this title."""
    own = _named(loaded, formula)[key]
    title = Text(f"{own.zh}权重", f"weight of {own.en}")
    others = [name for name in _running(loaded) if name != formula]
    if all(own not in _named(loaded, name).values() for name in others):
        return title
    money = _streams(loaded, formula)
    return Text(f"{title.zh}（{money.zh}）", f"{title.en} ({money.en})")


def _group_title(loaded: Loaded, group: str, otherwise: Text) -> Text:
    head, _, formula = group.partition(".")
    if head != "formulas":
        return otherwise
    if len(_running(loaded)) == 1:
        return Text("各因素权重", "weights of the factors")
    money = _streams(loaded, formula)
    return Text(f"{money.zh}的权重", f"weights of {money.en}")


def _running(loaded: Loaded) -> list[str]:
    return list(dict.fromkeys(s.formula for s in loaded.scenario.streams.values() if s.budget))


def _named(loaded: Loaded, formula: str) -> dict[str, Text]:
    def title(factor: Factor) -> Text:
        return factor.title.text(factor.factor)

    return {factor.factor: title(factor) for factor in loaded.scenario.formulas[formula]}


def _streams(loaded: Loaded, formula: str) -> Text:
    """Streams that a formula distributes: the first two, and how many more there are."""
    streams = loaded.scenario.streams.items()
    titles = [loaded.names.stream(name) for name, s in streams if s.budget and s.formula == formula]
    zh, en = "、".join(t.zh for t in titles[:2]), " and ".join(t.en for t in titles[:2])
    return Text(zh, en) if len(titles) < 3 else Text(f"{zh}等 {len(titles)} 项", f"{en} and others")
