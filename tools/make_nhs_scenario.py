"""Makes the scenarios nhs-core-2021-22 (practices) and nhs-core-ics (systems) for the tests.

    python tools/make_nhs_scenario.py RAW_CSV tests/data

RAW_CSV is NHS England's core allocation table 2021/22 by practice (source in the folders' SOURCES.md).
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from decimal import Decimal, localcontext
from pathlib import Path

WEIGHTS = {
    "hchs_cost": "0.7916644687",
    "prescribing": "0.1084658634",
    "avoidable_mortality_cost": "0.0878179057",
    "avoidable_mortality": "0.0120517622",
}
BLOCKS = {
    "wp_general_acute": "0.7443451385",
    "wp_community": "0.0641386622",
    "wp_mental_health": "0.1498554524",
    "wp_maternity": "0.0416607469",
}
"""Shares of the four blocks in hchs."""

SCENARIO = """\
# NHS England, core allocations 2021/22: a real factor formula with its published result
name: {name}
title: {{zh: 英格兰国民医疗服务核心拨款2021/22, en: "NHS England core allocations 2021/22, {what}"}}
year: 2021
unit: £000
step: 0.001
formulas:
  core:
    - {{factor: hchs_cost, weight: 0.7916644687, value: hchs_cost, as: share}}
    - {{factor: prescribing, weight: 0.1084658634, value: prescribing, as: share}}
    - {{factor: avoidable_mortality_cost, weight: 0.0878179057, value: avoidable_mortality_cost, as: share}}
    - {{factor: avoidable_mortality, weight: 0.0120517622, value: avoidable_mortality, as: share}}
streams:
  core: {{title: {{zh: 核心拨款, en: core}}, budget: {budget}, formula: core}}
rules: []
"""

SOURCES = """\
# Sources

NHS England, core allocations 2021/22. «Contains public sector information licensed under the Open Government
Licence v3.0». Weights recovered from the published figures (they are not printed in the source).

| column | status |
| --- | --- |
| code | a running number in the order of practice codes (or systems): the source has no six-digit codes |
| county, prefecture | practice and system (ICS), as published |
| hchs_cost | (0.7443451385 general_acute + 0.0641386622 community + 0.1498554524 mental_health + 0.0416607469 maternity) × mff × eaca |
| prescribing, avoidable_mortality | published weighted populations |
| avoidable_mortality_cost | avoidable_mortality × mff × eaca |
| official_target | published target excluding remoteness, £000 |

Made by `tools/make_nhs_scenario.py`.
"""
COLUMNS = [*WEIGHTS, "official_target"]


def products(row: dict[str, str]) -> dict[str, Decimal]:
    """The four factor columns and the official target of one practice."""
    cost = Decimal(row["mff_index"]) * Decimal(row["eaca_index"])
    hchs = sum((Decimal(w) * Decimal(row[c]) for c, w in BLOCKS.items()), Decimal(0))
    mortality = Decimal(row["wp_avoidable_mortality"])
    return {
        "hchs_cost": hchs * cost,
        "prescribing": Decimal(row["wp_prescribing"]),
        "avoidable_mortality_cost": mortality * cost,
        "avoidable_mortality": mortality,
        "official_target": Decimal(row["target_gbp_k_excl_remote_official"]),
    }


def write(folder: Path, what: str, rows: list[tuple[str, str, dict[str, Decimal]]]) -> None:
    """One scenario folder; the budget is the sum of the official targets, to the step."""
    folder.mkdir(parents=True, exist_ok=True)
    budget = sum((r["official_target"] for *_, r in rows), Decimal(0)).quantize(Decimal("0.001"))
    scenario = SCENARIO.format(name=folder.name, what=what, budget=budget)
    (folder / "scenario.yaml").write_text(scenario, encoding="utf-8")
    (folder / "SOURCES.md").write_text(SOURCES, encoding="utf-8")
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["code", "county", "prefecture", *COLUMNS])
        for k, (name, system, values) in enumerate(rows, 1):
            cells = [f"{values[c]:.5f}" for c in COLUMNS]
            writer.writerow([f"{100000 + k}", name, system, *cells])


def main(raw: Path, out: Path) -> None:
    """Write both folders."""
    with raw.open(encoding="utf-8-sig", newline="") as file:
        source = sorted(csv.DictReader(file), key=lambda r: r["practice"])
    with localcontext() as context:
        context.prec = 40
        made = [(r["practice"], r["ics"], products(r)) for r in source]
        sums: dict[str, dict[str, Decimal]] = defaultdict(lambda: dict.fromkeys(COLUMNS, Decimal(0)))
        for _, system, values in made:
            for column in COLUMNS:
                sums[system][column] += values[column]
    write(out / "nhs-core-2021-22", "practices", made)
    write(out / "nhs-core-ics", "systems", [(s, s, sums[s]) for s in sorted(sums)])


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
