"""publication.pdf: the publication set by typst, with its fonts embedded and tagged for screen readers."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from allocator.faults import BadInput, Fault, Place
from allocator.text import Language, Text
from reports.publication.notice import file_name, notice
from reports.publication.pieces import (
    CHART,
    Annex,
    Charts,
    Line,
    Notice,
    Row,
    header_rows,
    shown,
    split_gaps,
    widths,
)
from reports.report_input import Report

TEMPLATE = Path(__file__).with_name("publication.typ")

EMBEDDED = "Noto Sans SC"
"""Openly licensed and found in the package zhplot: the last resort of every list."""
SERIF = ("Noto Serif CJK SC", "Noto Serif SC", "Source Han Serif SC", "SimSun", "STSong", "Songti SC")
FONTS: dict[str, tuple[str, ...]] = {
    "song": ("FZXiaoBiaoSong-B05S", "FZXiaoBiaoSong-B05", "STZhongsong", *SERIF, EMBEDDED),
    "fang": ("FangSong_GB2312", "FangSong", "STFangsong", *SERIF, EMBEDDED),
    "hei": ("SimHei", "STHeiti", "Noto Sans CJK SC", "Source Han Sans SC", EMBEDDED),
    "kai": ("KaiTi_GB2312", "KaiTi", "STKaiti", *SERIF, EMBEDDED),
}
"""小标宋, 仿宋, 黑体, 楷体 as official documents use them where the system has them, else the nearest."""

STANDARD: Literal["ua-1"] = "ua-1"
"""PDF/UA: tagged for screen readers; typst then refuses characters that no font can show."""


def publication_files(report: Report, lang: Language) -> dict[str, bytes]:
    """publication.pdf; raises BadInput where the publication does, or where a character has no glyph."""
    return {file_name(report, ".pdf"): pdf_bytes(notice(report, lang, "svg"), report)}


def pdf_bytes(made: Notice, report: Report) -> bytes:
    """The document: the same bytes for the same input and fonts."""
    import typst  # noqa: PLC0415 - an extra, and only this function needs it

    try:
        content, _ = typst.compile_with_warnings(
            TEMPLATE,
            font_paths=_font_folders(),
            sys_inputs={"data": json.dumps(_data(made, report), ensure_ascii=False)},
            pdf_standards=STANDARD,
            timestamp=0,
        )
    except typst.TypstError as error:
        raise _no_glyph(str(error)) from error
    if not isinstance(content, bytes):
        raise TypeError(type(content))
    return content


def _font_folders() -> list[Path]:
    spec = importlib.util.find_spec("zhplot")
    if spec is None or not spec.submodule_search_locations:
        return []
    return [Path(spec.submodule_search_locations[0]) / "fonts"]


def _no_glyph(said: str) -> BadInput:
    """What typst refuses: a character without a glyph, said so; anything else in its own words."""
    found = re.search(r'the text `"?(.*?)"?` could not be displayed', said)
    if found is None:
        raise RuntimeError(said)
    mark = found.group(1)
    what = Text(f"没有字体能显示“{mark}”", f"no font can show '{mark}'")
    fix = Text(
        "请在名称中改用其他字，或安装含有该字的字体",
        "write it otherwise in the names, or install a font that has it",
    )
    return BadInput([Fault(Place("publication.pdf"), what, fix)])


def _data(made: Notice, report: Report) -> dict[str, Any]:
    own = report.loaded.scenario.publication
    day = None if own is None else own.date
    return {
        "lang": made.lang,
        "region": "cn" if made.lang == "zh" else "us",
        "fonts": FONTS,
        "title": made.title,
        "issuer": "" if own is None else own.issuer.text().say(made.lang),
        "date": None if day is None else {"year": day.year, "month": day.month, "day": day.day},
        "number": made.number,
        "mark": made.mark,
        "lines": [
            _line(line, after) for line, after in zip(made.lines, (*made.lines[1:], None), strict=True)
        ],
        "annexes": [_annex(annex, made.places) for annex in made.annexes],
        "charts": None if made.charts is None else _charts(made.charts),
    }


def _line(line: Line, after: Line | None) -> dict[str, Any]:
    # who publishes stays with the date
    sticky = line.style == "closing" and after is not None
    return {"style": line.style, "parts": split_gaps(line.text), "sticky": sticky}


def _charts(made: Charts) -> dict[str, Any]:
    return {
        "label": made.label,
        "title": made.title,
        "notes": made.notes,
        "across": CHART[0],
        "down": CHART[1],
        "charts": [
            {"caption": chart.caption, "alt": chart.alt, "drawing": chart.picture.decode("utf-8")}
            for chart in made.charts
        ],
    }


def _annex(annex: Annex, places: int) -> dict[str, Any]:
    header: Sequence[list[dict[str, Any]]] = [
        [{"text": t.text, "column": t.column, "row": y, "across": t.across, "down": t.down} for t in row]
        for y, row in enumerate(header_rows(annex.heads))
    ]
    return {
        "label": annex.label,
        "title": annex.title,
        "unit": annex.unit,
        "wide": annex.wide,
        "size": annex.size,
        "kinds": [head.kind for head in annex.heads],
        "widths": widths(annex, places),
        "header": header,
        "rows": [
            {"kind": row.kind, "cells": [shown(cell, places) for cell in row.cells], "joint": joint}
            for row, joint in zip(annex.rows, joints(annex.rows), strict=True)
        ],
        "notes": annex.notes,
    }


def joints(rows: Sequence[Row]) -> list[int]:
    """For each row how many go on the same page from it on, sums and the county below; 0 inside of these."""
    found: list[int] = []
    while len(found) < len(rows):
        end = len(found)
        while rows[end].kind != "county" and end + 1 < len(rows):
            end += 1
        found += [end - len(found) + 1, *[0] * (end - len(found))]
    return found
