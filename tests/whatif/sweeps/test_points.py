"""What a sweep says of its points: those without an allocation, figures, summary."""

from __future__ import annotations

import csv
import json
from itertools import pairwise

import numpy as np
import pyarrow.parquet as pq
import pytest

from allocator.whatif.engine import Engine
from reports.sweep_store import Summary
from tests.whatif.sweeps.cases import BROKEN, SIZE, rows, sweep, value, written

# what cannot be solved


def test_points_without_an_allocation_are_results(whole):
    points = rows(whole)
    assert [p["scenario"] for p in points] == list(range(SIZE))
    assert {p["scenario"]: p["status"] for p in points if p["scenario"] in BROKEN} == BROKEN
    for point in points:
        assert bool(point["reason"]) == (point["status"] == "failed")
        if point["status"] == "infeasible":
            assert "change_limits" in point["rules"].split(";")
    assert "population" in points[2]["reason"]
    assert "add up to 1.3" in points[3]["reason"]


def test_their_values_are_null_and_no_others(whole):
    statuses = {p["scenario"]: p["status"] for p in rows(whole)}
    table = pq.read_table(whole / "sweep.parquet").to_pylist()
    assert all((r["value"] is None) == (statuses[r["scenario"]] != "solved") for r in table)
    # six counties twice, two prefectures, one group, three metrics
    assert len(table) == SIZE * (12 + 2 + 1 + 3)


def test_they_are_counted(plan, tmp_path, capsys, whole):
    assert sweep(plan, tmp_path / "out", "--json") == 0
    found = json.loads(capsys.readouterr().out)
    statuses = [p["status"] for p in rows(whole)]
    assert found["points"] == SIZE
    assert [found[s] for s in ("solved", "infeasible", "failed")] == [
        statuses.count(s) for s in ("solved", "infeasible", "failed")
    ]
    assert found["short"]["change_limits"] == found["infeasible"]
    assert sum(found["reasons"].values()) == found["failed"] == 2
    with (whole / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        assert {int(row["solved"]) for row in csv.DictReader(file)} == {found["solved"]}


def test_a_sweep_where_nothing_can_be_solved(tmp_path, capsys):
    text = "designs: [{one_at_a_time: {rules.change_limits.lower: [1.2, 1.3]}}]\n"
    assert sweep(written(tmp_path / "plan.yaml", text), tmp_path / "out") == 0
    line = next(own for own in capsys.readouterr().out.splitlines() if own.startswith("no allocation"))
    assert line.split()[-1] == "2"
    assert all(r["value"] is None for r in rows(tmp_path / "out", "sweep.parquet"))


# figures


def test_figures_are_those_of_the_engine(whole):
    engine = Engine("tutorial")
    point = engine.cold({"streams.grant.budget": 1100, "objective": "proportional"})
    paid = point.payments[:, 0]
    codes = engine.loaded.counties.codes
    assert [value(whole, 4, code) for code in codes] == pytest.approx(list(paid), abs=1e-5)
    assert value(whole, 4, "东市") == pytest.approx(paid[:3].sum(), abs=1e-5)
    poor = engine.loaded.counties.groups["poor"]
    assert value(whole, 4, "average.poor") == pytest.approx(paid[poor].mean(), abs=1e-5)
    assert value(whole, 4, "largest_departure") == pytest.approx(point.largest_departure, abs=1e-5)
    base = engine.base.payments[:, 0]
    moved = min(np.maximum(paid - base, 0).sum(), np.maximum(base - paid, 0).sum())
    assert value(whole, 4, "money_moved") == pytest.approx(moved, abs=1e-5)
    away = np.maximum(paid - point.entitlement[:, 0], 0).sum()
    assert value(whole, 4, "departure_from_formula") == pytest.approx(away, abs=1e-5)
    assert value(whole, 5, "990203") == 0


def test_the_summary_is_of_the_rows(whole):
    table = rows(whole, "sweep.parquet")
    with (whole / "summary.csv").open(encoding="utf-8-sig", newline="") as file:
        summary = {row["metric"]: row for row in csv.DictReader(file)}
    for metric in ("990101", "money_moved", "average.poor"):
        own = np.array([r["value"] for r in table if r["metric"] == metric and r["value"] is not None])
        wanted = [
            own.mean(),
            own.std(),
            own.min(),
            own.max(),
            *np.quantile(own, [0.05, 0.25, 0.5, 0.75, 0.95]),
        ]
        shown = [
            float(summary[metric][c]) for c in ("mean", "sd", "min", "max", "p05", "p25", "p50", "p75", "p95")
        ]
        assert shown == pytest.approx(wanted, abs=2e-6)


def test_spreads_of_large_amounts_keep_their_digits():
    """A metric that no point has must not cost the others theirs; chunks may be cut anywhere."""
    values = np.column_stack([1e10 + np.array([1.0, 2.0, 3.0, 6.0]), np.full(4, np.nan)])
    values[0, 0] = np.nan
    for cuts in ([0, 4], [0, 1, 4], [0, 1, 2, 3, 4]):
        summary = Summary(["amount", "nothing"], 1)
        for start, stop in pairwise(cuts):
            summary.add(start, values[start:stop])
        amount, nothing = summary.rows()
        assert amount[1:4] == [3, pytest.approx(1e10 + 11 / 3), pytest.approx(np.std([2, 3, 6]), abs=1e-6)]
        assert nothing[1] == 0
        assert nothing[2] is None
