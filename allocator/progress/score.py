"""From progress to the performance factor: a score by county, and its way into the next county table.

score = 100 × min(1, paid ÷ what the schedule asks), rounded half up to two places; 100 where the
schedule asks nothing yet. Documented in docs/progress-factor.md.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction
from pathlib import Path

from allocator.faults import BadInput, Fault
from allocator.input.county_table import REQUIRED, check_identity, refuse
from allocator.input.tables import read_table
from allocator.progress.spending import Progress
from allocator.progress.sums import Sum
from allocator.text import Text

SHEETS = ("counties", "旗县", "县表")
CENT = Decimal("0.01")


@dataclass(frozen=True)
class Score:
    """A county's score and what it follows from."""

    code: str
    county: str
    score: Decimal
    sum: Sum
    breaches: int


@dataclass(frozen=True)
class Merged:
    """A county table with the scores in it."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    unscored: tuple[str, ...]
    """Counties of the table that have no score; their cells stay as they were."""


def scores(progress: Progress) -> tuple[Score, ...]:
    """Every county with money, by code."""
    found = []
    for one in sorted(progress.ranking, key=lambda s: s.code):
        wanting = sum(flag.code == one.code for flag in progress.breaches)
        found.append(Score(one.code, one.county, score_of(one.sum), one.sum, wanting))
    return tuple(found)


def score_of(total: Sum) -> Decimal:
    """0 to 100, two places."""
    part = min(Fraction(1), total.paid / total.expected) if total.expected else Fraction(1)
    hundredths = part * 10000
    # half up, exactly: a binary float would not know the half
    whole = (2 * hundredths.numerator + hundredths.denominator) // (2 * hundredths.denominator)
    return (Decimal(whole) / 100).quantize(CENT, ROUND_HALF_UP)


def merge(path: Path, found: Sequence[Score], column: str) -> Merged:
    """The county table with `column` set to the scores; raises BadInput with every fault.

    A county with a score that the table lacks is a fault: the score would be lost.
    """
    table = read_table(path, str(path), SHEETS, REQUIRED)
    refuse(check_identity(table))
    by_code = {one.code: one for one in found}
    known = {record.cells["code"] for record in table.records}
    lost = [one for one in found if one.code not in known]
    if column in REQUIRED or lost:
        faults = [
            Fault(
                table.place(county=f"{one.code} {one.county}"),
                Text("有分数的旗县不在该表中", "a county with a score is not in this table"),
                Text("请核对代码", "check the codes"),
            )
            for one in lost
        ]
        if column in REQUIRED:
            what = Text("不能写入该列", "this column cannot take scores")
            faults.append(Fault(table.place(column=column), what, Text("换一个列名", "name another column")))
        raise BadInput(faults)
    columns = table.columns if column in table.columns else (*table.columns, column)
    rows = []
    for record in table.records:
        one = by_code.get(record.cells["code"])
        score = {} if one is None else {column: str(one.score)}
        cells = {column: "", **record.cells, **score}
        rows.append(tuple(cells[name] for name in columns))
    unscored = tuple(r.cells["county"] for r in table.records if r.cells["code"] not in by_code)
    return Merged(columns, tuple(rows), unscored)
