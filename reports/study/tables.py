"""The tables of a study as CSV bytes: tidy, one header row, the same bytes for the same input."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

from allocator.whatif.batch import cell
from allocator.whatif.equity import equity_rows, lorenz_rows
from allocator.whatif.global_indices import index_rows
from allocator.whatif.study import Study
from allocator.whatif.tornado import tornado_rows
from allocator.whatif.uncertainty import uncertainty_rows
from allocator.whatif.weight_sweep import line_sweep_rows
from allocator.whatif.winners import winners_rows
from reports.csv_files import LINE_END

Table = tuple[Sequence[str], Iterable[Sequence[Any]]]


def study_tables(study: Study) -> dict[str, bytes]:
    """File name → bytes."""
    loaded = study.loaded
    sweeps = [line_sweep_rows(line, loaded) for line in (*study.weights, *study.parameters)]
    tables: dict[str, Table] = {
        "tornado": tornado_rows(study.tornado, loaded),
        "breakpoints": _breakpoints(study),
        "floor_limits": _floors(study),
        "frontiers": _frontiers(study),
        "uncertainty": uncertainty_rows(loaded, study.uncertainty),
        "rule_probabilities": _probabilities(study),
        "sobol": index_rows(study.indices),
        "equity": equity_rows(study.equity),
        "lorenz": lorenz_rows(study.equity, loaded),
        "winners": winners_rows(study.winners, loaded),
    }
    if sweeps:
        tables["sweeps"] = sweeps[0][0], [row for _, rows in sweeps for row in rows]
    return {f"{name}.csv": _csv(*table) for name, table in tables.items()}


def _breakpoints(study: Study) -> Table:
    header = (
        *("rule", "parameter", "value", "present", "binding", "binds_beyond", "binds_confirmed"),
        *("impossibility", "possible_up_to", "possible_confirmed"),
    )
    rows = [
        (
            edge.knob.rule,
            edge.knob.key,
            edge.knob.value,
            edge.present,
            edge.binding,
            None if edge.binds is None else edge.binds.value,
            None if edge.binds is None else int(edge.binds.confirmed),
            edge.impossibility,
            None if edge.impossible is None else edge.impossible.value,
            None if edge.impossible is None else int(edge.impossible.confirmed),
        )
        for edge in study.breakpoints
    ]
    return header, rows


def _floors(study: Study) -> Table:
    def shown(value: float | None) -> float | None:
        return None if value is None else round(value, 6)

    rows = [
        (rule, one.where, round(float(one.floor), 6), shown(one.share), shown(one.largest))
        for rule, limits in study.floors.items()
        for one in limits
    ]
    return ("rule", "where", "floor", "share", "largest_possible"), rows


def _frontiers(study: Study) -> Table:
    rows = [
        (
            one.path,
            p.value,
            p.status,
            cell(p.moved),
            cell(p.largest_departure),
            int(k in one.knees),
            int(p.present),
        )
        for one in study.frontiers
        for k, p in enumerate(one.points)
    ]
    header = ("parameter", "value", "status", "moved_from_formula", "largest_departure", "knee", "present")
    return header, rows


def _probabilities(study: Study) -> Table:
    found = study.uncertainty
    rows = [(rule, round(p, 6), round(found.short[rule], 6)) for rule, p in found.binding.items()]
    return ("rule", "probability_binding", "probability_impossible"), rows


def _csv(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=LINE_END)
    writer.writerow(header)
    writer.writerows(["" if cell is None else cell for cell in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")
