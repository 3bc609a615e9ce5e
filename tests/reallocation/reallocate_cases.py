"""A small scenario and its spending for tests of reallocation."""

from __future__ import annotations

import csv
from datetime import date
from fractions import Fraction as F
from pathlib import Path

import numpy as np

from allocator.load import load
from allocator.reallocation.spending import Progress, Spending

DAY = date(2025, 9, 30)


CODES = ("150101", "150102", "150201", "150202")


YAML = """\
name: four
year: 2025
unit: 万元
step: 1
uses: {industry: {tags: [industry]}, roads: {}}
mix: {industry: 0.6, roads: 0.4}
formulas: {main: [{factor: people, weight: 1, value: people, as: share}]}
streams: {grant: {budget: 1000, formula: main}}
rules: []
"""


def scenario(folder: Path, rules: str = "rules: []", people=(4, 3, 2, 1), **columns):
    """Four counties in two prefectures; the formula gives 400, 300, 200 and 100."""
    folder.mkdir(exist_ok=True)
    (folder / "scenario.yaml").write_text(YAML.replace("rules: []", rules), encoding="utf-8")
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code", "county", "prefecture", "people", *columns])
        for k, code in enumerate(CODES):
            extra = [values[k] for values in columns.values()]
            out.writerow([code, f"县{k}", "东盟" if k < 2 else "西市", people[k], *extra])
    return load(folder)


def money_of(loaded, amounts):
    """The year's money: (industry, roads) by county."""
    cube = np.array([[[F(a) for a in row]] for row in amounts], dtype=object)
    assert cube.shape == loaded.problem.shape
    return cube.ravel()


def row(county, allocated, paid, committed=0, start=None, started=False, exempt="", use=None, received=None):
    dates = {"planned_start": start, "received": received, "approved": None}
    return Spending(county + 2, county, 0, use, F(allocated), F(paid), F(committed), dates, started, exempt)


def table(*rows):
    return Progress(tuple(rows), ("planned_start", "received"), "progress.csv")


LATE = date(2025, 3, 1)


MONEY = [(240, 160), (180, 120), (120, 80), (60, 40)]


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
