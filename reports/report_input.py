"""A result folder read back for reports: the decision as it was written, and its verdict.

Money is taken from allocation.csv as it stands there; nothing is decided anew.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated, Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from allocator.faults import BadInput, Fault, Place
from allocator.input.pydantic_faults import shorten
from allocator.input.result_table import read_result
from allocator.load import load
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.verdict import Verdict, judge
from reports.csv_files import CsvRows, csv_rows
from reports.folder import RECORD, edits, files_of
from reports.outcome import Money
from reports.study.input import StudyFolder, read_study

Count = Annotated[int, Field(ge=0)]
Figure = Annotated[float, Field(allow_inf_nan=False)]


class Written(BaseModel):
    """A part of run.json that reports read; what they do not read is not looked at."""

    model_config = ConfigDict(strict=True, extra="ignore")


class Digest(Written):
    """One file."""

    sha256: str


class Software(Written):
    """What solved."""

    name: str
    version: str


class Round(Written):
    """One round of the objective."""

    level: int
    departure: Figure
    frozen: list[str]
    rules: list[str]


class Solving(Written):
    """How the result was found."""

    status: str
    solver: Software
    certificate: Figure | None = None
    levels: list[Round] = []


class SecondOpinion(Written):
    """What another solver found."""

    solver: Software
    same_table: bool
    largest_difference_of_departures: Figure


class Rounded(Written):
    """What rounding moved."""

    largest_cell: Figure
    largest_county: Figure


class Counted(Written):
    """Rows that were judged."""

    rows: Count
    broken: Count
    vacuous: Count
    binding: Count


class Sentence(Written):
    """A text in both languages."""

    zh: str
    en: str


class RunRecord(Written):
    """run.json, as far as reports read it."""

    inputs: dict[str, Digest]
    files: dict[str, Digest]
    versions: dict[str, str]
    solving: Solving
    certified: SecondOpinion | None = None
    rounding: Rounded
    verdict: Counted
    notices: list[Sentence]


TABLES = ("allocation.csv", "counties.csv", "rules.csv", "formula.csv")


@dataclass(frozen=True)
class Report(Money):
    """A result folder. Sums are exact, in the unit; arrays are n counties × S streams × U uses."""

    folder: Path
    loaded: Loaded
    whole: NDArray[np.int64]
    """(n, S, U): this run's money in whole steps, as allocation.csv says."""
    verdict: Verdict
    run: Mapping[str, Any]
    """run.json."""
    tables: Mapping[str, CsvRows]
    """allocation, counties, rules and formula, as written."""
    study: StudyFolder | None
    """What `allocator sensitivity RESULT -o RESULT/sensitivity` wrote; None where there is none."""
    part: tuple[str, ...] = ()
    """The streams that this is about, in the scenario's order; empty: all of them."""

    @property
    def steps(self) -> NDArray[np.int64]:
        """(n, S, U): this run's money in whole steps."""
        return self.whole


def of_streams(report: Report, streams: Collection[str]) -> Report:
    """The same result with the money of some streams alone; the verdict stays that of the whole."""
    problem = report.loaded.problem
    kept = np.isin(problem.stream_names, list(streams))
    part = tuple(name for name in report.loaded.scenario.streams if name in streams)
    return replace(report, whole=report.whole * kept[None, :, None], part=part)


def read_report(folder: Path) -> Report:
    """The result folder, read and checked; raises BadInput where it is none, or was edited since."""
    record = _checked(folder)
    loaded = load(folder / "scenario")
    amounts = read_result(folder / "allocation.csv", loaded).amounts
    whole = np.array([int(amount) for amount in amounts.ravel()], dtype=np.int64).reshape(amounts.shape)
    tables = {name.removesuffix(".csv"): csv_rows((folder / name).read_bytes()) for name in TABLES}
    verdict = judge(loaded.problem, loaded.rows, whole)
    return Report(folder, loaded, whole, verdict, record, tables, read_study(folder))


def _checked(folder: Path) -> Mapping[str, Any]:
    """run.json, with every file as it was written."""
    again = Text(
        "请重新求解：allocator solve 方案 -o 文件夹", "solve again: allocator solve SCENARIO -o FOLDER"
    )
    if not folder.is_dir():
        raise BadInput([Fault(Place(str(folder)), Text("没有这个文件夹", "no such folder"), again)])
    files = files_of(folder / RECORD)
    if files is None or not {*TABLES, "scenario/scenario.yaml"} <= files.keys():
        what = Text("不是求解得到的结果文件夹", "not a result folder of solve")
        raise BadInput([Fault(Place(str(folder)), what, again)])
    found: Mapping[str, Any] = json.loads((folder / RECORD).read_bytes())
    faults = _misshapen(folder / RECORD, found, again) or edits(folder, files, again)
    if faults:
        raise BadInput(faults)
    return found


def _misshapen(path: Path, found: Mapping[str, Any], again: Text) -> list[Fault]:
    """A fault for every place of a record that is not as it is written."""
    try:
        RunRecord.model_validate(found)
    except ValidationError as error:
        return [_fault(path, item, again) for item in error.errors()]
    return []


def _fault(path: Path, item: Mapping[str, Any], again: Text) -> Fault:
    place = Place(str(path), path=".".join(map(str, item["loc"])))
    if item["type"] == "missing":
        return Fault(place, Text("缺少这一项", "is missing"), again)
    said = shorten(item["input"])
    return Fault(place, Text(f"不应是 {said}", f"can not be {said}"), again)
