"""Three counties in two prefectures, two streams, three uses: every rule's example."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np

from allocator.amount_program import amount_program, linear_rows
from allocator.problem import Problem
from allocator.rules import KINDS
from allocator.verdict import Judged, judge
from solvers.leximin_program import first_round
from solvers.pulp_model import write_lp
from tests.small import problem

GOLDEN = Path(__file__).resolve().parent.parent / "golden"


def example() -> Problem:
    """县1 and 县2 in 甲市, 县3 in 乙市; stream b is closed to 县2; 县1 already has 10 for industry."""
    return problem(
        {"a": [100.0, 60.0, 40.0], "b": [30.0, None, 20.0]},
        prefectures=["甲市", "甲市", "乙市"],
        numbers={"last": [150, 50, 0], "share": [0.6, 0.6, 0.4], "pipe": [70, None, 25]},
        groups={"poor": [0, 2], "nobody": []},
        committed={(0, "a", "industry"): 10},
    )


def rule(kind: str, **parameters: object):
    """A rule of a kind."""
    return KINDS[kind](kind=kind, id=kind, **parameters)


def judged(kind: str, table: dict[tuple[int, str, str], int], **parameters: object) -> dict[str, Judged]:
    """The rule's verdict on a table of amounts by county, stream and use, by `where`."""
    built = example()
    streams, uses = list(built.streams), list(built.uses)
    amounts = np.zeros(built.shape, dtype=np.int64)
    for (i, s, u), amount in table.items():
        amounts[i, streams.index(s), uses.index(u)] = amount
    own = rule(kind, **parameters)
    return {row.where: row for row in judge(built, {kind: own.rows(built)}, amounts).rules}


def check_golden(kind: str, tmp_path: Path, **parameters: object) -> None:
    """The rule's first-round program on the example equals tests/golden/KIND.lp.

    ALLOCATOR_GOLDEN=write writes the file instead, to be read and committed by a person.
    """
    built = example()
    rows = {kind: rule(kind, **parameters).rows(built)}
    first = amount_program(built, linear_rows(built, rows), keep_rows=True)
    made = tmp_path / "made.lp"
    write_lp(first_round(first.program, first.departures), made)
    golden = GOLDEN / f"{kind}.lp"
    if os.environ.get("ALLOCATOR_GOLDEN") == "write":
        golden.write_bytes(made.read_bytes())
    # the order of bounds differs between PuLP 3 and 4
    assert sorted(made.read_text(encoding="utf-8").split()) == sorted(
        golden.read_text(encoding="utf-8").split()
    )
