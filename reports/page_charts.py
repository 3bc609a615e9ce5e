"""The charts of a study on the page: by topic, each with its finding and the table behind it."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from allocator.text import Language, Text
from reports.page_chart_tables import chart_tables
from reports.page_svg import Advances, Drawing, UnknownDrawing
from reports.report_input import Report
from reports.study_input import StudyChart, StudyFolder

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
    picture: Picture
    table: str
    """Key of the table behind it; empty where there is none."""


@dataclass(frozen=True, slots=True)
class PageCharts:
    """All charts by topic, and the tables behind them; empty without a study."""

    topics: tuple[tuple[Text, bool, tuple[PageChart, ...]], ...]
    """Title, whether its charts are as wide as the page, charts."""
    tables: dict[str, Any] | None
    language: Language | None
    """Language of the words inside the pictures."""
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
    return PageCharts(tuple(topics), tables, study.language, True)


def _first(name: str) -> str:
    return name.split("-", maxsplit=1)[0]


def _topic(name: str) -> Text:
    return next((title for words, title in TOPICS if _first(name) in words), OTHER)


def _drawn(study: StudyFolder, tables: dict[str, Any]) -> Iterator[tuple[str, PageChart]]:
    drawings = [_read(study, chart, k) for k, chart in enumerate(study.charts)]
    advances = Advances()
    for known in filter(None, drawings):
        for letters in known.letters():
            advances.learn(letters)
    for k, (chart, drawing) in enumerate(zip(study.charts, drawings, strict=True)):
        anchor = f"chart-{k}"
        picture = _picture(study, chart, drawing, advances)
        table = chart.name if chart.name in tables else ""
        yield chart.name, PageChart(anchor, chart.title, chart.subtitle, picture, table)


def _read(study: StudyFolder, chart: StudyChart, number: int) -> Drawing | None:
    try:
        return Drawing(study.picture(chart, "svg"), f"c{number}-")
    except UnknownDrawing:
        return None


def _picture(study: StudyFolder, chart: StudyChart, drawing: Drawing | None, advances: Advances) -> Picture:
    """The drawing made small; its PNG where it is drawn in a way that this page does not know."""
    said = tuple(text.say(study.language) for text in (chart.title, chart.subtitle))
    try:
        if drawing is not None:
            return Picture(drawing.markup(advances, said), "", said[0])
    except UnknownDrawing:
        pass
    png = base64.b64encode(study.picture(chart, "png")).decode()
    return Picture(Markup(""), f"data:image/png;base64,{png}", said[0])
