"""Whose money may be taken back, how much at the most, and who may receive it.

内政发〔2022〕9号 五（三）: “对旗县（市、区）衔接资金滞留、执行进度慢、项目 6 个月以上未按时开工的，
自治区、盟市可采取收回、调整等方式，用于支持执行进度快的盟市、旗县”. The document gives no rates:
`slow` and `idle_months` apply only where they are stated; 以上 takes in the number itself (Civil
Code, article 1259), so that six months to the day are enough.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

import numpy as np

from allocator.dates import add_months
from allocator.loaded import Loaded
from allocator.names import percent
from allocator.reallocation.spending import Clock, Money, Progress, Spending
from allocator.text import Text

CLAUSE = "内政发〔2022〕9号 五（三）"
Within = Literal["region", "prefecture"]


@dataclass(frozen=True, slots=True)
class Terms:
    """What a meeting settles before money is taken back."""

    as_of: date
    months: int = 6
    """Months after which a project that has not started counts as late."""
    clock: Clock = "planned_start"
    """What those months are counted from (AMB-17); the grammar of the clause: the planned start."""
    slow: Decimal | None = None
    """Execution rate of a county below which all its idle money may be taken; None: not looked at."""
    idle_months: int | None = None
    """Months since receipt after which money untouched is idle (滞留); None: not looked at."""
    fast: Decimal | None = None
    """Least execution rate of a county that receives; None: the rate of all counties together."""
    within: Within = "region"
    """Where the money may go (AMB-18): anywhere, or within the prefecture it came from."""


@dataclass(frozen=True)
class Claim:
    """Money of one county and stream that may be taken back."""

    county: int
    stream: int
    takeable: Fraction
    """z (x − paid − committed), in whole steps, in the unit."""
    uses: tuple[tuple[int, Fraction], ...]
    """The same by use, where the table tells uses apart; empty otherwise."""
    reasons: tuple[Text, ...]


@dataclass(frozen=True)
class Assessment:
    """Rates, claims and receivers."""

    rates: tuple[Fraction | None, ...]
    """(n): paid over allocated; None where the table has no money of the county."""
    average: Fraction
    """The same of all rows together."""
    fast: Fraction
    """The rate from which on a county receives."""
    claims: tuple[Claim, ...]
    """By county, then stream."""
    triggered: frozenset[int]
    """Counties with a claim or a reason for one."""
    receivers: tuple[int, ...]
    exempted: tuple[tuple[int, str], ...]
    """(county, written reason) of rows that would have been taken back."""


def assess(loaded: Loaded, money: Money, progress: Progress, terms: Terms) -> Assessment:
    """Who is late, who is fast; `money` is the year's, flat."""
    n = len(loaded.counties)
    paid, given = [Fraction(0)] * n, [Fraction(0)] * n
    for row in progress.rows:
        paid[row.county] += row.paid
        given[row.county] += row.allocated
    rates = tuple(p / g if g else None for p, g in zip(paid, given, strict=True))
    total = sum(given, Fraction(0))
    average = sum(paid, Fraction(0)) / total if total else Fraction(0)
    fast = average if terms.fast is None else Fraction(terms.fast)
    late = [(row, why) for row in progress.rows if (why := reasons(row, rates[row.county], terms))]
    taken = [(row, why) for row, why in late if not row.exempt]
    triggered = frozenset(row.county for row, _ in taken)
    receivers = [
        i for i, rate in enumerate(rates) if rate is not None and rate >= fast and i not in triggered
    ]
    exempted = dict.fromkeys((row.county, row.exempt) for row, _ in late if row.exempt)
    claims = _claims(loaded, money, progress, taken)
    return Assessment(rates, average, fast, claims, triggered, tuple(receivers), tuple(exempted))


def reasons(row: Spending, rate: Fraction | None, terms: Terms) -> tuple[Text, ...]:
    """Why this row's idle money may be taken back; empty where nothing says so."""
    found = []
    start, received = row.dates[terms.clock], row.dates["received"]
    if start is not None and not row.started_by(terms.as_of):
        due = add_months(start, terms.months)
        if due <= terms.as_of:
            found.append(
                Text(
                    f"项目 {terms.months} 个月以上未按时开工（自 {start} 起，{due} 满）",
                    f"project not started {terms.months} months after {start} (by {due})",
                )
            )
    if terms.slow is not None and rate is not None and rate < Fraction(terms.slow):
        found.append(
            Text(
                f"执行进度慢（{percent(rate)} < {percent(Fraction(terms.slow))}）",
                f"slow: {percent(rate)} paid, below {percent(Fraction(terms.slow))}",
            )
        )
    untouched = not row.paid and not row.committed and row.allocated
    if terms.idle_months is not None and received is not None and untouched:
        due = add_months(received, terms.idle_months)
        if due <= terms.as_of:
            found.append(
                Text(
                    f"资金滞留（{received} 到账，{terms.idle_months} 个月未支付未签约）",
                    f"idle since {received}: nothing paid or contracted in {terms.idle_months} months",
                )
            )
    return tuple(found)


def _claims(
    loaded: Loaded, money: Money, progress: Progress, taken: Iterable[tuple[Spending, tuple[Text, ...]]]
) -> tuple[Claim, ...]:
    together: dict[tuple[int, int], list[tuple[Spending, tuple[Text, ...]]]] = {}
    for row, why in taken:
        together.setdefault((row.county, row.stream), []).append((row, why))
    step, cube = loaded.problem.step, money.reshape(loaded.problem.shape)
    unspent = _unspent(progress)
    found = []
    for (i, s), own in sorted(together.items()):
        said = tuple(dict.fromkeys(text for _, why in own for text in why))
        uses = {}
        for u in dict.fromkeys(row.use for row, _ in own):
            lying = cube[i, s].tolist() if u is None else [cube[i, s, u]]
            whole = sum((whole_steps(v, step) for v in lying), Fraction(0))
            late = sum((row.idle for row, _ in own if row.use == u), Fraction(0))
            idle = max(Fraction(0), min(late, unspent[i, s, u]))
            uses[u] = min(whole, whole_steps(idle, step))
        told = tuple((u, v) for u, v in sorted(uses.items(), key=str) if u is not None)
        found.append(Claim(i, s, sum(uses.values(), Fraction(0)), told, said))
    return tuple(found)


def _unspent(progress: Progress) -> dict[tuple[int, int, int | None], Fraction]:
    """Idle money of all rows together: a part that is overpaid is paid out of the others."""
    found: dict[tuple[int, int, int | None], Fraction] = {}
    for row in progress.rows:
        key = (row.county, row.stream, row.use)
        found[key] = found.get(key, Fraction(0)) + row.idle
    return found


def whole_steps(value: Fraction, step: Fraction) -> Fraction:
    """The largest multiple of `step` that is no more than `value`."""
    return value // step * step


def receivers_of(loaded: Loaded, assessment: Assessment, stream: int) -> list[int]:
    """Receivers that the stream is open to."""
    eligible = np.asarray(loaded.problem.open[:, stream].any(axis=1))
    return [i for i in assessment.receivers if eligible[i]]
