"""Makes the bundled scenarios inner-mongolia-2022, -2023 and -2024 from inner-mongolia-2025.

    python tools/make_inner_mongolia_years.py RAW

RAW holds inner_mongolia_31_panel_2018_2023.csv (see scenarios/inner-mongolia-2022/SOURCES.md). Codes,
names, census columns and the illustrative people are those of inner-mongolia-2025; what changes from
year to year is derived here with the year as its seed. scenario.yaml is that of 2025 with another name,
title, year and budgets. Running it again gives the same bytes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np
from make_inner_mongolia_2025 import LAST_SHARES, OUT, Row, Values, near_formula, read, whole

BUDGET_2025 = 410_000
TOTALS = {2021: 305_000, 2022: 330_000, 2023: 360_000, 2024: 388_000}
"""All streams together, illustrative; 2024 is what inner-mongolia-2025 calls last year."""
SHARES_BELOW = {2022: 0.12, 2023: 0.08, 2024: 0.04}
"""By how much last year's industry shares lie below those of inner-mongolia-2025."""
STREAMS = {
    "central_consolidation": {2022: 145_000, 2023: 158_000, 2024: 170_000, 2025: 180_000},
    "regional_consolidation": {2022: 153_000, 2023: 167_000, 2024: 180_000, 2025: 190_000},
    "central_ethnic": {2022: 19_000, 2023: 21_000, 2024: 23_000, 2025: 24_000},
    "central_work_relief": {2022: 13_000, 2023: 14_000, 2024: 15_000, 2025: 16_000},
}
"""Budgets by stream and year, illustrative; a year's add up to its total."""
AMPLE = 1.18
"""Pipelines over what the formula would spend on industry, as for most prefectures in 2025."""


def column(rows: list[Row], name: str) -> Values:
    """A column as numbers, a blank as zero."""
    return np.array([float(row[name] or 0) for row in rows])


def incomes(rows: list[Row], panel: list[Row], year: int) -> list[int]:
    """Rural income of the year before: real for the 31, for the others that of 2025 scaled alike."""
    known = {r["code"]: float(r["disp_income_rural"]) for r in panel if r["year"] == str(year - 1)}
    later = {r["code"]: float(r["disp_income_rural"]) for r in panel if r["year"] == "2023"}
    growth = sum(known.values()) / sum(later.values())
    modelled = [round(float(row["rural_income"]) * growth, -1) for row in rows]
    return [int(known.get(row["code"], m)) for row, m in zip(rows, modelled, strict=True)]


def table(base: list[Row], panel: list[Row], year: int) -> list[Row]:
    """The rows of one year."""
    rng = np.random.default_rng(year)
    rural = column(base, "rural_population")
    score = np.clip(np.round(rng.normal(87, 5.5, len(base))), 70, 98)
    income = incomes(base, panel, year)
    key = np.array([float(row["key_support"] == "national") for row in base])
    people = column(base, "exit_population"), column(base, "monitored_population")
    formula = near_formula(*people, np.array(income, float), column(base, "poverty_exit"), key, score, rural)
    guess = (rural > 0) * formula / BUDGET_2025
    last = whole(guess * np.exp(rng.normal(0, 0.10, len(base))), TOTALS[year - 1])
    money = guess * TOTALS[year]
    industry = np.round(money * 0.57 * AMPLE * rng.uniform(0.92, 1.12, len(base)))
    other = np.round(money * 0.135 * AMPLE * rng.uniform(0.9, 1.15, len(base)))
    rows = []
    for k, row in enumerate(base):
        changed = {
            "rural_income": income[k],
            "performance": int(score[k]),
            "last_amount": int(last[k]) if rural[k] else "",
            "last_industry_share": f"{LAST_SHARES[row['prefecture']] - SHARES_BELOW[year]:.2f}",
            "pipeline.industry": int(industry[k]),
            "pipeline.other_villages_industry": int(other[k]),
        }
        rows.append({**row, **{name: str(value) for name, value in changed.items()}})
    return rows


def scenario(text: str, year: int) -> str:
    """The scenario of 2025 with another name, title, year and budgets; each must stand there once."""
    changes = [
        ("内蒙古自治区2025年财政衔接推进", f"内蒙古自治区{year}年财政衔接推进"),
        ("# Inner Mongolia 2025:", f"# Inner Mongolia {year}:"),
        ("name: inner-mongolia-2025\n", f"name: inner-mongolia-{year}\n"),
        ("zh: 内蒙古自治区2025年财政衔接资金", f"zh: 内蒙古自治区{year}年财政衔接资金"),
        ("en: Inner Mongolia 2025 bridging", f"en: Inner Mongolia {year} bridging"),
        ("\nyear: 2025\n", f"\nyear: {year}\n"),
        *((f"budget: {own[2025]}\n", f"budget: {own[year]}\n") for own in STREAMS.values()),
    ]
    for old, new in changes:
        if text.count(old) != 1:
            raise ValueError(f"{old!r} stands {text.count(old)} times")
        text = text.replace(old, new)
    return text


def main(raw: Path) -> None:
    """Write the three scenarios."""
    base = read(OUT)
    panel = read(raw / "inner_mongolia_31_panel_2018_2023.csv")
    text = (OUT.parent / "scenario.yaml").read_bytes().decode()
    for year in SHARES_BELOW:
        target = OUT.parent.parent / f"inner-mongolia-{year}" / OUT.name
        with target.open("w", encoding="utf-8-sig", newline="") as file:
            writer = csv.DictWriter(file, list(base[0]), lineterminator="\r\n")
            writer.writeheader()
            writer.writerows(table(base, panel, year))
        (target.parent / "scenario.yaml").write_bytes(scenario(text, year).encode())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
