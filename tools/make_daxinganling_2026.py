"""Makes the tables of the bundled scenario daxinganling-2026.

    python tools/make_daxinganling_2026.py RAW

Codes, names, rural and minority population are real (RAW: china_counties.csv,
china_census2020_county.csv); the rest is illustrative and written out below. `allocated` in
progress.csv is what `allocator solve daxinganling-2026` gives, so that the two tables agree.
"""

from __future__ import annotations

import csv
import sys
from collections import defaultdict
from collections.abc import Iterable, Sequence
from pathlib import Path

from allocator.load import load
from allocator.plan import solve

FOLDER = Path(__file__).resolve().parent.parent / "scenarios" / "daxinganling-2026"
PREFECTURE = "232700"
ILLUSTRATIVE = {
    # code: monitored people, rural income, forest farms, performance score, last year's amount
    "232701": (18, 21800, 6, 88, 820),
    "232721": (264, 17900, 9, 93, 3080),
    "232722": (71, 19600, 8, 79, 1460),
}
RECEIVED = {
    "central_consolidation": "2026-01-12",
    "central_minority": "2026-01-12",
    "central_forest": "2026-01-19",
    "provincial_1": "2026-02-27",
    "provincial_2": "2026-05-20",
}
"""Illustrative: day on which the county had the money."""
DAYS = ("2026-01-31", "2026-02-28", "2026-03-31", "2026-04-30", "2026-05-31", "2026-06-26", "2026-06-30")
PROJECT_DAYS = ("2026-05-31", "2026-06-30")
PAID = {
    # code: percent paid by each day, of money received in January or February
    "232701": (0, 3, 9, 18, 36, 49, 51),
    "232721": (4, 12, 24, 34, 47, 57, 58),
    "232722": (0, 1, 5, 11, 22, 32, 34),
}
PAID_BATCH_2 = {"232701": 0, "232721": 8, "232722": 0}
"""Percent of the provincial batch 2 paid by the end of June."""
COMMITTED = {"232701": 100, "232721": 100, "232722": 78}
"""Percent of the money paid or bound by the end of June; earlier days stay below it in proportion."""
COLUMNS = (
    "code", "county", "prefecture", "stream", "batch", "date", "received", "allocated", "paid", "committed",
    "project", "name", "use", "investment", "works", "planned_start", "started", "exempt",
    "problem", "measure", "owner", "due", "closed",
)  # fmt: skip
PROJECTS = (
    # code, stream, id, use, investment, part of the account in %, paid in %, works, planned start, started,
    # exempt, problem, measure, owner, due; names stand in NAMES
    ("232701", "central_consolidation", "MH-01", "industry", 860, 60, 45, "0.5", "2026-04-15", "2026-04-20",
     "", "", "", "", ""),
    ("232701", "provincial_1", "MH-02", "infrastructure", 190, 50, 40, "0.3", "2026-05-10", "2026-05-12",
     "", "", "", "", ""),
    ("232721", "central_consolidation", "HM-01", "industry", 5200, 40, 62, "0.65", "2026-03-20", "2026-03-25",
     "", "", "", "", ""),
    ("232721", "central_consolidation", "HM-02", "industry", 3400, 25, 55, "0.6", "2026-04-01", "2026-04-03",
     "", "", "", "", ""),
    ("232721", "central_forest", "HM-03", "infrastructure", 120, 80, 50, "0.55", "2026-04-20", "2026-05-06",
     "", "用地许可办理缓慢", "自然资源部门开绿色通道", "呼玛县专班", "2026-07-15"),
    ("232722", "central_consolidation", "TH-01", "industry", 3000, 55, 20, "0.25", "2026-04-10", "2026-05-18",
     "", "施工图审查未通过", "更换设计单位", "塔河县专班", "2026-06-15"),
    ("232722", "provincial_1", "TH-02", "infrastructure", 240, 60, 0, "", "2025-12-20", "",
     "", "可研批复未下", "发改部门限期批复", "塔河县专班", "2026-07-01"),
    ("232722", "central_forest", "TH-03", "infrastructure", 95, 70, 0, "", "2025-12-01", "",
     "是", "冻土期不能施工", "化冻后开工", "塔河县专班", "2026-07-31"),
)  # fmt: skip
NAMES = {
    "MH-01": "示例：蓝莓加工车间", "MH-02": "示例：村内道路", "HM-01": "示例：大豆精深加工园",
    "HM-02": "示例：食用菌基地", "HM-03": "示例：林场饮水", "TH-01": "示例：桦树汁生产线",
    "TH-02": "示例：村屯排水", "TH-03": "示例：林场巡护路",
}  # fmt: skip


