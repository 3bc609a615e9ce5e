"""A scenario in words and tables."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from allocator.cli.screen import show_table
from allocator.cli.words import line
from allocator.loaded import Loaded
from allocator.policy import Factor, Stream
from allocator.text import Language, Text

NAME, TITLE = Text("键", "Key"), Text("标题", "Title")
EXTRA: tuple[tuple[Text, Callable[[Stream], str]], ...] = (
    (Text("层级", "Level"), lambda s: s.level or ""),
    (Text("类别", "Fund"), lambda s: "" if s.fund == "bridging" else s.fund),
    (Text("任务方向", "Direction"), lambda s: s.direction),
    (Text("用途", "Uses"), lambda s: "" if s.uses == ("all",) else " ".join(s.uses)),
    (Text("禁止", "Forbidden"), lambda s: " ".join(s.forbidden)),
    (Text("统筹", "Pool"), lambda s: "" if s.pool is None else f"{s.pool.group}: {' '.join(s.pool.uses)}"),
    (Text("奖惩", "Incentive"), lambda s: "" if s.incentive is None else s.incentive.mode),
)
"""What streams may say besides."""


def describe(loaded: Loaded, file: Path, lang: Language) -> None:
    """Prints title, place, streams, formulas and rules."""
    scenario = loaded.scenario
    line(scenario.title.text(scenario.name).say(lang))
    line(
        Text(
            f"{len(loaded.counties)} 个旗县，{len(loaded.counties.prefecture_members)} 个盟市；"
            f"{scenario.year} 年；单位 {scenario.unit}，取整到 {scenario.step}；目标 {scenario.objective}",
            f"{len(loaded.counties)} counties in {len(loaded.counties.prefecture_members)} prefectures; "
            f"{scenario.year}; unit {scenario.unit}, step {scenario.step}; objective {scenario.objective}",
        ).say(lang)
    )
    line(str(file))
    line("")
    _streams(loaded, lang)
    _formulas(loaded, lang)
    _rules(loaded, lang)


def _streams(loaded: Loaded, lang: Language) -> None:
    columns = [NAME, TITLE, Text("预算", "Budget"), Text("公式", "Formula"), Text("范围", "Eligible")]
    streams = loaded.scenario.streams
    rows = [(name, s.title.text().say(lang), s.budget, s.formula, s.eligible) for name, s in streams.items()]
    show_table(Text("资金", "Streams"), columns, rows, lang)
    said = [(title, [say(s) for s in streams.values()]) for title, say in EXTRA]
    said = [(title, cells) for title, cells in said if any(cells)]
    if said:
        more = zip(streams, *(cells for _, cells in said), strict=True)
        heading = Text("资金的层级、用途和奖惩", "Levels, uses and incentives of streams")
        show_table(heading, [NAME, *(title for title, _ in said)], more, lang)


def _formulas(loaded: Loaded, lang: Language) -> None:
    columns = [Text("公式", "Formula"), Text("因素", "Factor"), Text("权重", "Weight"), Text("取值", "Value")]
    rows = [
        (name, f.title.text(f.factor).say(lang), f.weight, _value(f))
        for name, factors in loaded.scenario.formulas.items()
        for f in factors
    ]
    show_table(Text("因素公式", "Formulas"), columns, rows, lang)


def _value(factor: Factor) -> str:
    if factor.points is not None:
        return f"{factor.kind}: " + ", ".join(f"{g} {p}" for g, p in factor.points.items())
    columns = factor.columns.items()
    within = "" if factor.within is None else f" ({factor.within})"
    return f"{factor.kind}{within}: " + " + ".join(c if w == 1 else f"{w} × {c}" for c, w in columns)


def _rules(loaded: Loaded, lang: Language) -> None:
    columns = [Text("规则", "Rule"), TITLE, Text("条款", "Clause"), Text("行数", "Rows")]
    rows = [(r.id, r.text.say(lang), r.clause, len(loaded.rows.get(r.id, ()))) for r in loaded.scenario.rules]
    show_table(Text("规则", "Rules"), columns, rows, lang)
