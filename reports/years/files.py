"""Several years as one folder: a result folder for each year, the tables over all, a chart."""

from __future__ import annotations

import json
from collections.abc import Mapping

from allocator.text import Language
from allocator.years.copy import scenario_copy
from reports.csv_files import Encoding, csv_bytes
from reports.result import result_files
from reports.run_record import KIND, Circumstances, digests, plain, versions
from reports.years.tables import Sequel, shares_table, years_table

OF = "years"
"""What run.json says of such a folder."""


def years_files(
    sequel: Sequel, around: Circumstances, encoding: Encoding, lang: Language, chart: bool
) -> dict[str, bytes]:
    """File name → content; `2023/…` are the files of that year's result."""
    files: dict[str, bytes] = {}
    for year, outcome in zip(sequel.years, sequel.outcomes, strict=True):
        copy = {f"scenario/{name}": content for name, content in scenario_copy(year).items()}
        own = result_files(outcome, around, encoding, lang, copy)
        files |= {f"{year.number}/{name}": content for name, content in own.items()}
    over = {f"{t.name}.csv": csv_bytes(t, encoding) for t in (years_table(sequel), shares_table(sequel))}
    if chart and sequel.shares:
        from reports.charts.style import save  # noqa: PLC0415
        from reports.charts.years import draw_years  # noqa: PLC0415 - matplotlib is slow to import
        from reports.years.chart import chart_data  # noqa: PLC0415

        pictures = save(draw_years(chart_data(sequel, lang), lang))
        over |= {f"shares.{kind}": content for kind, content in pictures.items()}
    return {**files, **over, "run.json": _record(sequel, over, around)}


def _record(sequel: Sequel, files: Mapping[str, bytes], around: Circumstances) -> bytes:
    """run.json of the whole; each year's folder has its own."""
    record = {
        "kind": KIND,
        "of": OF,
        "date": around.date,
        "command": around.command,
        "versions": versions(),
        "years": [
            {
                "year": year.number,
                "scenario": year.loaded.scenario.name,
                "inputs": {name: {"sha256": d} for name, d in sorted(year.loaded.digests.items())},
                "fed": sorted(year.fed),
            }
            for year in sequel.years
        ],
        "files": digests(files),
    }
    return (json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n").encode()
