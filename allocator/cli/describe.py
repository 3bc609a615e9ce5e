"""A scenario in words and tables."""

from __future__ import annotations

from pathlib import Path

from allocator.cli.screen import show_table
from allocator.cli.words import line
from allocator.loaded import Loaded
from allocator.policy import Factor
from allocator.text import Language, Text

NAME, TITLE = Text("键", "Key"), Text("标题", "Title")


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
    rows = [
        (name, s.title.text().say(lang), s.budget, s.formula, s.eligible)
        for name, s in loaded.scenario.streams.items()
    ]
    show_table(Text("资金", "Streams"), columns, rows, lang)


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
    return f"{factor.kind}: " + " + ".join(c if w == 1 else f"{w} × {c}" for c, w in columns)


def _rules(loaded: Loaded, lang: Language) -> None:
    columns = [Text("规则", "Rule"), TITLE, Text("条款", "Clause"), Text("行数", "Rows")]
    rows = [(r.id, r.text.say(lang), r.clause, len(loaded.rows.get(r.id, ()))) for r in loaded.scenario.rules]
    show_table(Text("规则", "Rules"), columns, rows, lang)
