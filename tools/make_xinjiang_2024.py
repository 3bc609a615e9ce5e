"""Makes the county table of the bundled scenario xinjiang-2024.

    python tools/make_xinjiang_2024.py RAW

RAW holds the public tables named in scenarios/xinjiang-2024/SOURCES.md. Columns that no public source
gives are illustrative: derived here from real columns with a fixed seed and tied to published totals.
Running it again gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from make_inner_mongolia_2025 import Row, Values, capped, minority, read, whole

OUT = Path(__file__).resolve().parent.parent / "scenarios" / "xinjiang-2024" / "counties.csv"
SEED = 2024
SOUTH = ("阿克苏地区", "克孜勒苏柯尔克孜自治州", "喀什地区", "和田地区")
CENSUS_CODES = {"654203": "654223"}
"""Today's code → the code at the census: 沙湾 was a county then."""
EXIT_PEOPLE, SOUTH_EXIT_PEOPLE = 3_089_000, 2_677_400
EXIT_CEILING = 0.7  # of a county's rural people
MONITORED_SHARE = 0.035  # of exit people
MEAN_INCOME = 16_550
LAST_TOTAL, AKSU_BATCH = 1_005_000, "XJ-AKS-2021b2"
BUDGETS = {"consolidation": 415_000, "ethnic": 76_000, "relief": 199_000, "farms": 5_000, "regional": 360_000}
CLUSTER_SHARE = 0.45
"""Share of the receiving counties that stand for the region's industry clusters."""
PIPELINES = (0.36, 0.95)
"""Least and largest industry projects, as a share of what the formula gives a county."""
HEADER = (
    *("code", "county", "prefecture", "poverty_exit", "exit_year", "funded", "south"),
    *("population", "rural_population", "minority_population", "rural_income"),
    *("exit_population", "monitored_population", "cluster", "state_farms", "forest_farms"),
    *("performance", "plan_quality", "asset_returns", "money_management", "evaluation"),
    *("last_amount", "pipeline.industry"),
)


def part(values: Values) -> Values:
    """Each value's share of the sum."""
    return np.asarray(values / values.sum(), dtype=np.float64)


def people(rural: Values, exited: Values, south: Values, rng: np.random.Generator) -> Values:
    """Exit people: most in exit counties, tied to the totals of the south and of the rest."""
    weight = np.sqrt(rural) * np.where(exited > 0, 8.0, 1.0) * rng.uniform(0.85, 1.15, len(rural))
    weight = weight * np.sqrt(np.maximum(rural, 1) / 100_000)
    found = np.zeros(len(rural))
    for here, total in ((south > 0, SOUTH_EXIT_PEOPLE), (south == 0, EXIT_PEOPLE - SOUTH_EXIT_PEOPLE)):
        found[here] = whole(capped(weight[here], EXIT_CEILING * rural[here], total), total)
    return found


def incomes(rows: list[Row], rural: Values, south: Values, rng: np.random.Generator) -> Values:
    """Rural income: a line in the urban share, lower in the south, tied to the region's average."""
    urban = np.array([float(r["pop_urban"]) / max(1.0, float(r["pop_total"])) for r in rows])
    line = 17_500 + 6_500 * urban - 4_200 * south + rng.normal(0, 600, len(rows))
    line = line * MEAN_INCOME / (part(rural) @ line)
    return np.asarray(np.round(line, -1), dtype=np.float64)


def score(rng: np.random.Generator, count: int, mean: float, spread: float) -> Values:
    """Scores out of 100, cut to 60–98."""
    return np.asarray(np.clip(np.round(rng.normal(mean, spread, count)), 60, 98), dtype=np.float64)


def near_formula(main: tuple[Values, ...], ethnic: Values, rural: Values, relief: Values) -> Values:
    """Roughly what the scenario's formulas give, only to place last year and pipelines near it."""
    people, income, points, equal = main
    central = 0.35 * people + 0.25 * income + 0.30 * points + 0.10 * equal
    regional = 0.30 * people + 0.20 * income + 0.25 * points + 0.25 * equal
    money = BUDGETS["consolidation"] * central + BUDGETS["regional"] * regional
    money = money + BUDGETS["ethnic"] * (0.7 * ethnic + 0.3 * rural)
    return money + BUDGETS["relief"] * (0.6 * rural + 0.4 * relief)


