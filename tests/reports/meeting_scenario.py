"""A scenario for the workbook's tests: every kind of factor and rule, cents, earlier batches, hostile names.

Everything is invented.
"""

from __future__ import annotations

import csv
from pathlib import Path

HOSTILE = (
    "=cmd|' /C calc'!A0",
    "<script>\"x\",'y'</script>",
    "丙\n旗",
    "\u202e丁区" + "长" * 200,
    "*戊?~",
    ">己县",
    "庚县",
    "辛县",
)
CODES = ("990101", "990102", "990103", "990104", "990201", "990202", "990203", "990204")
# prefectures interleave, so that none is a run of rows
PREFECTURES = ("=东'市\"", "*", "=东'市\"", "*", "=东'市\"", "*", "*", "=东'市\"")
COLUMNS = {
    "people": (4000, 3000, 2500, 1500, 3200, 2800, 900, 0),
    "exits": (410.5, 300.25, 250, 150, 320, 280, 90, 10),
    "income": (11000, 9800, 10250.5, 12000, 8800, 9100, 13000, 9999),
    "score": (91, 80, 79.5, 95, 85, 88, 60, 90),
    "grade": ("优", '良"', "中*", "优", "中*", '良"', "优", "优"),
    "family": ("a*", "b", "a*", "b", "a*", "b", "a*", "b"),
    "weight": (1.1, 1, 0.9, 1, 1.05, 1, 0.85, 1),
    "poor": (1, 1, 0, 0, 1, 0, 0, 0),
    "far": (0, 1, 0, 1, 0, 1, 0, 1),
    "pilot": (1, 0, 0, 0, 0, 0, 0, 0),
    "last": (210.4, 170.15, 150, 100.05, "", 160.3, 90, 40),
    "floor": (0.413, 0.45, 0.413, 0.45, 0.413, 0.45, 0.45, 0.413),
    "ready": (180.55, 160, 140, 110, 170, 150, 95.5, 60),
}
YAML = """\
name: every-form
title: {zh: "=1+1 各种公式", en: every form}
year: 2025
unit: 万元
step: 0.05
groups:
  poor: {title: {zh: "=脱贫县"}, where: {poor: true}}
  far: {title: {zh: 边远县}, where: {far: true}}
  settled: {codes: ["990101", "990102", "990103", "990104", "990201", "990202", "990203"]}
  pilot: {where: {pilot: true}}
uses:
  industry: {title: {zh: "=产业"}, tags: [industry]}
  roads: {title: {zh: 道路}, tags: [outside]}
  homes: {title: {zh: 住房}}
mix: {industry: 0.5, roads: 0.2, homes: 0.3}
formulas:
  first:
    - {factor: exits, weight: 0.31, value: {exits: 0.1, people: 0.01}}
    - {factor: income, weight: 0.19, value: income, as: inverse, scale: people}
    - {factor: gap, weight: 0.2, value: income, as: gap, ref: median, scale: people}
    - {factor: groups, title: {zh: "=分组"}, weight: 0.2, points: {poor: 2, far: 0.35, settled: 0.1}}
    - {factor: score, weight: 0.1, value: score, as: bands, bands: {"0": 0.7, "80": 1, "90": 1.25}}
  second:
    - {factor: people, weight: 0.4, value: people, floor: 0.11}
    - {factor: grade, weight: 0.2, value: grade, as: bands, bands: {"优": 1.2, "良\\"": 1, "中*": 0.55}}
    - {factor: rank, weight: 0.2, value: {score: 0.7, exits: 0.01}, as: bands, within: family,
       bands: {"0": 0.8, "0.25": 1, "0.75": 1.3}}
    - {factor: equal, weight: 0.1, as: equal}
    - {factor: behind, weight: 0.1, value: income, as: gap, ref: "990203"}
streams:
  central: {title: {zh: "=中央"}, source: central, batch: 2, budget: 700.35, formula: first,
            multiplier: weight, eligible: settled, entitlement: year}
  earlier: {source: central, batch: 1, budget: 0, formula: first}
  region:
    title: {zh: 自治区}
    source: regional
    budget: 400.2
    formula: second
    uses: [industry, homes]
    pool: {group: pilot, uses: all}
    incentive: {score: score, mode: reward_and_deduct, bands: {"0": -0.05, "80": 0, "90": 0.08}, cap: 0.04}
rules:
  - {kind: use_share_floor, tag: industry, by: prefecture, floor: 0.385, not_below: floor, clause: "=1+1"}
  - {kind: use_share_cap, tag: outside, cap: 0.333}
  - {kind: average_parity, group: poor, title: {zh: "=县均"}}
  - {kind: average_parity, group: far, reading: each_county, against: all, times: 0.15, among: eligible,
     id: each}
  - {kind: change_limits, column: last, lower: 0.71, upper: 1.437, relative_to: total}
  - {kind: pipeline, columns: {industry: ready}}
  - {kind: amount_bounds, by: county, min: 15.5, max_share: 0.217}
  - {kind: amount_bounds, by: far, min_share: 0.12, max: 700.4, id: far}
  - {kind: group_share_floor, group: poor, floor: 0.5007}
  - {kind: linear, id: homes, left: {uses: [homes]}, sense: ">=", times: 0.123, right: {streams: [central]},
     plus: 3.7, for_each: prefecture}
  - {kind: linear, id: sources, left: {sources: [central], group: poor, uses: [industry, homes]}, sense: "<=",
     times: 7, right: {sources: [regional], counties: ["990101", "990102", "990202"]}}
"""
COMMITTED = (("990101", "earlier", "industry", "12.345"), ("990204", "earlier", "roads", "7.1"))
ADVANCED = (("990102", "central", "industry", "30.2"), ("990203", "central", "homes", "110"))


def write_scenario(folder: Path) -> Path:
    """The scenario as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "scenario.yaml").write_text(YAML, encoding="utf-8")
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "county", "prefecture", *COLUMNS])
        for i, code in enumerate(CODES):
            writer.writerow([code, HOSTILE[i], PREFECTURES[i], *(values[i] for values in COLUMNS.values())])
    with (folder / "committed.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([("code", "stream", "use", "amount"), *COMMITTED, *ADVANCED])
    return folder
