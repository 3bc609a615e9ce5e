"""The sliders of the page: every solved point as differences from the decision, packed small.

Differences are whole steps, stream by stream and use by use over the counties, in the order that goes
with them; the last use is left out, since uses add up to what streams do. A zero is followed by how
many more zeros come. Each number is written in base 64 with variable length, as source maps do: five
bits a letter, sign in the first.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text
from reports.page.words import tidy
from reports.report_input import Report

FILE = "sliders.json"
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def sliders_of(report: Report) -> dict[str, Any] | None:
    """What the script needs; None where the study has no sliders.

    Raises BadInput where the present point of a slider is not the decision that the page shows.
    """
    study = report.study
    path = None if study is None else study.folder / FILE
    if path is None or not path.is_file():
        return None
    read = json.loads(path.read_bytes())
    problem, counties = report.loaded.problem, report.loaded.counties
    streams, uses = list(problem.stream_names), list(problem.use_names)
    same = read["codes"] == list(counties.codes) and Fraction(read["step"]) == report.step
    if not same or set(read["streams"]) != set(streams) or set(read["uses"]) != set(uses):
        raise _stale(path)
    take = [read["streams"].index(s) for s in streams], [read["uses"].index(u) for u in uses]
    base = report.steps.sum(axis=2), report.steps.sum(axis=1)
    rules = {rule.id: rule.text for rule in report.loaded.scenario.rules}
    levers = []
    for lever in read["levers"]:
        points = [_point(point, base, take) for point in lever["points"]]
        if lever["present"] is not None and points[lever["present"]]["d"] != _nothing(base):
            raise _stale(path)
        levers.append(
            {**{key: lever[key] for key in ("path", "kind", "present")}, **_title(lever), "points": points}
        )
    short = {r for lever in levers for p in lever["points"] for r in p["rules"]}
    return {
        "streams": tidy(streams),
        "uses": tidy(uses),
        "levers": levers,
        "rules": tidy({r: list(rules.get(r, Text(r, r))) for r in sorted(short)}),
    }


def _title(lever: Mapping[str, Any]) -> dict[str, str]:
    return {side: tidy(lever["title"][side]) for side in ("zh", "en")}


def _point(
    point: Mapping[str, Any],
    base: tuple[NDArray[np.int64], NDArray[np.int64]],
    take: tuple[list[int], list[int]],
) -> dict[str, Any]:
    """One point; `d` are the packed differences, None where there is no allocation."""
    head = tidy({"zh": point["shown"]["zh"], "en": point["shown"]["en"], "rules": point["rules"]})
    if point["status"] != "solved":
        return {**head, "yaml": point["yaml"], "d": None}
    streams = np.array(point["streams"], dtype=np.int64)[:, take[0]] - base[0]
    uses = np.array(point["uses"], dtype=np.int64)[:, take[1]] - base[1]
    return {**head, "yaml": point["yaml"], "d": packed([*streams.T.ravel(), *uses.T[:-1].ravel()])}


def _nothing(base: tuple[NDArray[np.int64], NDArray[np.int64]]) -> str:
    """The packed differences of a point that changes nothing."""
    return packed([0] * (base[0].size + base[1][:, :-1].size))


def packed(numbers: Sequence[int]) -> str:
    """Whole numbers as letters."""
    return "".join(_letters(number) for number in _runs(numbers))


def _runs(numbers: Sequence[int]) -> Iterator[int]:
    """The numbers, each run of zeros as one zero and how many more there are."""
    zeros = 0
    for number in map(int, numbers):
        if number:
            if zeros:
                yield from (0, zeros - 1)
                zeros = 0
            yield number
        else:
            zeros += 1
    if zeros:
        yield from (0, zeros - 1)


def _letters(number: int) -> str:
    rest = abs(number) << 1 | (number < 0)
    out = ""
    while True:
        digit, rest = rest & 31, rest >> 5
        out += LETTERS[digit | (32 if rest else 0)]
        if not rest:
            return out


def _stale(path: Any) -> BadInput:
    what = Text("滑块的点不是这个结果算出的", "the sliders were not solved from this result")
    fix = Text(
        "请重新研究：allocator sensitivity 结果 -o 结果/sensitivity --sliders",
        "study again: allocator sensitivity RESULT -o RESULT/sensitivity --sliders",
    )
    return BadInput([Fault(Place(str(path)), what, fix)])
