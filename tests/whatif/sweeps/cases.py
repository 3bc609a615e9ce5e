"""A mixed plan and how to run it, for tests of sweeps."""

from __future__ import annotations

from pathlib import Path

import pyarrow.parquet as pq

from allocator.cli.main import run

ROOT = Path(__file__).resolve().parents[3]


FILES = ("sweep.parquet", "scenarios.parquet")


MIXED = """\
seed: 11
record: [counties, payments, prefectures, groups, metrics]
designs:
  - name: by hand
    list:
      - {}
      - {rules.change_limits.lower: 1.2}
      - {columns.population: 0}
      - {formulas.main.population.weight: 0.7, formulas.main.equal.weight: 0.6}
      - {objective: proportional, streams.grant.budget: 1100}
      - {counties.drop: 990203, streams.grant.budget: 900}
      - {streams.grant.budget: 800, rules.use_share_floor.floor: 0.7}
  - noise: {points: 30, columns: {population: 0.1, last_amount: 0.04}}
  - dirichlet: {points: 25, formula: main, concentration: 30}
"""


SIZE, BROKEN = 62, {1: "infeasible", 2: "failed", 3: "failed", 6: "infeasible"}


NOISE = "designs:\n  - noise: {{points: {}, columns: {{population: 0.02}}}}\n"


def written(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def sweep(plan: Path, out: Path, *arguments: str, scenario: str = "tutorial", chunk: int = 10) -> int:
    return run(["sweep", scenario, "--plan", str(plan), "-o", str(out), "--chunk", str(chunk), *arguments])


def rows(out: Path, name: str = "scenarios.parquet") -> list[dict]:
    return pq.read_table(out / name).to_pylist()


def value(out: Path, scenario: int, metric: str) -> float | None:
    found = [
        r["value"] for r in rows(out, "sweep.parquet") if (r["scenario"], r["metric"]) == (scenario, metric)
    ]
    assert len(found) == 1
    return found[0]


def assert_same(one: Path, two: Path) -> None:
    for name in FILES:
        assert pq.read_table(one / name).equals(pq.read_table(two / name)), name
    assert (one / "summary.csv").read_bytes() == (two / "summary.csv").read_bytes()


def partial(out: Path) -> Path:
    return out.with_name(f"{out.name}.partial")
