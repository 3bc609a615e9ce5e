"""charts.json of a study: every chart with its finding in both languages and the table behind it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from allocator.text import Language

TABLES = {
    "tornado": "tornado",
    "weight": "sweeps",
    "parameter": "sweeps",
    "breakpoints": "breakpoints",
    "frontier": "frontiers",
    "uncertainty": "uncertainty",
    "sobol": "sobol",
    "equity": "equity",
    "winners": "winners",
    "map": "winners",
}
"""First word of a chart's name → the table that it draws."""


def chart_list(charts: Iterable[tuple[str, Any]], lang: Language) -> bytes:
    """`charts` are names and drawings, as `study_charts` gives them."""
    listed = [_entry(name, drawing) for name, drawing in charts]
    return (json.dumps({"language": lang, "charts": listed}, ensure_ascii=False, indent=2) + "\n").encode()


def _entry(name: str, drawing: Any) -> dict[str, Any]:
    heading = drawing.args[0].heading
    return {
        "name": name,
        "title": {"zh": heading.title.zh, "en": heading.title.en},
        "subtitle": {"zh": heading.subtitle.zh, "en": heading.subtitle.en},
        "table": TABLES[name.split("-", maxsplit=1)[0]],
    }
