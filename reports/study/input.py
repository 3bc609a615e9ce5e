"""A study read back for reports: its tables as text, its charts as bytes with their titles."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.text import Language, Text
from reports.csv_files import CsvRows, csv_rows
from reports.folder import RECORD, edits, files_of

FOLDER = "sensitivity"
"""Where a result folder holds its study."""
CHARTS = "charts.json"


@dataclass(frozen=True, slots=True)
class StudyChart:
    """One chart of a study."""

    name: str
    """Name of its files, without the ending."""
    title: Text
    """The finding."""
    subtitle: Text
    table: str
    """Name of the CSV behind it, without the ending."""


@dataclass(frozen=True)
class StudyFolder:
    """A study as written."""

    folder: Path
    run: Mapping[str, Any]
    """run.json."""
    charts: tuple[StudyChart, ...]
    """In the order in which a meeting asks."""
    language: Language
    """Language of what is drawn into the charts."""

    def picture(self, chart: StudyChart, ending: str) -> bytes:
        """The chart's file: png or svg."""
        return (self.folder / f"{chart.name}.{ending}").read_bytes()

    def in_language(self, chart: StudyChart, ending: str, lang: Language) -> bytes | None:
        """The same with its words in `lang`; None where it was not drawn in it."""
        if lang == self.language:
            return self.picture(chart, ending)
        path = self.folder / lang / f"{chart.name}.{ending}"
        return path.read_bytes() if path.is_file() else None

    def rows(self, table: str) -> CsvRows:
        """Rows of one CSV as text, by column; none where there is no such table."""
        path = self.folder / f"{table}.csv"
        return csv_rows(path.read_bytes()) if path.is_file() else ()

    @cached_property
    def findings(self) -> Mapping[str, Text]:
        """What each chart finds, by name."""
        return {chart.name: chart.title for chart in self.charts}


def read_study(result: Path) -> StudyFolder | None:
    """The study beside a result; None where there is none.

    Raises BadInput where it was edited since, or studies another scenario than the result.
    """
    folder = result / FOLDER
    if not folder.exists():
        return None
    again = Text(
        f"请重新研究：allocator sensitivity {result} -o {folder}",
        f"study again: allocator sensitivity {result} -o {folder}",
    )
    files = files_of(folder / RECORD)
    if files is None or CHARTS not in files:
        raise BadInput([Fault(Place(str(folder)), Text("不是敏感性研究的结果", "not a study"), again)])
    faults = edits(folder, files, again)
    run = json.loads((folder / RECORD).read_bytes())
    if not faults and not _same_scenario(result, run):
        what = Text("研究的不是这个结果的方案", "a study of another scenario than the result's")
        faults = [Fault(Place(str(folder)), what, again)]
    if faults:
        raise BadInput(faults)
    listed = json.loads((folder / CHARTS).read_bytes())
    charts = tuple(
        StudyChart(c["name"], Text(**c["title"]), Text(**c["subtitle"]), c["table"]) for c in listed["charts"]
    )
    return StudyFolder(folder, run, charts, listed["language"])


def _same_scenario(result: Path, run: Mapping[str, Any]) -> bool:
    copied = {
        entry["sha256"]
        for name, entry in (files_of(result / RECORD) or {}).items()
        if name.startswith("scenario/") and not name.endswith(".md")
    }
    inputs = run.get("inputs")
    known = inputs.values() if isinstance(inputs, dict) else ()
    return {entry.get("sha256") for entry in known if isinstance(entry, dict)} == copied
