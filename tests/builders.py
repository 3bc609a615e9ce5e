"""Small hand-made values for tests: four counties, two prefectures, two streams, three uses.

Everything is written out, so that a test can name its expected numbers without the code.
"""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from allocator.allocation import Allocation, RoundingReport, RowPrice
from allocator.counties import Counties
from allocator.faults import Place
from allocator.input.yaml_tree import Node
from allocator.loaded import FactorShare, Loaded
from allocator.problem import Problem
from allocator.scenario import Scenario
from allocator.text import Text

CODES = ("150101", "150102", "150201", "150202")
NAMES = ("甲县", "乙县", "丙旗", "丁区")
PREFECTURES = ("东盟", "东盟", "西市", "西市")
FORMULA = {"central": (400, 300, 200, 100), "regional": (0, 50, 25, 25)}
LAST = (450, 300, 250, None)

STEPS = {
    # (county, stream, use) → whole steps; uses are industry, livelihood, roads in name order
    (0, "central", "industry"): 300,
    (0, "central", "roads"): 110,
    (1, "central", "industry"): 200,
    (1, "central", "livelihood"): 90,
    (2, "central", "industry"): 155,
    (2, "central", "roads"): 45,
    (3, "central", "industry"): 60,
    (3, "central", "livelihood"): 40,
    (1, "regional", "livelihood"): 50,
    (2, "regional", "livelihood"): 25,
    (3, "regional", "livelihood"): 25,
}
COMMITTED = {(0, "central", "industry"): 40, (3, "regional", "livelihood"): 5}
"""In units, not steps."""


def scenario(**changes: Any) -> Scenario:
    """The scenario as a value; `changes` replace top-level keys."""
    document: dict[str, Any] = {
        "name": "four-counties",
        "title": {"zh": "四旗县测算", "en": "Four counties"},
        "year": 2025,
        "unit": "万元",
        "step": Decimal(1),
        "groups": {"exit": {"codes": ["150101", "150102"]}},
        "uses": {
            "industry": {"title": {"zh": "产业发展", "en": "Industry"}, "tags": ["industry"]},
            "livelihood": {"title": {"zh": "民生", "en": "Livelihood"}},
            "roads": {"title": {"zh": "基础设施", "en": "Roads"}, "tags": ["capped"]},
        },
        "formulas": {"main": [{"factor": "people", "weight": Decimal(1), "value": "people"}]},
        "streams": {
            "central": {
                "title": {"zh": "中央资金", "en": "Central money"},
                "source": "central",
                "budget": Decimal(1000),
                "formula": "main",
            },
            "regional": {
                "title": {"zh": "自治区资金", "en": "Regional money"},
                "source": "regional",
                "batch": 2,
                "budget": Decimal(100),
                "formula": "main",
                "uses": ["livelihood"],
            },
        },
        "rules": [
            {
                "kind": "use_share_floor",
                "id": "use_share_floor",
                "tag": "industry",
                "by": "prefecture",
                "floor": Decimal("0.6"),
                "clause": "三（一）",
            },
            {"kind": "use_share_cap", "id": "use_share_cap", "tag": "capped", "cap": Decimal("0.3")},
            {"kind": "average_parity", "id": "average_parity", "group": "exit", "law": True},
            {
                "kind": "change_limits",
                "id": "change_limits",
                "column": "last_amount",
                "lower": Decimal("0.8"),
                "upper": Decimal("1.3"),
            },
        ],
    }
    return Scenario.model_validate(document | changes)


def counties(names: Sequence[str] = NAMES, prefectures: Sequence[str] = PREFECTURES) -> Counties:
    """The four counties; their names and prefectures may be replaced."""
    last = tuple(None if v is None else Decimal(v) for v in LAST)
    text = {
        "code": CODES,
        "county": tuple(names),
        "prefecture": tuple(prefectures),
        "people": ("4", "3", "2", "1"),
        "last_amount": tuple("" if v is None else str(v) for v in LAST),
    }
    numbers = {"people": tuple(Decimal(v) for v in (4, 3, 2, 1)), "last_amount": last}
    groups = {"exit": np.array([True, True, False, False])}
    return Counties(CODES, tuple(names), tuple(prefectures), text, numbers, groups, lines=(2, 3, 4, 5))


