"""Several years as one folder: a result folder for each year, the tables over all, a chart.

Where a year has no allocation the folder ends before it: results of the years before, the scenario of
that year as it went into solving, and a note. What speaks of all years is left out then, so that part
of a series is not taken for the whole.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from allocator.text import Language, Text
from allocator.years.copy import scenario_copy
from allocator.years.series import Fed, NoYear, Year
from reports.csv_files import Encoding, csv_bytes
from reports.outcome import Outcome
from reports.result import result_files
from reports.run_record import KIND, Circumstances, digests, plain, versions
from reports.years.tables import Sequel, shares_table, years_table

OF = "years"
"""What run.json says of such a folder."""
NOTE = "unfinished.txt"
"""Stands in a folder that ends before a year without an allocation."""


def years_files(
    sequel: Sequel, around: Circumstances, encoding: Encoding, lang: Language, chart: bool
) -> dict[str, bytes]:
    """File name → content; `2023/…` are the files of that year's result."""
    files = _results(sequel.outcomes, sequel.years, around, encoding, lang)
    over = {f"{t.name}.csv": csv_bytes(t, encoding) for t in (years_table(sequel), shares_table(sequel))}
    if chart and sequel.shares:
        from reports.charts.style import save  # noqa: PLC0415
        from reports.charts.years import draw_years  # noqa: PLC0415 - matplotlib is slow to import
        from reports.years.chart import chart_data  # noqa: PLC0415

        pictures = save(draw_years(chart_data(sequel, lang), lang))
        over |= {f"shares.{kind}": content for kind, content in pictures.items()}
    ending = {"complete": True}
    return {**files, **over, "run.json": _record(sequel.years, ending, over, around)}


def unfinished_files(
    error: NoYear, around: Circumstances, encoding: Encoding, lang: Language
) -> dict[str, bytes]:
    """The same of a series that ends before a year without an allocation; `2025/scenario` is that year's."""
    before, failed = Sequel(error.before), error.failed
    files = _results(before.outcomes, before.years, around, encoding, lang)
    own = {f"{scenario_folder(failed)}/{name}": content for name, content in scenario_copy(failed).items()}
    ends = Text(f"本文件夹止于 {failed.number} 年之前", f"This folder ends before {failed.number}")
    note = "\n".join([ends.say(lang), "", *(one.say(lang) for one in error.reasons), ""])
    over = {**own, NOTE: note.encode()}
    ending = {
        "complete": False,
        "ended_before": failed.number,
        "failed": _year(failed),
        "reasons": [{"zh": one.zh, "en": one.en} for one in error.reasons],
    }
    return {**files, **over, "run.json": _record(before.years, ending, over, around)}


def scenario_folder(year: Fed) -> str:
    """Where in the folder the year's scenario stands, last year's columns filled in."""
    return f"{year.number}/scenario"


def _results(
    outcomes: Sequence[Outcome],
    years: Sequence[Year],
    around: Circumstances,
    encoding: Encoding,
    lang: Language,
) -> dict[str, bytes]:
    """A result folder for each year."""
    files: dict[str, bytes] = {}
    for year, outcome in zip(years, outcomes, strict=True):
        copy = {f"scenario/{name}": content for name, content in scenario_copy(year).items()}
        own = result_files(outcome, around, encoding, lang, copy)
        files |= {f"{year.number}/{name}": content for name, content in own.items()}
    return files


def _record(
    years: Sequence[Year], ending: Mapping[str, Any], files: Mapping[str, bytes], around: Circumstances
) -> bytes:
    """run.json of the whole; each year's folder has its own."""
    record = {
        "kind": KIND,
        "of": OF,
        "date": around.date,
        "command": around.command,
        "versions": versions(),
        "years": [_year(year) for year in years],
        **ending,
        "files": digests(files),
    }
    return (json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n").encode()


def _year(year: Fed) -> dict[str, Any]:
    return {
        "year": year.number,
        "scenario": year.loaded.scenario.name,
        "inputs": {name: {"sha256": d} for name, d in sorted(year.loaded.digests.items())},
        "fed": sorted(year.fed),
    }
