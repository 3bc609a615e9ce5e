"""One step with its days, and a chain's whole limit: what the calendar says of each."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from allocator.calendar.pack import Step
from allocator.faults import BadInput
from allocator.text import Text

State = Literal[
    "done", "done_late", "done_over_share", "unknown", "late", "over_share", "open", "waiting", "uncounted"
]
"""Done; done late; done after the day left to it; its day not given though its time is over; overdue; past
the day left to it, which no document gives; open; start not yet known; not counted for want of holidays."""


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
    """Days allowed; for a step without a number, what is left to it."""
    due: date | None
    """None where it cannot be counted."""
    actual: date | None = None
    left: int | None = None
    """Days from today to the due day, as the clock counts; None without today, or when done."""
    late: int = 0
    """Calendar days late, 0 where not."""
    state: State = "open"
    over: int = 0
    """Of a whole limit: calendar days by which it is missed if the open steps use theirs to the full."""
    reason: Text | None = None
    """Why the due day, or the days left, are not counted."""


@dataclass(frozen=True)
class Span:
    """A chain's whole limit against the sum of its steps' own."""

    step: Step
    windows: tuple[int, ...]
    slack: int
    """Whole limit less the sum: what the unnumbered step has if all others are used to the full."""
    longest: int
    """Days from the chain's first event to its last, if every limit is used to the full."""


def uncounted(case: str, step: Step, since: date | None, error: BadInput) -> Deadline:
    """A step whose due day cannot be counted, and why."""
    return Deadline(case, step, since, True, step.days, None, state="uncounted", reason=why(error))


def why(error: BadInput) -> Text:
    """The error as a reason."""
    return Text(error.say("zh"), error.say("en"))
