"""What it would take for one county to get more: the smallest turn of each single lever."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

from allocator.amounts import Amounts, LevelOne
from allocator.faults import BadInput
from allocator.whatif.levers import Lever, levers_of
from allocator.why.moves import Moves, moves
from solvers.solution import Infeasible, SolverError

TRIALS = tuple(Decimal(part) for part in ("0.01", "0.05", "0.2", "0.5", "1"))
"""Parts of the way to the end of a lever that are tried, near ones first."""
SHARPNESS = 9
"""Bisections of the first stretch in which the gain is reached."""
DIGITS = 3
"""Significant digits of the turn that is reported, rounded away from the present value."""


@dataclass(frozen=True)
class Reach:
    """One lever: the value nearest to the present one that gives the gain, or None."""

    lever: Lever
    value: Decimal | None
    gain: float
    """What the county gains at that value; the most that any tried value gave where there is none."""
    moves: Moves | None
    """Who gains and who loses at that value."""


def reach(
    one: LevelOne, county: int, gain: float, progress: Callable[[float], None] = lambda share: None
) -> tuple[Reach, ...]:
    """For every lever the smallest turn that gives the county `gain` more, in the unit.

    The first stretch of the lever in which a trial reaches the gain is bisected; where amounts
    do not move in one direction along a lever, a nearer value between two trials may be missed.
    """
    levers = levers_of(one.loaded, county)
    found = []
    for done, lever in enumerate(levers):
        sides = [_Side(one, lever, county, gain, end).search() for end in (lever.low, lever.high)]
        reached = [r for r in sides if r.value is not None]
        if reached:
            found.append(min(reached, key=lambda r: abs((r.value or lever.value) - lever.value)))
        else:
            found.append(max(sides, key=lambda r: r.gain))
        progress((done + 1) / len(levers))
    return tuple(found)


class _Side:
    """One lever towards one of its ends."""

    def __init__(self, one: LevelOne, lever: Lever, county: int, gain: float, end: Decimal) -> None:
        self.one, self.lever, self.county, self.wanted, self.end = one, lever, county, gain, end
        self.base = one.under()

    def search(self) -> Reach:
        """Trials outwards, then bisection."""
        start, way = self.lever.value, self.end - self.lever.value
        best = 0.0
        if not way or self._idle():
            return Reach(self.lever, None, best, None)
        before = start
        for part in TRIALS:
            value = start + way * part
            found = self._at(value)
            if found is None:
                return self._before(before, value, best)
            got = self._gain(found)
            best = max(best, got)
            if got >= self.wanted:
                return self._sharpened(before, value, best)
            before = value
        return Reach(self.lever, None, best, None)

    def _before(self, possible: Decimal, impossible: Decimal, best: float) -> Reach:
        """Looks for the gain between the last trial with an allocation and the first without."""
        low, high = possible, impossible
        for _ in range(SHARPNESS):
            middle = (low + high) / 2
            found = self._at(middle)
            if found is None:
                high = middle
                continue
            best = max(best, self._gain(found))
            if self._gain(found) >= self.wanted:
                return self._sharpened(low, middle, best)
            low = middle
        return Reach(self.lever, None, best, None)

    def _idle(self) -> bool:
        """Loosening a rule that no proof uses changes nothing."""
        knob = self.lever.knob
        if knob is None or knob.rule in self.base.used:
            return False
        both = knob.signed and self.one.loaded.scenario.rule_by_id[knob.rule].kind == "linear"
        return not both and (self.end - self.lever.value) * knob.loosens > 0

    def _sharpened(self, short: Decimal, enough: Decimal, best: float) -> Reach:
        for _ in range(SHARPNESS):
            middle = (short + enough) / 2
            found = self._at(middle)
            if found is not None and self._gain(found) >= self.wanted:
                enough = middle
            else:
                short = middle
        for value in (self._rounded(enough), enough):
            found = self._at(value)
            if found is not None and self._gain(found) >= self.wanted:
                change = moves(self.base.payments, found.payments)
                return Reach(self.lever, value, self._gain(found), change)
        return Reach(self.lever, None, best, None)

    def _rounded(self, value: Decimal) -> Decimal:
        turn = value - self.lever.value
        places = DIGITS - 1 - turn.adjusted()
        away = ROUND_CEILING if turn > 0 else ROUND_FLOOR
        shown = value.quantize(Decimal(1).scaleb(-places), away)
        inside = min(self.lever.value, self.end) <= shown <= max(self.lever.value, self.end)
        return shown if inside else value

    def _at(self, value: Decimal) -> Amounts | None:
        try:
            return self.lever.turn(self.one, value).under()
        except (BadInput, Infeasible, SolverError):
            return None

    def _gain(self, found: Amounts) -> float:
        return float(found.payments[self.county].sum() - self.base.payments[self.county].sum())
