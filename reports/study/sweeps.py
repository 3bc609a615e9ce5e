"""Sweeps of weights and parameters as the data that their charts draw: changes from the plan."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from allocator.text import Text
from allocator.whatif.study import Study
from allocator.whatif.weight_sweep import LineSweep
from allocator.whatif.weight_sweep import finding as sweep_finding
from reports.charts import sweep
from reports.study.edges import PLACES
from reports.study.titles import heading

SUMS = Text("各盟市合计", "Sums by prefecture")
RENORMALISED = Text("其余权重按比例调整", "the other weights give way in proportion")


def moved(line: LineSweep) -> bool:
    """Whether anybody's amount changes; flat lines are not worth a chart."""
    return bool(line.most_moved) and "solved" in line.status


def sweep_data(study: Study, line: LineSweep, prefectures: bool = False) -> sweep.SweepData:
    """Everybody's change from the plan at every value: of counties, or of prefectures."""
    loaded = study.loaded
    lines = _prefectures(study, line) if prefectures else _counties(study, line)
    shares = line.kind == "weight" or (line.knob is not None and line.knob.form == "share")
    return sweep.SweepData(
        heading(
            study,
            sweep_finding(_possible(line), loaded, prefectures),
            _beside(study, line, prefectures),
        ),
        loaded.scenario.unit,
        line.title,
        shares,
        tuple(float(v) for v in line.values),
        float(line.present),
        lines,
        tuple(_gap(study, line, float(low), float(high)) for low, high, _ in line.impossible),
        Text("盟市合计比现方案增减", "change of prefectures from the plan")
        if prefectures
        else Text("比现方案增减", "change from the plan"),
        len(lines) if prefectures else len(line.most_moved),
        changes=True,
    )


def _counties(study: Study, line: LineSweep) -> tuple[sweep.Line, ...]:
    loaded, changes = study.loaded, (line.counties - line.now).round(PLACES)
    return tuple(
        _line(loaded.names.county(i), changes[:, i])
        for i in range(len(loaded.counties))
        if loaded.problem.entitlement[i].sum() > 0
    )


def _prefectures(study: Study, line: LineSweep) -> tuple[sweep.Line, ...]:
    members = study.loaded.counties.prefecture_members
    now = np.array([line.now[rows].sum() for rows in members.values()])
    changes = (line.prefectures - now).round(PLACES)
    return tuple(_line(name, changes[:, k]) for k, name in enumerate(members))


def _line(name: str, changes: NDArray[np.float64]) -> sweep.Line:
    return sweep.Line(name, tuple(None if math.isnan(v) else float(v) for v in changes))


def _possible(line: LineSweep) -> LineSweep:
    """The sweep without the values that have no allocation: the subtitle speaks of them."""
    kept = [k for k, status in enumerate(line.status) if status == "solved"]
    return replace(
        line,
        values=tuple(line.values[k] for k in kept),
        status=tuple(line.status[k] for k in kept),
        rules=tuple(line.rules[k] for k in kept),
        reasons=tuple(line.reasons[k] for k in kept),
        counties=line.counties[kept],
        prefectures=line.prefectures[kept],
    )


def _beside(study: Study, line: LineSweep, prefectures: bool) -> Text:
    """What is drawn, and what turns along with a weight."""
    said = SUMS if prefectures else _short(study, line)
    if line.kind != "weight":
        return said
    return Text(f"{RENORMALISED.zh}；{said.zh}", f"{said.en}; {RENORMALISED.en}")


def _short(study: Study, line: LineSweep) -> Text:
    """What is drawn, and which rules cannot be kept where nothing is possible."""
    said = Text("变动最大的旗县标出名称", "Counties that move most are named")
    if not line.impossible:
        return said
    rules = list(dict.fromkeys(rule for _, _, short in line.impossible for rule in short))
    titles = [study.loaded.scenario.rule_by_id[rule].text for rule in rules[:2]]
    zh, en = "”“".join(t.zh for t in titles), "', '".join(t.en for t in titles)
    more = Text("等", ", …") if len(rules) > 2 else Text("", "")
    why = Text(f"：不能满足“{zh}”{more.zh}", f" ('{en}'{more.en})") if titles else Text("", "")
    return Text(f"{said.zh}；斜线处无解{why.zh}", f"{said.en}; hatched: no allocation{why.en}")


def _gap(study: Study, line: LineSweep, low: float, high: float) -> tuple[float, float]:
    """A run without an allocation out to its breakpoint, or half-way to the values that have one."""
    values = [float(v) for v in line.values]
    below = next((v for v in reversed(values) if v < low), None)
    above = next((v for v in values if v > high), None)
    edges = (e.impossible for e in study.breakpoints if e.path == line.path)
    known = [float(edge.value) for edge in edges if edge is not None]

    def end(inner: float, outer: float | None) -> float:
        if outer is None:
            return inner
        lost = [v for v in known if min(inner, outer) <= v <= max(inner, outer)]
        return lost[0] if lost else (inner + outer) / 2

    return end(low, below), end(high, above)
