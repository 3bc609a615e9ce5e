"""Makes the tables of the bundled scenario yangquan-2024.

    python tools/make_yangquan_2024.py RAW

Codes, names and rural population are real (RAW: china_counties.csv, china_census2020_county.csv);
the rest is illustrative and written out below, since the annexes of the notice are not public.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent.parent / "scenarios" / "yangquan-2024"
ILLUSTRATIVE = {
    # code: exit people, marginal people, rural income, grade, last year's amount
    "140302": (0, 0, 27000, "中", ""),
    "140303": (310, 12, 25500, "良", "610"),
    "140311": (2450, 60, 22800, "良", "1020"),
    "140321": (9600, 240, 18900, "优", "2150"),
    "140322": (14800, 390, 17600, "良", "2480"),
}
FIRST_BATCHES = {"central_1": 2600, "provincial_1": 1900}
"""Illustrative: issued earlier in the year."""
USES = {"industry": 0.6, "infrastructure": 0.25, "employment": 0.15}


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def main(raw: Path) -> None:
    """Write counties.csv and committed.csv."""
    census = {r["code"]: r for r in read(raw / "china_census2020_county.csv")}
    rows = sorted(
        (r for r in read(raw / "china_counties.csv") if r["prefecture"] == "阳泉市"), key=lambda r: r["code"]
    )
    with (FOLDER / "counties.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(
            [
                "code",
                "county",
                "prefecture",
                "rural_population",
                "exit_population",
                "marginal_population",
                "rural_income",
                "grade",
                "last_amount",
                "last_industry_share",
            ]
        )
        for row in rows:
            exits, marginal, income, grade, last = ILLUSTRATIVE[row["code"]]
            rural = int(census[row["code"]]["pop_rural"])
            writer.writerow(
                [
                    row["code"],
                    row["name"],
                    row["prefecture"],
                    rural,
                    exits,
                    marginal,
                    income,
                    grade,
                    last,
                    "0.60",
                ]
            )
    total = sum(e + m for e, m, *_ in ILLUSTRATIVE.values())
    with (FOLDER / "committed.csv").open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["code", "stream", "use", "amount"])
        for stream, budget in FIRST_BATCHES.items():
            for row in rows:
                exits, marginal, *_ = ILLUSTRATIVE[row["code"]]
                for use, share in USES.items():
                    amount = round(
                        budget * share * (0.7 * (exits + marginal) / total + 0.3 / 4) * (exits > 0)
                    )
                    if amount:
                        writer.writerow([row["code"], stream, use, amount])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