def last_year(guess: Values, codes: list[str], raw: Path, rng: np.random.Generator) -> Values:
    """Near the formula, with noise; the nine counties of Aksu divided as a published batch divided them."""
    noisy = guess * np.exp(rng.normal(0, 0.11, len(guess)))
    batch = {
        r["code"]: float(r["amount_wan"])
        for r in read(raw / "real_allocations.csv")
        if r["batch_id"] == AKSU_BATCH
    }
    here = np.array([code in batch for code in codes])
    noisy[here] = noisy[here].sum() * part(np.array([batch[code] for code in codes if code in batch]))
    found = np.zeros(len(guess))
    found[guess > 0] = whole(noisy[guess > 0], LAST_TOTAL)
    return found


def main(raw: Path) -> None:
    """Write counties.csv."""
    rng = np.random.default_rng(SEED)
    counties = [r for r in read(raw / "china_counties.csv") if r["province_code"] == "650000"]
    counties.sort(key=lambda r: r["code"])
    codes = [r["code"] for r in counties]
    census = {r["code"]: r for r in read(raw / "china_census2020_county.csv")}
    nothing = {"pop_total": "0", "pop_rural": "0", "pop_urban": "0", "minority_pct": "0"}
    rows = [census.get(CENSUS_CODES.get(code, code), nothing) for code in codes]
    exits = {r["code"]: r["exit_year"] for r in read(raw / "poverty_counties_832.csv")}
    rural = np.array([float(r["pop_rural"]) for r in rows])
    corps = np.array([code.startswith("659") for code in codes])
    funded = np.where((rural >= 5_000) & ~corps, 1.0, 0.0)
    exited = np.array([float(code in exits) for code in codes])
    south = np.array([float(r["prefecture"] in SOUTH) for r in counties])
    ethnic = np.array([float(minority(r)) for r in rows])
    exit_people = people(rural * funded, exited, south, rng)
    monitored = np.round(exit_people * MONITORED_SHARE * rng.uniform(0.7, 1.3, len(codes)))
    income = incomes(rows, rural * funded, south, rng)
    cluster = funded * (rng.uniform(0, 1, len(codes)) < CLUSTER_SHARE) * (rural > 30_000)
    state = funded * rng.poisson(0.35, len(codes))
    forest = funded * rng.poisson(0.5, len(codes))
    performance = score(rng, len(codes), 86, 6)
    quality, returns, management = (score(rng, len(codes), mean, 7) for mean in (84, 80, 87))
    evaluation = np.round((performance + quality + returns + management) / 4)
    points = funded * (1 + 2 * exited + south + 0.5 * cluster)
    parts = (part(exit_people + 2 * monitored), part(funded * rural / income), part(points), part(funded))
    guess = near_formula(parts, part(funded * ethnic), part(funded * rural), part(funded * (1 + 2 * exited)))
    guess = guess + BUDGETS["farms"] * part(state + forest)
    last = last_year(guess, codes, raw, rng)
    industry = np.round(guess * rng.uniform(*PIPELINES, len(codes)))
    with OUT.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\r\n")
        writer.writerow(HEADER)
        for k, county in enumerate(counties):
            known = rows[k] is not nothing
            pays = funded[k] > 0
            figures = (exit_people, monitored, cluster, state, forest)
            scores = (performance, quality, returns, management, evaluation)
            writer.writerow(
                [
                    *(county["code"], county["name"], county["prefecture"]),
                    *(int(exited[k]), exits.get(county["code"], ""), int(funded[k]), int(south[k])),
                    *(rows[k]["pop_total"], rows[k]["pop_rural"], int(ethnic[k])),
                    int(income[k]) if known else MEAN_INCOME,
                    *(int(column[k]) for column in figures),
                    *(int(column[k]) for column in scores),
                    *((int(last[k]), int(industry[k])) if pays else ("", "")),
                ]
            )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
