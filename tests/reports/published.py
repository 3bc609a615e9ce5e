"""A result as reports read it, made by hand: the four counties of builders, no files and no solver."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.text import Language, Text
from allocator.verdict import judge
from reports.report_input import Report
from reports.study.input import StudyChart, StudyFolder
from tests import builders


def report(
    publication: Mapping[str, Any] | None = None,
    *,
    changes: Mapping[tuple[int, str, str], int] | None = None,
    names: tuple[str, ...] = builders.NAMES,
    prefectures: tuple[str, ...] = builders.PREFECTURES,
    study: StudyFolder | None = None,
    **keys: Any,
) -> Report:
    """The report; `changes` are single cells of money, `keys` replace keys of the scenario."""
    given = {} if publication is None else {"publication": publication}
    loaded = builders.loaded(builders.scenario(**given, **keys), builders.counties(names, prefectures))
    whole = builders.allocation(loaded, changes).steps
    verdict = judge(loaded.problem, loaded.rows, whole)
    return Report(Path("result"), loaded, whole, verdict, {}, {}, study)


CHARTS = ("tornado", "weight-main.people", "sobol", "frontier-change_limits.lower")
"""Charts of a study; that of a weight is none of the key ones."""


def study(folder: Path, language: Language = "zh", other: bool = True) -> StudyFolder:
    """A study whose pictures differ by chart and language, in the other language where `other`."""
    for lang in (language, *(["en" if language == "zh" else "zh"] * other)):
        place = folder if lang == language else folder / lang
        place.mkdir(parents=True, exist_ok=True)
        for k, name in enumerate(CHARTS):
            (place / f"{name}.png").write_bytes(picture(name, lang))
            drawing = f'<circle cx="{20 * k + 20}" cy="{45 if lang == "zh" else 60}" r="9"/>'
            size = 'width="160" height="90" viewBox="0 0 160 90"'
            svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size}>{drawing}</svg>'
            (place / f"{name}.svg").write_text(svg, encoding="utf-8")
    charts = [
        StudyChart(name, Text(f"{name}的结论 <&>", f"finding of {name}"), Text("说明", "what it shows"), name)
        for name in CHARTS
    ]
    return StudyFolder(folder, {}, tuple(charts), language)


def picture(name: str, lang: Language) -> bytes:
    """A PNG, 160 by 90, in one grey for each chart and language."""
    grey = 40 * CHARTS.index(name) + (0 if lang == "zh" else 20)
    rows = zlib.compress((b"\0" + bytes([grey]) * 160) * 90)
    parts = ((b"IHDR", struct.pack(">IIBBBBB", 160, 90, 8, 0, 0, 0, 0)), (b"IDAT", rows), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in parts
    )


COMPLETE: dict[str, Any] = {
    "issuer": "某财政局",
    "number": "某财农〔2025〕1号",
    "date": "2025-03-31",
    "period": "长期公开",
    "telephone": ["12317", "0471-0000000"],
    "contact": "农业农村科",
    "address": "某路1号",
    "email": "office@example.org",
    "method": ["第一段说明。", "第二段说明。"],
    "supervision": ["来信请注明地址。"],
    "remarks": {"150101": "含奖励"},
    "sources": {"central": {"zh": "中央", "en": "central"}},
    "total": {"zh": "全区合计", "en": "Region"},
}
"""A publication without blanks, but for the documents of the streams."""

HOSTILE = (
    "=cmd|' /C calc'!A0",
    '<script>alert("1")</script>&amp;#x',
    "甲\n县\u202eA1\u2066\x07",
    "长" * 200,
)
"""County names that would act if they were anything but text."""