def read(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV."""
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def write(name: str, header: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A table of the scenario."""
    with (FOLDER / name).open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        writer.writerows(rows)


def counties(raw: Path) -> list[list[object]]:
    """Rows of counties.csv."""
    census = {r["code"]: r for r in read(raw / "china_census2020_county.csv")}
    found: list[list[object]] = []
    for row in sorted(read(raw / "china_counties.csv"), key=lambda r: r["code"]):
        if row["prefecture_code"] == PREFECTURE:
            people = census[row["code"]]
            minority = round(int(people["pop_total"]) * float(people["minority_pct"]) / 100)
            monitored, income, farms, score, last = ILLUSTRATIVE[row["code"]]
            found.append([row["code"], row["name"], row["prefecture"], int(people["pop_rural"]), minority,
                          monitored, income, farms, score, last])  # fmt: skip
    return found


def accounts() -> dict[tuple[str, str], int]:
    """Money by county and stream, as the scenario's own solution gives it."""
    loaded = load(FOLDER)
    amounts = solve(loaded).steps.sum(axis=2)
    problem = loaded.problem
    return {
        (code, stream): int(amounts[i, s])
        for i, code in enumerate(problem.counties.codes)
        for s, stream in enumerate(problem.stream_names)
    }


def progress(names: dict[str, str]) -> list[list[object]]:
    """Rows of progress.csv: every account each day, every project at the end of May and June."""
    loaded, money = load(FOLDER), accounts()
    batches = {name: stream.batch for name, stream in loaded.scenario.streams.items()}
    rows: list[dict[str, object]] = []
    for number, day in enumerate(DAYS):
        for (code, stream), amount in money.items():
            if RECEIVED[stream] > day or not amount:
                continue
            late = stream == "provincial_2"
            percent = (PAID_BATCH_2[code] if day == DAYS[-1] else 0) if late else PAID[code][number]
            bound = {"232721": 100}.get(code, 40) if late else COMMITTED[code] * (number + 1) // len(DAYS)
            paid = amount * percent // 100
            row: dict[str, object] = defaultdict(str)
            row |= {"code": code, "stream": stream, "batch": batches[stream], "date": day,
                    "received": RECEIVED[stream], "allocated": amount, "paid": paid,
                    "committed": max(0, amount * bound // 100 - paid)}  # fmt: skip
            rows.append(row)
        if day in PROJECT_DAYS:
            rows += [_project(p, money, batches, day) for p in PROJECTS]
    for row in rows:
        row |= {"county": names[str(row["code"])], "prefecture": "大兴安岭地区"}
    return [[row[column] for column in COLUMNS] for row in rows]


def _project(
    written: tuple[object, ...], money: dict[tuple[str, str], int], batches: dict[str, int], day: str
) -> dict[str, object]:
    code, stream, project, use, investment, part, percent, works, planned, started, exempt, *ledger = written
    amount = money[str(code), str(stream)] * int(str(part)) // 100
    # by the end of May two thirds of June's payments had been made
    paid = amount * int(str(percent)) // 100 * (3 if day == DAYS[-1] else 2) // 3
    row: dict[str, object] = defaultdict(str)
    row |= {"code": code, "stream": stream, "batch": batches[str(stream)], "date": day,
            "received": RECEIVED[str(stream)], "allocated": amount, "paid": paid,
            "committed": (amount - paid) // 2 if started else 0, "project": project,
            "name": NAMES[str(project)],
            "use": use, "investment": investment, "works": works if day == DAYS[-1] else "",
            "planned_start": planned, "started": started, "exempt": exempt}  # fmt: skip
    row |= dict(zip(("problem", "measure", "owner", "due"), ledger, strict=True))
    return row


def main(raw: Path) -> None:
    """Write counties.csv, then progress.csv."""
    rows = counties(raw)
    header = (
        "code", "county", "prefecture", "rural_population", "minority_population", "monitored_population",
        "rural_income", "forest_farms", "performance", "last_amount",
    )  # fmt: skip
    write("counties.csv", header, rows)
    write("progress.csv", COLUMNS, progress({str(row[0]): str(row[1]) for row in rows}))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
