"""run.json: what was run, on which input, by which software, and how it is known to be right."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from reports.outcome import Outcome

KIND = "allocator-result"
"""Marks a run.json, and so a result folder, as ours."""

PACKAGES = ("allocator", "highspy", "pulp", "numpy", "scipy", "pydantic", "xlsxwriter")


@dataclass(frozen=True, slots=True)
class Circumstances:
    """What does not follow from the input: when and how the run was started, and the second opinion."""

    date: str = ""
    """ISO 8601."""
    command: tuple[str, ...] = ()
    certified: Mapping[str, Any] | None = None


def run_record(outcome: Outcome, files: Mapping[str, bytes], around: Circumstances) -> bytes:
    """The record; `files` are the other files of the folder."""
    loaded = outcome.loaded
    record = {
        "kind": KIND,
        "scenario": {
            "name": loaded.scenario.name,
            "title": loaded.scenario.title.model_dump(),
            "year": loaded.scenario.year,
            "unit": loaded.scenario.unit,
            "step": loaded.scenario.step,
            "objective": loaded.scenario.objective,
        },
        "date": around.date,
        "command": around.command,
        "inputs": {name: {"sha256": digest} for name, digest in sorted(loaded.digests.items())},
        "control_totals": loaded.totals,
        "versions": versions(),
        "solving": outcome.allocation.record,
        "certified": around.certified,
        "rounding": rounding_record(outcome),
        "verdict": verdict_record(outcome),
        "notices": [{"zh": n.zh, "en": n.en} for n in loaded.notices],
        "files": digests(files),
    }
    return (json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n").encode()


def digests(files: Mapping[str, bytes]) -> dict[str, dict[str, str]]:
    """SHA-256 of every file, as the records of ours list them."""
    return {name: {"sha256": hashlib.sha256(content).hexdigest()} for name, content in files.items()}


def rounding_record(outcome: Outcome) -> dict[str, Any]:
    """What rounding to whole steps did."""
    report = outcome.allocation.rounding
    return {
        "largest_cell": report.largest_cell,
        "largest_county": report.largest_county,
        "total": report.total,
        "widened": list(report.widened),
    }


def verdict_record(outcome: Outcome) -> dict[str, int]:
    """How many rows were judged, and how many are broken, ask for nothing, or bind."""
    verdict = outcome.verdict
    prices = [price for rows in outcome.allocation.prices.values() for price in rows]
    return {
        "rows": len(verdict.rows),
        "broken": len(verdict.broken),
        "vacuous": sum(row.vacuous is not None for row in verdict.rows),
        "binding": sum(price.binding for price in prices),
    }


def versions() -> dict[str, str]:
    """Python and the packages that a result can depend on."""
    found = {"python": platform.python_version(), "platform": platform.platform()}
    for package in PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = "unknown"
    return found


def plain(value: Any) -> Any:
    """Exact numbers and frozen containers as JSON has them."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, Fraction):
        return int(value) if value.denominator == 1 else float(value)
    if isinstance(value, Mapping):
        return dict(value)
    if hasattr(value, "tolist"):
        return value.tolist()
    return list(value) if isinstance(value, set | frozenset) else str(value)
