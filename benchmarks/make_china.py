"""Makes a scenario of every county of China (or whole prefectures of it) with synthetic factors.

    python benchmarks/make_china.py OUT [--counties 2846] [--seed 1]

Codes, names and prefectures are real; every other column is synthetic and says so in SOURCES.md.
Limits and pipelines are drawn around an allocation near the formula, so that they bind and fit.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

import numpy as np

LIST = Path(__file__).resolve().parent.parent / "allocator" / "data" / "gb2260_2024.csv"
COLUMNS = [
    "code", "county", "prefecture", "poverty_exit", "key_support", "rural", "population", "income",
    "last_amount", "pipeline.industry", "pipeline.other_industry",
]  # fmt: skip
SCENARIO = """\
name: china-{n}
title: {{zh: 全国{n}个县级区划（合成数据）, en: "{n} divisions of China, synthetic"}}
year: 2025
unit: 万元
step: 1
groups:
  poverty_exit: {{where: {{poverty_exit: true}}}}
  key_support: {{where: {{key_support: true}}}}
  rural: {{where: {{rural: true}}}}
uses:
  industry: {{tags: [industry]}}
  infrastructure: {{}}
  livelihood: {{}}
  other_industry: {{tags: [industry, outside]}}
  other_infrastructure: {{tags: [outside]}}
mix: {{industry: 0.5, infrastructure: 0.2, livelihood: 0.1, other_industry: 0.12, other_infrastructure: 0.08}}
formulas:
  main:
    - {{factor: population, weight: 0.5, value: population, as: share}}
    - {{factor: income, weight: 0.3, value: income, as: inverse, scale: population}}
    - {{factor: policy, weight: 0.2, points: {{poverty_exit: 1, key_support: 1, rural: 0.5}}}}
  rural:
    - {{factor: population, weight: 0.7, value: population, as: share}}
    - {{factor: equal, weight: 0.3, as: equal}}
streams:
  central: {{source: central, budget: {central}, formula: main}}
  regional: {{source: regional, budget: {regional}, formula: main}}
  rural: {{source: central, budget: {rural}, formula: rural, eligible: rural}}
rules:
  - {{kind: use_share_floor, tag: industry, by: prefecture, floor: 0.66}}
  - {{kind: use_share_cap, tag: outside, by: county, cap: 0.30}}
  - {{kind: average_parity, group: poverty_exit}}
  - {{kind: change_limits, column: last_amount, lower: 0.85, upper: 1.35}}
  - {{kind: pipeline, columns: {{industry: pipeline.industry, other_industry: pipeline.other_industry}}}}
  - {{kind: amount_bounds, by: county, min: 100, max_share: {share}}}
  - {{kind: group_share_floor, group: key_support, floor: {floor}}}
"""


def chosen(n: int) -> list[dict[str, str]]:
    """Whole prefectures, spread evenly over the list, until there are n counties."""
    with LIST.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    prefectures: dict[str, list[dict[str, str]]] = {}
    for row in rows:
        row["prefecture"] = row["province"] + row["prefecture"]
        prefectures.setdefault(row["prefecture"], []).append(row)
    names = sorted(prefectures, key=lambda name: prefectures[name][0]["code"])
    order = sorted(range(len(names)), key=lambda k: (k * 0.6180339887) % 1.0)
    found: list[dict[str, str]] = []
    for k in order:
        found += prefectures[names[k]]
        if len(found) >= n:
            break
    return sorted(found[:n], key=lambda row: row["code"])


def make(out: Path, n: int, seed: int) -> None:
    """Write the folder."""
    rng = np.random.default_rng(seed)
    rows = chosen(n)
    n = len(rows)
    population = np.round(rng.lognormal(10.5, 0.6, n)) + 1000
    income = np.round(rng.lognormal(9.8, 0.25, n))
    exited, rural = rng.random(n) < 0.3, rng.random(n) < 0.6
    key = exited & (rng.random(n) < 0.4)
    points = exited * 1.0 + key * 1.0 + rural * 0.5
    main = 0.5 * population / population.sum() + 0.2 * points / points.sum()
    main += 0.3 * (population / income) / (population / income).sum()
    small = rural * (0.7 * population / (population * rural).sum() + 0.3 / rural.sum())
    budgets = [1800 * n, 1500 * n, 300 * n]
    amount = (budgets[0] + budgets[1]) * main + budgets[2] * small
    target = amount * rng.uniform(0.93, 1.07, n)
    target *= sum(budgets) / target.sum()
    last = np.round(target / np.clip(rng.lognormal(0.05, 0.12, n), 0.88, 1.3))
    industry = np.ceil(target * 0.55 * rng.uniform(1.0, 1.12, n))
    other = np.ceil(target * 0.14 * rng.uniform(1.0, 1.15, n))
    out.mkdir(parents=True, exist_ok=True)
    floor = round(float(np.floor(1000 * target[key].sum() / target.sum()) / 1000) - 0.001, 3)
    scenario = SCENARIO.format(
        n=n, central=budgets[0], regional=budgets[1], rural=budgets[2], floor=floor,
        share=max(0.002, round(3.0 * float(target.max() / target.sum()), 4)),
    )  # fmt: skip
    (out / "scenario.yaml").write_text(scenario, encoding="utf-8")
    (out / "SOURCES.md").write_text(
        "# Sources\n\ncode, county, prefecture: real (allocator/data/SOURCES.md). All other columns,\n"
        "the budgets and the limits are synthetic, made by `benchmarks/make_china.py`.\n", encoding="utf-8",
    )  # fmt: skip
    with (out / "counties.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for k, row in enumerate(rows):
            writer.writerow([
                row["code"], row["name"], row["prefecture"], int(exited[k]), int(key[k]), int(rural[k]),
                int(population[k]), int(income[k]), int(last[k]), int(industry[k]), int(other[k]),
            ])  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--counties", type=int, default=2846)
    parser.add_argument("--seed", type=int, default=1)
    given = parser.parse_args()
    make(given.out, given.counties, given.seed)
