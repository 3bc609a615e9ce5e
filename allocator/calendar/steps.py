"""Due dates of a chain of steps: what is known, and the latest lawful day of what is not yet known.

Where a step's start is not known, it is taken to happen on the due day of the step that leads to it. A
step whose length no document gives is due on the day from which the later steps still fit into the
chain's whole limit, but not before it starts; what lies between the two is the chain's slack.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from functools import cached_property

from allocator.calendar.days import CALENDAR_DAYS, Clock
from allocator.calendar.deadline import Deadline, Span, State, uncounted, why
from allocator.calendar.holidays import NoArrangement
from allocator.calendar.pack import Step
from allocator.dates import month_end
from allocator.text import Text


@dataclass(frozen=True)
class ChainDates:
    """One chain of one case: its steps in force and the events whose days are known."""

    steps: tuple[Step, ...]
    known: Mapping[str, date]
    clock: Clock = CALENDAR_DAYS
    expected: Mapping[str, date] = field(default_factory=dict)
    """Days on which events are due that no step leads to."""
    earliest: date | None = None
    """No event that is not known is before this day."""

    def assuming(self, expected: Mapping[str, date]) -> ChainDates:
        """The same with expected days of events that are not known."""
        return replace(self, expected=expected)

    @cached_property
    def _ordinals(self) -> dict[str, int]:
        return {event: day.toordinal() for event, day in {**self.expected, **self.known}.items()}

    def base(self, event: str) -> int | None:
        """Day of an event: the known one, else the day by which the step that leads to it must end.

        A whole limit counts only where no step of its own leads to the event: steps follow one another.
        """
        if event in self._ordinals:
            return self._ordinals[event]
        leading = [step for step in self.steps if step.end == event]
        own = [step for step in leading if not step.total]
        ends = [end for step in own or leading if (end := self.due(step)) is not None]
        bounds = [] if self.earliest is None else [self.earliest.toordinal()]
        return max([*ends, *bounds]) if ends else None

    def due(self, step: Step) -> int | None:
        """Last lawful day of a step, never before it starts."""
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
                    last = self.clock.before(last, window, start)
                limits.append(max(start, last))
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
        """Every step that follows from an event and has a due day.

        Raises NoArrangement where days were given; a chain that nobody asked for says what it lacks.
        """
        found = []
        for step in self.steps:
            try:
                one = self._deadline(step, case, today)
            except NoArrangement as error:
                if self.known:
                    raise
                one = uncounted(case, step, self.expected.get(step.start or ""), error)
            if one is not None:
                found.append(one)
        return found

    def _deadline(self, step: Step, case: str, today: date | None) -> Deadline | None:
        start = None if step.start is None else self.base(step.start)
        last = self.due(step)
        if last is None or start is None or step.end is None:
            return None
        order = self._order()
        reached = max((order.get(event, 0) for event in self.known), default=0)
        days = self.clock.between(start, last) if step.days is None else step.days
        due, actual = date.fromordinal(last), self.known.get(step.end)
        silent = order[step.end] < reached or (step.start in self.expected and _over(due, today))
        over = 0 if silent or actual is not None else self._overrun(step, last, today)
        assumed = step.start not in self.known
        bare = Deadline(case, step, date.fromordinal(start), assumed, days, due, actual, over=over)
        return self._judged(bare, due, today, silent)

    def _overrun(self, step: Step, last: int, today: date | None) -> int:
        """Days by which a whole limit is missed if its open steps end today or, later, use theirs up."""
        if not step.total or step.end is None:
            return 0
        end = replace(self, earliest=today).base(step.end)
        return 0 if end is None else max(0, end - last)

    def fixed(self, step: Step, case: str, year: int, today: date | None) -> Deadline:
        """A step that is due on a day of the year."""
        month, day = step.on or (12, 31)
        due, actual = date(year + step.year_shift, month, day), self.known.get(step.end or "")
        bare = Deadline(case, step, None, False, None, due, actual)
        return self._judged(bare, due, today, _over(due, today))

    def _judged(self, bare: Deadline, due: date, today: date | None, silent: bool) -> Deadline:
        """With its state; a step of which nothing is said, though its time is over, is `unknown`.

        Late is what has a number of days, or a fixed day, and whose start is known; what has none is
        over its share instead.
        """
        bound = bare.step.days is not None or bare.step.on is not None
        judged = bare.actual or today
        behind = 0 if bare.assumed or judged is None else max(0, (judged - due).days)
        late = behind if bound else 0
        state: State
        if bare.actual is not None:
            state = "done" if not behind else "done_late" if late else "done_over_share"
            return replace(bare, late=late, state=state)
        if silent:
            return replace(bare, state="unknown")
        state = "waiting" if bare.assumed else "open" if not behind else "late" if late else "over_share"
        left, reason = self._left(due, today)
        return replace(bare, left=left, late=late, state=state, reason=reason)

    def _left(self, due: date, today: date | None) -> tuple[int | None, Text | None]:
        """Days left, or why they are not counted."""
        if today is None:
            return None, None
        try:
            return self.clock.between(today.toordinal(), due.toordinal()), None
        except NoArrangement as error:
            if self.known:
                raise
            return None, why(error)

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
    return Deadline("", step, None, False, None, due, left=left)
