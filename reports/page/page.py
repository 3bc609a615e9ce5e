"""report.html: one self-contained page for the meeting, in both languages, that opens offline.

The page asks no network for anything, and its content security policy allows only the style sheet and
the script that it carries, by their digests. Everything that is shown is escaped by the templates.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from allocator.text import Language, Text
from reports.page.charts import charts_of
from reports.page.decision import decision_of
from reports.page.method import method_of
from reports.page.rules import rules_of
from reports.page.sliders import sliders_of
from reports.page.statements import explained, statements_of
from reports.page.table import table_of
from reports.page.words import both, named, several, shown, tidy
from reports.report_input import Report

PARTS = Path(__file__).parent / "parts"
SCRIPTS = ("core", "table", "statement", "whatif", "charts", "start")
"""Parts of the script, in order; they share one scope."""
AWKWARD = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def page_files(report: Report, lang: Language) -> dict[str, bytes]:
    """The page; `lang` is the language that it opens in."""
    style = (PARTS / "style.css").read_text("utf-8")
    body = "".join((PARTS / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    script = f'"use strict";\n(() => {{\n{body}}})();\n'
    charts = charts_of(report)
    reasons, told = explained(report)
    sliders = sliders_of(report)
    table = table_of(report)
    data = {
        "table": tidy(table.data()),
        "statements": tidy(statements_of(report, told, reasons)),
        "charts": tidy(charts.tables),
        "sliders": sliders,
    }
    html = (
        _environment()
        .get_template("page.html.j2")
        .render(
            lang=lang,
            title=report.loaded.scenario.title.text(report.loaded.scenario.name),
            unit=report.loaded.scenario.unit,
            year=report.loaded.scenario.year,
            decision=decision_of(report, reasons),
            table=table,
            rules=rules_of(report),
            charts=charts,
            has_sliders=sliders is not None,
            method=method_of(report),
            style=Markup(style),  # noqa: S704 – our own file
            script=Markup(script),  # noqa: S704 – our own files
            policy=_policy(style, script),
            data={name: script_json(value) for name, value in data.items() if value is not None},
        )
    )
    return {"report.html": html.encode()}


def script_json(value: Any) -> Markup:
    """JSON that can stand inside a script element: nothing in it can end the element."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(AWKWARD))  # noqa: S704 – the characters that matter are escaped


def _policy(style: str, script: str) -> str:
    """Content security policy: nothing but our own style, script and pictures inside the page."""
    return (
        f"default-src 'none'; script-src {_digest(script)}; style-src {_digest(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(PARTS),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=shown,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    words: Mapping[str, Any] = {
        "t": lambda zh, en: both(Text(zh, en)),
        "both": both,
        "named": named,
        "several": several,
    }
    made.globals.update(words)
    return made
