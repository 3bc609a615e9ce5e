"""The annex of charts: the key charts of the result's sensitivity study, each with its finding."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from allocator.text import Language, Text, one_line
from reports.publication.pieces import Chart, Charts
from reports.publication.words import Words
from reports.report_input import Report
from reports.study.input import StudyChart, StudyFolder
from reports.study.key_charts import key_names

Drawn = Literal["png", "svg"]
"""How a writer wants pictures."""

TITLE = Text("说明图", "Charts")
ROUNDING = Text(
    "注：图中数字是取整之前的测算结果，与分配表可能略有出入；分配数以各表为准。",
    "Note: the charts show figures before rounding, which may differ slightly from the tables; "
    "the tables hold the amounts.",
)
PART = Text(
    "图中为全部资金，不只是本次公布的部分。", "They show all of the money, not only the part published here."
)
FOREIGN = Text("有的图只有英文。", "Some charts are drawn in Chinese alone.")
"""Said in the language that they are not drawn in."""


def charts_of(report: Report) -> Sequence[StudyChart]:
    """The charts that the publication asks for and the result has."""
    own = report.loaded.scenario.publication
    if own is None or not own.charts or report.study is None:
        return ()
    known = {chart.name: chart for chart in report.study.charts}
    return [known[name] for name in key_names(known)]


def chart_annex(report: Report, words: Words, before: int, drawn: Drawn) -> Charts | None:
    """The annex after `before` others; None where there are no charts."""
    study, found = report.study, charts_of(report)
    if study is None or not found:
        return None
    lang = words.lang
    pictures = [_picture(study, chart, lang, drawn) for chart in found]
    made = []
    for k, (chart, (_, content)) in enumerate(zip(found, pictures, strict=True), start=1):
        title, subtitle = one_line(chart.title.say(lang)), one_line(chart.subtitle.say(lang))
        caption = Text(f"图{k}　{title}", f"Figure {k}. {title}").say(lang)
        made.append(Chart(caption, f"{title} {subtitle}".strip(), content))
    notes = [ROUNDING, *([PART] if report.part else [])]
    notes += [FOREIGN] * (not all(own for own, _ in pictures))
    said = Text("".join(n.zh for n in notes), " ".join(n.en for n in notes)).say(lang)
    label = words.annex_label(before + 1 if before else None)
    return Charts(label, TITLE.say(lang), (said,), tuple(made))


def _picture(study: StudyFolder, chart: StudyChart, lang: Language, drawn: Drawn) -> tuple[bool, bytes]:
    """Whether the chart speaks the document's language, and the chart."""
    own = study.in_language(chart, drawn, lang)
    return (True, own) if own is not None else (False, study.picture(chart, drawn))
