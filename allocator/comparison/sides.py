"""What can be compared: a scenario, solved, or a result folder as it was written.

A result whose table is what its copy of the scenario solves to is taken as that scenario, so that
causes can be told; any other result gives its amounts alone.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocator.faults import BadInput, NoAllocation, Place
from allocator.input.files import read_text
from allocator.input.tables import Table, read_table
from allocator.input.yaml_tree import fault
from allocator.load import load
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.optimum import Progress, silent
from allocator.plan import decide
from allocator.policy import Title
from allocator.text import Text

RUN, AMOUNTS, COUNTIES = "run.json", "allocation.csv", "counties.csv"
KIND = "allocator-result"
MOST_BYTES = 64 << 20


@dataclass(frozen=True)
class Side:
    """One of the allocations: a scenario that was solved, or a result as it was written."""

    source: str
    title: Text
    unit: str
    step: Fraction
    counties: Mapping[str, tuple[str, str]]
    """Code → name and prefecture, by code."""
    by_stream: Mapping[str, Mapping[str, Fraction]]
    """Stream → code → amount; what is not there is nothing."""
    loaded: Loaded | None = None
    """None for a result."""
    payments: NDArray[np.float64] | None = None
    """(n): each county's money before rounding."""

    @cached_property
    def paid(self) -> dict[str, Fraction]:
        """Code → amount of all streams."""
        totals = dict.fromkeys(self.counties, Fraction(0))
        for own in self.by_stream.values():
            for code, amount in own.items():
                totals[code] += amount
        return totals

    @property
    def by_stream_paid(self) -> dict[tuple[str, str], Fraction]:
        """(stream, code) → amount, of those that are paid something."""
        return {(s, code): v for s, own in self.by_stream.items() for code, v in own.items() if v}

    @property
    def total(self) -> Fraction:
        """Everything that is paid."""
        return sum(self.paid.values(), Fraction(0))


def read_side(source: str, progress: Progress = silent) -> Side:
    """A scenario, solved; or a result folder, read."""
    path = Path(source)
    if path.is_dir() and (path / RUN).is_file() and not (path / "scenario.yaml").is_file():
        result = _result(source, path)
        if not (path / "scenario" / "scenario.yaml").is_file():
            return result
        side = _solved(source, progress)
        return side if side.by_stream_paid == result.by_stream_paid else result
    return _solved(source, progress)


def _solved(source: str, progress: Progress) -> Side:
    loaded = load(source)
    try:
        allocation, found = decide(loaded, progress=progress)
    except NoAllocation as error:
        head, *others = error.reasons
        raise NoAllocation([Text(f"{source}：{head.zh}", f"{source}: {head.en}"), *others]) from None
    scenario, counties, step = loaded.scenario, loaded.counties, loaded.problem.step
    paid = allocation.steps.sum(axis=2).tolist()
    return Side(
        source,
        scenario.title.text(scenario.name),
        scenario.unit,
        step,
        dict(zip(counties.codes, zip(counties.names, counties.prefectures, strict=True), strict=True)),
        {
            name: {code: row[s] * step for code, row in zip(counties.codes, paid, strict=True)}
            for s, name in enumerate(loaded.problem.stream_names)
        },
        loaded,
        np.asarray(found.first.payments(loaded.problem, found.first_levels.x).sum(axis=1)),
    )


def _result(source: str, path: Path) -> Side:
    """A result folder: run.json for unit and step, allocation.csv for the amounts."""
    title, unit, step = _record(source, path / RUN)
    table = read_table(
        path / AMOUNTS, f"{source}/{AMOUNTS}", (), ("code", "county", "prefecture", "stream", "amount")
    )
    counties: dict[str, tuple[str, str]] = {}
    # counties without money stand in counties.csv alone
    listed = path / COUNTIES
    tables = [table]
    if listed.is_file():
        tables.append(read_table(listed, f"{source}/{COUNTIES}", (), ("code", "county", "prefecture")))
    for one in tables:
        for row in one.records:
            counties[row.cells["code"]] = (row.cells["county"], row.cells["prefecture"])
    return Side(source, title, unit, step, dict(sorted(counties.items())), _amounts(table))


def _record(source: str, file: Path) -> tuple[Text, str, Fraction]:
    """Title, unit and step of a result, from run.json."""
    shown = f"{source}/{RUN}"
    try:
        record = json.loads(read_text(file, shown, MOST_BYTES))
        scenario = record["scenario"]
        if record["kind"] == KIND:
            title = Title.model_validate(scenario["title"]).text(str(scenario["name"]))
            return title, str(scenario["unit"]), Fraction(str(scenario["step"]))
    except (ValueError, KeyError, TypeError, ZeroDivisionError):
        pass
    what = fault(
        Place(shown),
        "不是 allocator 的结果记录",
        "this is no record of a result of allocator",
        "请给出 allocator solve -o 写出的文件夹",
        "give a folder that allocator solve -o wrote",
    )
    raise BadInput([what])


def _amounts(table: Table) -> dict[str, dict[str, Fraction]]:
    """Stream → code → amount."""
    found: dict[str, dict[str, Fraction]] = {}
    faults = []
    for row in table.records:
        number = parse_number(row.cells["amount"])
        if number is None:
            place = table.place(row, "amount", row.cells["code"])
            faults.append(fault(place, "不是数字", "not a number", "请填写数字", "write a number"))
            continue
        own = found.setdefault(row.cells["stream"], {})
        own[row.cells["code"]] = own.get(row.cells["code"], Fraction(0)) + Fraction(number)
    if faults:
        raise BadInput(faults)
    return found
