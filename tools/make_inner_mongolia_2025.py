"""Makes the county table of the bundled scenario inner-mongolia-2025.

    python tools/make_inner_mongolia_2025.py RAW

RAW holds the public tables named in scenarios/inner-mongolia-2025/SOURCES.md. Columns that no
public source gives are illustrative: derived here from real columns with a fixed seed and tied
to published totals. Running it again gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

OUT = Path(__file__).resolve().parent.parent / "scenarios" / "inner-mongolia-2025" / "counties.csv"
SEED = 2025
EXIT_PEOPLE, KEY_EXIT_PEOPLE = 842_000, 186_800
EXIT_CEILING = 0.45  # of a county's rural people
MONITORED, KEY_MONITORED = 30_848, 8_400
LAST_TOTAL = 388_000
BUDGETS = {"consolidation": 180_000.0, "regional": 190_000.0, "ethnic": 24_000.0, "relief": 16_000.0}
LAST_SHARES = {
    "呼和浩特市": 0.68,
    "包头市": 0.66,
    "呼伦贝尔市": 0.65,
    "兴安盟": 0.71,
    "通辽市": 0.69,
    "赤峰市": 0.72,
    "锡林郭勒盟": 0.66,
    "乌兰察布市": 0.68,
    "鄂尔多斯市": 0.67,
    "巴彦淖尔市": 0.70,
    "乌海市": 0.62,
    "阿拉善盟": 0.64,
}
SHORT_PIPELINES = {"锡林郭勒盟": 0.86, "呼伦贝尔市": 0.90, "通辽市": 0.93, "阿拉善盟": 1.0}
"""Prefectures whose projects fall short of the industry floor, and by how much."""

Row = dict[str, str]
Values = NDArray[np.float64]
Counts = NDArray[np.int64]


def read(path: Path) -> list[Row]:
    """Rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def whole(weights: Values, total: int) -> Counts:
    """Whole numbers in proportion to weights that add up to `total`, largest remainders first."""
    exact = weights * total / weights.sum()
    found: Counts = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - found), kind="stable")
    found[order[: total - int(found.sum())]] += 1
    return found


def capped(weights: Values, ceilings: Values, total: float) -> Values:
    """Parts of `total` in proportion to weights, none above its ceiling."""
    full = np.zeros(len(weights), dtype=bool)
    while True:
        rest = total - ceilings[full].sum()
        parts = np.where(full, ceilings, weights * rest / weights[~full].sum())
        over = ~full & (parts > ceilings)
        if not over.any():
            return parts
        full |= over


def minority(row: Row) -> int:
    """Persons of ethnic minorities from the published share of the population, half up."""
    return int(Decimal(row["pop_total"]) * Decimal(row["minority_pct"]) / 100 + Decimal("0.5"))


def people(rural: Values, exited: Values, key: Values, rng: np.random.Generator) -> tuple[Values, Values]:
    """Illustrative exit and monitored people: most in exit counties, tied to the published totals."""
    spread = rng.uniform(0.8, 1.2, len(rural))
    weight = np.sqrt(rural) * np.where(exited > 0, 9.0, 1.0) * spread
    exit_people, monitored = np.zeros(len(rural)), np.zeros(len(rural))
    for part, ours, ours_monitored in (
        (key > 0, KEY_EXIT_PEOPLE, KEY_MONITORED),
        (key == 0, EXIT_PEOPLE - KEY_EXIT_PEOPLE, MONITORED - KEY_MONITORED),
    ):
        exit_people[part] = whole(capped(weight[part], EXIT_CEILING * rural[part], ours), ours)
        monitored[part] = whole(exit_people[part] * rng.uniform(0.7, 1.3, int(part.sum())), ours_monitored)
    return exit_people, monitored


def incomes(rows: Sequence[Row], known: dict[str, str], rng: np.random.Generator) -> list[str]:
    """Real rural income of the 31; for the others a line in the urban share, illustrative."""
    found = []
    for row in rows:
        urban = float(row["pop_urban"]) / max(1.0, float(row["pop_total"]))
        modelled = 16_500 + 9_000 * urban + rng.normal(0, 700)
        found.append(known.get(row["code"]) or str(int(round(modelled, -1))))
    return found


