"""Results and studies for the tests of the page: small, hostile where asked, sliders really solved."""

from __future__ import annotations

import atexit
import csv
import hashlib
import io
import json
import shutil
import tempfile
from functools import cache, reduce
from pathlib import Path

from allocator.cli.main import run
from allocator.flatten import flatten
from allocator.whatif.engine import Engine
from allocator.whatif.sliders import sliders
from allocator.whatif.sweep import Files
from allocator.whatif.weight_sweep import parameter_sweep, weight_sweep
from reports.charts.style import SLIDE, save
from reports.charts.tornado import draw_tornado
from reports.study.sliders import slider_bytes
from tests.builders import NAMES, YAML, write_scenario
from tests.reports import chart_samples

FACTORS = """\
    - {factor: people, title: {zh: 人口, en: People}, weight: 0.6, value: people}
    - {factor: equal, title: {zh: 均等, en: Equal}, weight: 0.4, as: equal}
"""
SMALL_ONES = "  small: {title: {zh: 小县, en: Small ones}, codes: ['150202']}\n"
CAP = "  - {kind: amount_bounds, by: small, max: 150, title: {zh: 小县上限, en: Cap on small ones}}\n"
"""With it a budget a fifth larger can not be spent."""
TWO_FACTORS = (
    YAML.replace("    - {factor: people, weight: 1, value: people}\n", FACTORS)
    .replace("groups:\n", f"groups:\n{SMALL_ONES}")
    .replace("upper: 1.02}", "upper: 1.02, clause: 四（一）}")
    + CAP
)

SCRIPT = "<script>alert(1)</script>"
HOSTILE = (
    f"=cmd|' /C calc'!A0{SCRIPT}",
    '"><img src=x onerror=alert(1)>',
    "\u202e丙&lt;旗]]>\u2028-->",
    "丁" * 200,
)
REPLACED = {
    "title: {zh: 四旗县测算, en: Four counties}": f"title: {{zh: '{SCRIPT}四旗县', en: '\"><b>Four</b>'}}",
    "unit: 万元": "unit: '<i>万元</i>'",
    "clause: 三（一）": f"clause: '{SCRIPT}'",
    "zh: 中央资金, en: Central money": f"zh: '{SCRIPT}中央', en: '</title>{SCRIPT}'",
}
ADJUSTED = f"""\
adjustments:
  limit: 0.5
  items:
    - {{county: "150101", stream: central, amount: 5, reason: "{SCRIPT}\\n救灾"}}
    - {{county: "150102", stream: central, amount: -5, reason: "'\\"><svg onload=alert(1)>"}}
"""
HOSTILE_YAML = reduce(lambda yaml, pair: yaml.replace(*pair), REPLACED.items(), TWO_FACTORS) + ADJUSTED


def make_result(folder: Path, names: tuple[str, ...] = NAMES, yaml: str = TWO_FACTORS) -> Path:
    """The scenario solved; the result's folder."""
    scenario = write_scenario(folder / "base", names, yaml)
    assert run(["solve", str(scenario), "-o", str(folder / "out")]) == 0
    return folder / "out"


def _folder() -> Path:
    """A new folder that lasts as long as the process."""
    folder = Path(tempfile.mkdtemp(prefix="allocator-page-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


@cache
def studied() -> Path:
    """The result with a study, made once for all tests of one process; nobody may change it."""
    result = make_result(_folder())
    add_study(result)
    return result


@cache
def hostile_result() -> Path:
    """The result with hostile names and no study, made once for all tests of one process."""
    return make_result(_folder(), HOSTILE, HOSTILE_YAML)


def add_study(result: Path) -> None:
    """A study beside the result: one real drawing, three findings, tables by hand, solved sliders."""
    picture = save(draw_tornado(chart_samples.tornado_data(), "zh", SLIDE))["svg"]
    heading = chart_samples.heading("tornado")
    finding = {"zh": "四个旗县都稳", "en": "All four counties hold"}
    listed = {
        "tornado": ("tornado", {"zh": heading.title.zh, "en": heading.title.en}),
        "weight-main.people": ("sweeps", {"zh": "人口权重", "en": "weight of people"}),
        "uncertainty": ("uncertainty", finding),
    }
    subtitle = {"zh": heading.subtitle.zh, "en": heading.subtitle.en}
    charts = [
        {"name": name, "title": title, "subtitle": subtitle, "table": table}
        for name, (table, title) in listed.items()
    ]
    files = {"charts.json": json.dumps({"language": "zh", "charts": charts}).encode()}
    files |= {f"{name}.svg": PLAIN for name in listed} | {"tornado.svg": picture}
    files["tornado.csv"] = _csv(TORNADO)
    files["sweeps.csv"] = _csv(SWEEPS)
    files["sliders.json"] = solved_sliders(result / "scenario")
    _write(result, files)


PLAIN = (
    b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 921.6 518.4">'
    b'<path d="M 10 10 L 500 300" style="fill: none; stroke: #0072b2; stroke-width: 2"/></svg>'
)
"""A drawing without words."""
TORNADO = (
    ("path", "kind", "title_zh", "title_en", "present", "side", "value", "status", "money_moved"),
    ("rules.use_share_cap.cap", "parameter", "上限", "cap", "0.3", "low", "0.29", "solved", "12.5"),
    ("rules.use_share_cap.cap", "parameter", "上限", "cap", "0.3", "high", "0.31", "infeasible", ""),
)
PATH = "formulas.main.people.weight"
SWEEPS = (
    ("path", "value", "status", "rules", "reason", "code", "county", "prefecture", "amount"),
    (PATH, "0", "solved", "", "", "150101", "甲县", "东盟", "250.25"),
    (PATH, "0", "solved", "", "", "150102", "乙县", "东盟", "1749.75"),
    (PATH, "1", "infeasible", "use_share_cap", "", "150101", "甲县", "东盟", ""),
)


def solved_sliders(scenario: Path) -> bytes:
    """sliders.json: a weight, a parameter of a rule, and the budgets, the largest of them impossible."""
    engine = Engine(str(scenario))
    year = engine.loaded.scenario.year
    knobs = [
        knob
        for rule in engine.loaded.scenario.rules
        for knob in rule.knobs(year)
        if (rule.kind, knob.key) == ("change_limits", "upper")
    ]
    swept = [weight_sweep(engine, "main", "people", 3), *(parameter_sweep(engine, knob, 3) for knob in knobs)]
    return slider_bytes(
        engine.loaded, sliders(engine, Files(tuple(sorted(flatten(scenario).items()))), swept)
    )


def _csv(rows: tuple[tuple[str, ...], ...]) -> bytes:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n").writerows(rows)
    return out.getvalue().encode("utf-8-sig")


def _write(result: Path, files: dict[str, bytes]) -> None:
    """The study with its record, digests and all, as `allocator sensitivity` leaves it."""
    inputs = json.loads((result / "run.json").read_bytes())["files"]
    own = {
        name.removeprefix("scenario/"): entry
        for name, entry in inputs.items()
        if name.startswith("scenario/") and not name.endswith(".md")
    }
    digests = {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()}
    record = {"kind": "allocator-result", "of": "sensitivity", "inputs": own, "files": digests}
    folder = result / "sensitivity"
    folder.mkdir()
    for name, content in {**files, "run.json": json.dumps(record).encode()}.items():
        (folder / name).write_bytes(content)
