"""A result as reports read it, made by hand: the four counties of builders, no files and no solver."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from allocator.verdict import judge
from reports.report_input import Report
from tests import builders


def report(
    publication: Mapping[str, Any] | None = None,
    *,
    changes: Mapping[tuple[int, str, str], int] | None = None,
    names: tuple[str, ...] = builders.NAMES,
    prefectures: tuple[str, ...] = builders.PREFECTURES,
    **keys: Any,
) -> Report:
    """The report; `changes` are single cells of money, `keys` replace keys of the scenario."""
    given = {} if publication is None else {"publication": publication}
    loaded = builders.loaded(builders.scenario(**given, **keys), builders.counties(names, prefectures))
    whole = builders.allocation(loaded, changes).steps
    verdict = judge(loaded.problem, loaded.rows, whole)
    return Report(Path("result"), loaded, whole, verdict, {}, {}, None)


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