def near_formula(
    exit_people: Values,
    monitored: Values,
    income: Values,
    exited: Values,
    key: Values,
    score: Values,
    rural: Values,
) -> Values:
    """Roughly what the scenario's formulas give, only to place last year and pipelines near it."""

    def share(values: Values) -> Values:
        return np.asarray(values / values.sum(), dtype=np.float64)

    band = np.where(score >= 90, 1.2, np.where(score >= 80, 1.0, 0.8))
    points = exited + 2 * key + 0.25
    main = 0.3 * share(exit_people + 2 * monitored) + 0.3 * share(rural / income) + 0.3 * share(points)
    main = main + 0.1 * share(band)
    regional = 0.4 * share(exit_people + 2 * monitored) + 0.3 * share(rural / income) + 0.3 * share(band)
    small = share(np.sqrt(rural) * (1 + exited))
    money = BUDGETS["consolidation"] * main + BUDGETS["regional"] * regional
    return money + (BUDGETS["ethnic"] + BUDGETS["relief"]) * small


def main(raw: Path) -> None:
    """Write counties.csv."""
    rng = np.random.default_rng(SEED)
    counties = [r for r in read(raw / "china_counties.csv") if r["province_code"] == "150000"]
    counties.sort(key=lambda r: r["code"])
    census = {r["code"]: r for r in read(raw / "china_census2020_county.csv")}
    exits = {r["code"]: r["exit_year"] for r in read(raw / "poverty_counties_832.csv")}
    keys = {r["code"] for r in read(raw / "key_support_160.csv")}
    panel = read(raw / "inner_mongolia_31_panel_2018_2023.csv")
    known = {r["code"]: str(int(float(r["disp_income_rural"]))) for r in panel if r["year"] == "2023"}
    rows = [census[c["code"]] for c in counties]
    rural = np.array([float(r["pop_rural"]) for r in rows])
    exited = np.array([float(c["code"] in exits) for c in counties])
    key = np.array([float(c["code"] in keys) for c in counties])
    exit_people, monitored = people(rural, exited, key, rng)
    income = incomes(rows, known, rng)
    score = np.clip(np.round(rng.normal(87, 5.5, len(rows))), 70, 98)
    receives = rural > 0
    guess = receives * near_formula(
        exit_people, monitored, np.array([float(v) for v in income]), exited, key, score, rural
    )
    last = whole(guess * np.exp(rng.normal(0, 0.13, len(rows))), LAST_TOTAL)
    short = np.array([SHORT_PIPELINES.get(c["prefecture"], 1.18) for c in counties])
    industry = np.round(guess * 0.57 * short * rng.uniform(0.92, 1.12, len(rows)))
    other = np.round(guess * 0.135 * short * rng.uniform(0.9, 1.15, len(rows)))
    with OUT.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(
            [
                "code",
                "county",
                "prefecture",
                "poverty_exit",
                "exit_year",
                "key_support",
                "population",
                "rural_population",
                "minority_population",
                "rural_income",
                "exit_population",
                "monitored_population",
                "performance",
                "last_amount",
                "last_industry_share",
                "pipeline.industry",
                "pipeline.other_villages_industry",
            ]
        )
        for k, county in enumerate(counties):
            writer.writerow(
                [
                    county["code"],
                    county["name"],
                    county["prefecture"],
                    int(exited[k]),
                    exits.get(county["code"], ""),
                    "national" if key[k] else "",
                    rows[k]["pop_total"],
                    rows[k]["pop_rural"],
                    minority(rows[k]),
                    income[k],
                    int(exit_people[k]),
                    int(monitored[k]),
                    int(score[k]),
                    int(last[k]) if receives[k] else "",
                    f"{LAST_SHARES[county['prefecture']]:.2f}",
                    int(industry[k]),
                    int(other[k]),
                ]
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
