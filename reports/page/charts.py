"""The charts of a study on the page: by topic, each with its finding and the table behind it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from allocator.text import LANGUAGES, Language, Text
from reports.page.chart_tables import chart_tables
from reports.page.svg import Advances, Drawing, UnknownDrawing
from reports.report_input import Report
from reports.study.input import StudyChart, StudyFolder

TOPICS = (
    (("tornado",), Text("什么最要紧", "What matters most")),
    (("winners", "map"), Text("谁增谁减", "Who gains and who loses")),
    (("uncertainty", "sobol"), Text("结果有多稳健", "How robust the result is")),
    (("equity",), Text("公平程度", "Equity")),
    (("breakpoints", "frontier"), Text("规则还有多少余地", "How much room the rules leave")),
    (("parameter",), Text("改动一条规则的参数", "Turning a parameter of a rule")),
    (("weight",), Text("改动一个因素的权重", "Turning the weight of a factor")),
)
"""First words of charts' names, in the order in which a meeting asks."""
OTHER = Text("其他", "Others")
MANY = {"weight", "parameter"}
"""Charts of these kinds stand two abreast."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A drawing, or the address of a picture where it could not be made small."""

    svg: Markup
    """What stands after `<svg `: view box and content."""
    source: str
    words: str
    """What it finds, in the language that it is drawn in."""


@dataclass(frozen=True, slots=True)
class PageChart:
    """One chart."""

    anchor: str
    title: Text
    subtitle: Text
    pictures: tuple[tuple[str, Picture], ...]
    """Further class and picture: one for each language that it is drawn in."""
    table: str
    """Key of the table behind it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class PageCharts:
    """All charts by topic, and the tables behind them; empty without a study."""

    topics: tuple[tuple[Text, bool, tuple[PageChart, ...]], ...]
    """Title, whether its charts are as wide as the page, charts."""
    tables: dict[str, Any] | None
    language: Language | None
    """Language of the words inside the pictures; None where they are drawn in both."""
    studied: bool


def charts_of(report: Report) -> PageCharts:
    """The study's charts, in topics."""
    study = report.study
    if study is None:
        return PageCharts((), None, None, False)
    tables = chart_tables(report, study)
    made = dict(_drawn(study, tables))
    topics = []
    for title in (*(title for _, title in TOPICS), OTHER):
        own = [name for name in made if _topic(name) == title]
        if own:
            topics.append((title, not MANY.intersection(map(_first, own)), tuple(made[name] for name in own)))
    drawn_once = study.language if any(len(chart.pictures) == 1 for chart in made.values()) else None
    return PageCharts(tuple(topics), tables, drawn_once, True)


def _first(name: str) -> str:
    return name.split("-", maxsplit=1)[0]


def _topic(name: str) -> Text:
    return next((title for words, title in TOPICS if _first(name) in words), OTHER)


def _drawn(study: StudyFolder, tables: dict[str, Any]) -> Iterator[tuple[str, PageChart]]:
    drawings = [_read(study, chart, k) for k, chart in enumerate(study.charts)]
    advances = Advances()
    for known in (drawing for by_language in drawings for drawing in by_language.values()):
        for letters in known.letters():
            advances.learn(letters)
    for k, (chart, by_language) in enumerate(zip(study.charts, drawings, strict=True)):
        anchor = f"chart-{k}"
        pictures = _pictures(study, chart, by_language, advances)
        table = chart.name if chart.name in tables else ""
        yield chart.name, PageChart(anchor, chart.title, chart.subtitle, pictures, table)


def _read(study: StudyFolder, chart: StudyChart, number: int) -> dict[Language, Drawing]:
    """The chart in every language that it is drawn in, where this page knows how it is drawn."""
    found: dict[Language, Drawing] = {}
    for lang in LANGUAGES:
        drawn = study.in_language(chart, "svg", lang)
        if drawn is not None:
            with suppress(UnknownDrawing):
                found[lang] = Drawing(drawn, f"{lang[0]}{number}-")
    return found


def _pictures(
    study: StudyFolder, chart: StudyChart, drawings: dict[Language, Drawing], advances: Advances
) -> tuple[tuple[str, Picture], ...]:
    """The drawings made small; the PNG where they are drawn in a way that this page does not know."""
    found = []
    for lang, drawing in drawings.items():
        said = tuple(text.say(lang) for text in (chart.title, chart.subtitle))
        with suppress(UnknownDrawing):
            found.append((f" {lang}", Picture(drawing.markup(advances, said), "", said[0])))
    if len(found) == len(LANGUAGES):
        return tuple(found)
    own = [picture for way, picture in found if way == f" {study.language}"]
    return (("", own[0] if own else _as_png(study, chart)),)


def _as_png(study: StudyFolder, chart: StudyChart) -> Picture:
    words = chart.title.say(study.language)
    png = base64.b64encode(study.picture(chart, "png")).decode()
    return Picture(Markup(""), f"data:image/png;base64,{png}", words)