def problem(of: Scenario | None = None, at: Counties | None = None) -> Problem:
    """The cube: central is open to all uses, regional to livelihood outside 甲县."""
    chosen, known = of or scenario(), at or counties()
    streams = dict(sorted(chosen.streams.items()))
    uses = dict(sorted(chosen.uses.items()))
    shape = (len(known), len(streams), len(uses))
    opened = np.ones(shape, dtype=np.bool_)
    mix = np.full(shape, 1 / 3)
    if shape == (4, 2, 3):
        opened[:, 1] = [False, True, False]
        opened[0, 1] = False
        mix[:, 1] = [0, 1, 0]
    names = list(streams)
    committed = {flat(shape, names, list(uses), cell): Fraction(amount) for cell, amount in COMMITTED.items()}
    formula = tuple(tuple(Decimal(FORMULA[s][i]) for s in names) for i in range(len(known)))
    adjustment = tuple(tuple(Decimal(0) for _ in names) for _ in range(len(known)))
    return Problem(
        chosen.year, Fraction(chosen.step), known, streams, uses, opened, committed, formula, adjustment, mix
    )


def flat(shape: tuple[int, ...], streams: list[str], uses: list[str], cell: tuple[int, str, str]) -> int:
    """Flat position of (county, stream, use)."""
    county, stream, use = cell
    return (county * shape[1] + streams.index(stream)) * shape[2] + uses.index(use)


def loaded(of: Scenario | None = None, at: Counties | None = None, notices: Sequence[Text] = ()) -> Loaded:
    """The scenario as if read from a folder."""
    cube = problem(of, at)
    chosen = of or scenario()
    rows = {rule.id: tuple(rule.rows(cube)) for rule in chosen.rules}
    factors = tuple(
        FactorShare(i, s, "people", "1", str(4 - i), f"0.{4 - i}", str(FORMULA[s][i]))
        for i in range(4)
        for s in cube.streams
    )
    totals = {"counties": 4, "budgets": {"central": "1000", "regional": "100"}, "columns": {"people": "10"}}
    digests = {"scenario.yaml": "0" * 64, "counties.csv": "1" * 64}
    return Loaded(
        chosen, cube.counties, cube, rows, factors, tuple(notices), totals, digests, Node({}, Place()), {}
    )


def allocation(
    of: Loaded | None = None, changes: Mapping[tuple[int, str, str], int] | None = None
) -> Allocation:
    """The decision written in STEPS, with `changes` to single cells."""
    source = of or loaded()
    cube = source.problem
    steps = np.zeros(cube.shape, dtype=np.int64)
    for (county, stream, use), value in {**STEPS, **(changes or {})}.items():
        steps[county, cube.stream_names.index(stream), cube.use_names.index(use)] = value
    prices = {
        rule: tuple(
            RowPrice(k == 0, 1 if k == 0 else None, 0.25 if k == 0 else 0.0) for k, _ in enumerate(rows)
        )
        for rule, rows in source.rows.items()
    }
    rounding = RoundingReport(0.5, 0.75, 2.5, ())
    record = {"solver": "highs", "status": "optimal", "levels": [{"round": 1, "value": 0.025}]}
    return Allocation(cube, steps, steps * float(cube.step), rounding, prices, record)


YAML = """\
name: four-counties
title: {zh: 四旗县测算, en: Four counties}
year: 2025
unit: 万元
step: 1
groups:
  exit: {codes: ["150101", "150102"]}
uses:
  industry: {title: {zh: 产业发展, en: Industry}, tags: [industry]}
  livelihood: {title: {zh: 民生, en: Livelihood}}
  roads: {title: {zh: 基础设施, en: Roads}, tags: [capped]}
mix: {industry: 0.5, livelihood: 0.3, roads: 0.2}
formulas:
  main:
    - {factor: people, weight: 1, value: people}
streams:
  central: {title: {zh: 中央资金, en: Central money}, source: central, budget: 1000, formula: main}
  regional:
    {title: {zh: 自治区资金, en: Regional money}, source: regional, batch: 2, budget: 100, formula: main,
     uses: [livelihood]}
rules:
  - {kind: use_share_floor, tag: industry, by: prefecture, floor: 0.5, clause: 三（一）}
  - {kind: use_share_cap, tag: capped, cap: 0.3}
  - {kind: average_parity, group: exit, law: true}
  - {kind: change_limits, column: last_amount, lower: 0.8, upper: 1.02}
"""


def write_scenario(folder: Path, names: Sequence[str] = NAMES, yaml: str = YAML) -> Path:
    """The same scenario as files, less its committed money, with rules that bind."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(yaml, encoding="utf-8")
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "county", "prefecture", "people", "last_amount"])
        for i, code in enumerate(CODES):
            last = "" if LAST[i] is None else LAST[i]
            writer.writerow([code, names[i], PREFECTURES[i], 4 - i, last])
    return folder
