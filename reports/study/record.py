"""run.json of a study: what was studied, on which input, by which software."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from importlib.metadata import PackageNotFoundError, version

from allocator.whatif.study import Study
from reports.run_record import KIND, Circumstances, digests, plain, versions

PACKAGES = ("matplotlib", "zhplot", "SALib", "joblib")
"""Beyond those of a plan."""


def study_record(study: Study, files: Mapping[str, bytes], around: Circumstances) -> bytes:
    """The record; `files` are the other files of the folder."""
    scenario = study.loaded.scenario
    scope = asdict(study.scope)
    # How many processes worked changes no number.
    del scope["jobs"]
    record = {
        "kind": KIND,
        "of": "sensitivity",
        "scenario": {
            "name": scenario.name,
            "title": scenario.title.model_dump(),
            "year": scenario.year,
            "unit": scenario.unit,
            "step": scenario.step,
            "objective": scenario.objective,
        },
        "date": around.date,
        "command": around.command,
        "scope": {**scope, "population": study.equity.population},
        "inputs": {name: {"sha256": digest} for name, digest in sorted(study.loaded.digests.items())},
        "control_totals": study.loaded.totals,
        "versions": versions() | {package: _version(package) for package in PACKAGES},
        "draws": {
            "solved": study.uncertainty.solved,
            "infeasible": study.uncertainty.infeasible,
            "failed": study.uncertainty.failed,
        },
        "checked": {part: asdict(checks) for part, checks in study.checks.items()},
        "notices": [{"zh": n.zh, "en": n.en} for n in study.loaded.notices],
        "files": digests(files),
    }
    return (json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n").encode()


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "unknown"
