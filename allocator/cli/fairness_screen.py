"""Fairness properties on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import Cell, show_table
from allocator.loaded import Loaded
from allocator.names import number, percent
from allocator.text import Language, Text
from allocator.why.fairness import fairness
from allocator.why.fairness_trial import Property

SHOWN = 10
"""Largest jumps on the terminal."""
PASS, FAIL = Text("通过", "pass"), Text("不通过", "fail")


def try_fairness(
    source: str, sets: Sequence[str], loaded: Loaded, cliff: Decimal | None, lang: Language
) -> tuple[Property, ...]:
    """Every property, with progress."""
    chosen = {} if cliff is None else {"cliff": cliff}
    with Progress(lang) as progress:
        return fairness(source, sets, loaded, **chosen, progress=progress)


def fairness_json(found: Iterable[Property]) -> list[dict[str, Any]]:
    """Every property with its facts."""
    return [
        {
            "name": one.name,
            "title": one.title._asdict(),
            "passed": one.passed,
            "why": one.why._asdict(),
            "facts": one.facts,
        }
        for one in found
    ]


def print_fairness(found: Sequence[Property], loaded: Loaded, lang: Language) -> None:
    """Which properties hold and why not; then the largest jumps at bands and thresholds."""
    title = loaded.scenario.title.text(loaded.scenario.name)
    heading = Text(f"{title.zh}：公平性", f"{title.en}: fairness")
    columns = [Text("性质", "Property"), Text("结论", "Result"), Text("说明", "What was tried, or why")]
    rows = [(p.title.say(lang), (PASS if p.passed else FAIL).say(lang), p.why.say(lang)) for p in found]
    show_table(heading, columns, rows, lang, [k for k, p in enumerate(found) if not p.passed])
    for one in found:
        edges = [edge for edge in one.facts.get("edges", ()) if edge["counts"] and edge["share"]]
        if edges:
            _print_edges(edges[:SHOWN], loaded, lang)


def _print_edges(edges: Sequence[dict[str, Any]], loaded: Loaded, lang: Language) -> None:
    unit = loaded.scenario.unit
    columns = [
        Text("旗县", "County"),
        Text("数据", "Figure"),
        Text("现值", "Now"),
        Text("跨到", "Across"),
        Text("应得额变动", "Formula"),
        Text("按规则变动", "By the rules"),
        Text("占比", "Part"),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            loaded.names.county(loaded.counties.index[edge["code"]]),
            edge["column"],
            Decimal(edge["now"]),
            Decimal(edge["across"]),
            _money(edge["jump"]),
            "" if edge["jump_under_rules"] is None else _money(edge["jump_under_rules"]),
            percent(Fraction(round(edge["share"], 4)), 1),
        )
        for edge in edges
    ]
    title = Text(
        f"分档和门槛：跨过最近一处时变动最大的旗县（{unit}）",
        f"Bands and thresholds: largest jumps at a county's nearest edge ({unit})",
    )
    show_table(title, columns, rows, lang)


def _money(value: float) -> str:
    # a plain minus lets the column stand right
    return number(Fraction(round(value, 1)), 1, sign=True).replace("\N{MINUS SIGN}", "-")
