"""Makes the county table of the bundled scenario inner-mongolia-2025-integrated.

    python tools/make_inner_mongolia_2025_integrated.py

The table is that of inner-mongolia-2025 with six more columns, and with last year's integrated and farm money
in `last_amount`. What is new is illustrative: derived here from the columns of that table with a fixed seed
(see scenarios/inner-mongolia-2025-integrated/SOURCES.md). Running it again gives the same bytes.
"""

from __future__ import annotations

import csv

import numpy as np
from make_inner_mongolia_2025 import OUT as BASE
from make_inner_mongolia_2025 import Counts, Row, Values, read, whole

OUT = BASE.parent.parent / "inner-mongolia-2025-integrated" / BASE.name
SEED = 20251
FARM_COUNTIES, FOREST_COUNTIES = 24, 36
"""Counties that are drawn to have state farms and forest farms; those with more rural people more often."""
FARMS, FOREST_FARMS = 60, 90
NEED = 200_000
"""All projects that counties ask for, 万元."""
SUPPORTING = 0.09
"""Works that support industry and are ready, as a share of last year's bridging money."""
LAST_INTEGRATED, LAST_FARMS = 84_000, 4_300
"""Integrated money, and that of the farms and forests, last year, 万元."""


def column(rows: list[Row], name: str) -> Values:
    """A column as numbers, a blank as zero."""
    return np.array([float(row[name] or 0) for row in rows])


def drawn(weight: Values, counties: int, total: int, rng: np.random.Generator) -> Counts:
    """`total` farms among so many counties, drawn by weight; each of these has at least one."""
    chosen = rng.choice(len(weight), counties, replace=False, p=weight / weight.sum())
    found = np.zeros(len(weight), dtype=np.int64)
    found[chosen] = 1 + whole(rng.uniform(0.3, 1.0, counties), total - counties)
    return found


def own_shares(rows: list[Row], rng: np.random.Generator) -> Values:
    """Each county's own share for industry last year: around that of its prefecture, whose mean they keep."""
    together, money = column(rows, "last_industry_share"), column(rows, "last_amount")
    noise = rng.normal(0, 0.03, len(rows))
    prefectures = np.array([row["prefecture"] for row in rows])
    for name in np.unique(prefectures):
        here = (prefectures == name) & (money > 0)
        noise[here] -= (noise[here] * money[here]).sum() / money[here].sum()
    return np.round(together + noise, 3)


def last_year(rows: list[Row], need: Values, farms: Values, rng: np.random.Generator) -> Counts:
    """Last year's integrated and farm money: near this year's formulas, with noise."""
    rural = column(rows, "rural_population")
    key = np.array([float(row["key_support"] == "national") for row in rows])
    points = column(rows, "poverty_exit") + key + 0.5 * (rural > 0)
    parts = 0.4 * rural / rural.sum() + 0.3 * points / points.sum() + 0.3 * need / need.sum()
    noise = np.exp(rng.normal(0, 0.08, len(rows)))
    return whole(parts * noise, LAST_INTEGRATED) + whole(farms * noise, LAST_FARMS)


def main() -> None:
    """Write counties.csv."""
    rng = np.random.default_rng(SEED)
    rows = read(BASE)
    rural, exited = column(rows, "rural_population"), column(rows, "poverty_exit")
    weight = np.sqrt(rural)
    farms = drawn(weight, FARM_COUNTIES, FARMS, rng)
    forests = drawn(weight, FOREST_COUNTIES, FOREST_FARMS, rng)
    seed_rate = np.round(rng.uniform(62, 96, len(rows)))
    need = whole(weight * (1 + 0.6 * exited) * rng.uniform(0.7, 1.3, len(rows)), NEED)
    own = own_shares(rows, rng)
    last = column(rows, "last_amount") + last_year(rows, need, farms + forests, rng)
    supporting = np.round(column(rows, "last_amount") * SUPPORTING * rng.uniform(0.8, 1.2, len(rows)))
    with OUT.open("w", encoding="utf-8-sig", newline="") as file:
        more = (
            "own_industry_share",
            "state_farms",
            "forest_farms",
            "improved_seed_rate",
            "actual_need",
            "pipeline.supporting_infrastructure",
        )
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow([*rows[0], *more])
        for k, row in enumerate(rows):
            added = (
                f"{own[k]:.3f}" if row["last_amount"] else "",
                farms[k],
                forests[k],
                int(seed_rate[k]) if forests[k] else "",
                need[k],
                int(supporting[k]),
            )
            kept = {**row, "last_amount": int(last[k])} if row["last_amount"] else row
            writer.writerow([*kept.values(), *added])


if __name__ == "__main__":
    main()
