"""Due dates of a chain of steps: what is known, and the latest lawful day of what is not yet known.

Where a step's start is not known, it is taken to happen on its own latest lawful day. A step whose
length no document gives is due on the day from which the later steps still fit into the chain's whole
limit; what lies between its start and that day is the chain's slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property
from typing import Literal

from allocator.calendar.days import CALENDAR_DAYS, Clock
from allocator.calendar.pack import Step
from allocator.dates import month_end

State = Literal["done", "done_late", "unknown", "late", "open", "waiting"]
"""Done, done late, its day not given though its time is over, overdue, open, or start not yet known."""


@dataclass(frozen=True)
class Deadline:
    """One step with its days."""

    case: str
    """Batch or direction, as the user calls it; empty where there is one only."""
    step: Step
    since: date | None
    """Start of the days; None for a fixed day."""
    assumed: bool
    """The start is its latest lawful day, not a known one."""
    days: int | None
    """Days allowed; for a step without a number, what is left to it (may be negative)."""
    due: date
    actual: date | None
    left: int | None
    """Days from today to the due day, as the clock counts; None without today, or when done."""
    late: int
    """Calendar days late, 0 where not."""
    state: State


@dataclass(frozen=True)
class Span:
    """A chain's whole limit against the sum of its steps' own."""

    step: Step
    windows: tuple[int, ...]
    slack: int
    """Whole limit less the sum: what the unnumbered step has if all others are used to the full."""
    longest: int
    """Days from the chain's first event to its last, if every limit is used to the full."""


@dataclass(frozen=True)
class ChainDates:
    """One chain of one case: its steps in force and the events whose days are known."""

    steps: tuple[Step, ...]
    known: Mapping[str, date]
    clock: Clock = CALENDAR_DAYS
    expected: Mapping[str, date] = field(default_factory=dict)
    """Days on which events are due that no step leads to."""

    def assuming(self, expected: Mapping[str, date]) -> ChainDates:
        """The same with expected days of events that are not known."""
        return replace(self, expected=expected)

    @cached_property
    def _ordinals(self) -> dict[str, int]:
        return {event: day.toordinal() for event, day in {**self.expected, **self.known}.items()}

    def base(self, event: str) -> int | None:
        """Day of an event: the known one, else the latest lawful one; None where nothing leads to it."""
        if event in self._ordinals:
            return self._ordinals[event]
        ends = [end for step in self.steps if step.end == event and (end := self.due(step)) is not None]
        return min(ends, default=None)

    def due(self, step: Step) -> int | None:
        """Last lawful day of a step."""
        start = self.base(step.start) if step.start is not None else None
        if start is None:
            return None
        if step.days is not None:
            return self.clock.after(start, step.days)
        limits = []
        for whole in self.steps:
            begun = self.base(whole.start) if whole.total and whole.start is not None else None
            if begun is not None and whole.days is not None:
                last = self.clock.after(begun, whole.days)
                for window in reversed(self._windows(step.end, whole.end)):
                    last = self.clock.before(last, window)
                limits.append(last)
        return min(limits, default=None)

    def _windows(self, event: str | None, stop: str | None) -> list[int]:
        """Days of the numbered steps that lead from one event to another, in order."""
        return [step.days for step in self._path(event, stop) or () if step.days is not None]

    def _path(self, event: str | None, stop: str | None) -> list[Step] | None:
        if event == stop:
            return []
        for step in self.steps:
            if step.start == event and not step.total:
                rest = self._path(step.end, stop)
                if rest is not None:
                    return [step, *rest]
        return None

    def spans(self) -> list[Span]:
        """Each whole limit against the sum of its windows, in calendar days from nought."""
        found = []
        for whole in self.steps:
            if whole.total and whole.start is not None and whole.days is not None:
                # day 1000 stands for the start: ordinals begin at 1 and counting back must not go below
                bare = ChainDates(self.steps, {whole.start: date.fromordinal(1000)})
                ends = [end for s in self.steps if s.end and (end := bare.base(s.end)) is not None]
                windows = tuple(self._windows(whole.start, whole.end))
                found.append(Span(whole, windows, whole.days - sum(windows), max(ends) - 1000))
        return found

    def deadlines(self, case: str, today: date | None) -> list[Deadline]:
        """Every step that follows from an event and has a due day."""
        order = self._order()
        reached = max((order.get(event, 0) for event in self.known), default=0)
        found = []
        for step in self.steps:
            last = self.due(step)
            start = None if step.start is None else self.base(step.start)
            if last is None or start is None or step.end is None:
                continue
            days = self.clock.between(start, last) if step.days is None else step.days
            due, actual = date.fromordinal(last), self.known.get(step.end)
            assumed = step.start not in self.known
            silent = order[step.end] < reached or (step.start in self.expected and _over(due, today))
            bare = Deadline(case, step, date.fromordinal(start), assumed, days, due, actual, None, 0, "open")
            found.append(self._judged(bare, today, silent))
        return found

    def fixed(self, step: Step, case: str, year: int, today: date | None) -> Deadline:
        """A step that is due on a day of the year."""
        month, day = step.on or (12, 31)
        due, actual = date(year + step.year_shift, month, day), self.known.get(step.end or "")
        bare = Deadline(case, step, None, False, None, due, actual, None, 0, "open")
        return self._judged(bare, today, _over(due, today))

    def _judged(self, bare: Deadline, today: date | None, silent: bool) -> Deadline:
        """With its state; a step of which nothing is said, though its time is over, is `unknown`.

        Late is what has a number of days, or a fixed day, and whose start is known.
        """
        due, actual = bare.due, bare.actual
        bound = not bare.assumed and (bare.step.days is not None or bare.step.on is not None)
        if actual is not None:
            late = max(0, (actual - due).days) if bound else 0
            return replace(bare, late=late, state="done_late" if late else "done")
        if silent:
            return replace(bare, state="unknown")
        state: State = "waiting" if bare.assumed else "open"
        if today is None:
            return replace(bare, state=state)
        left = self.clock.between(today.toordinal(), due.toordinal())
        late = max(0, (today - due).days) if bound else 0
        return replace(bare, left=left, late=late, state="late" if late else state)

    def _order(self) -> dict[str, int]:
        """Events in the order in which they must happen."""
        order: dict[str, int] = {}
        for _ in self.steps:
            for step in self.steps:
                if step.start is not None and step.end is not None:
                    order.setdefault(step.start, 0)
                    order[step.end] = max(order.get(step.end, 0), order[step.start] + 1)
        return order

    def follows(self, first: str, second: str) -> bool:
        """Does the second event come after the first in the chain?"""
        return self._path(first, second) is not None

    def ordered_events(self) -> list[str]:
        """Events of the chain, first to last."""
        order = self._order()
        return sorted(order, key=lambda event: order[event])


def _over(due: date, today: date | None) -> bool:
    return today is not None and today > due


def periods(every: str, year: int) -> list[date]:
    """Last days of the weeks (Sundays), months or quarters of a year."""
    if every == "week":
        first = date(year, 1, 1)
        sunday = first + timedelta(days=6 - first.weekday())
        return [d for k in range(53) if (d := sunday + timedelta(weeks=k)).year == year]
    months = range(1, 13) if every == "month" else range(3, 13, 3)
    return [month_end(date(year, month, 1)) for month in months]


def routine(step: Step, year: int, today: date | None) -> Deadline:
    """The next occurrence of what is done every period: from today on, else the year's first."""
    days = periods(step.every or "month", year)
    due = next((day for day in days if today is None or day >= today), days[-1])
    left = None if today is None else (due - today).days
    return Deadline("", step, None, False, None, due, None, left, 0, "open")
