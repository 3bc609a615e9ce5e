"""How days of a time limit are counted: calendar days or working days, and where a last day may fall.

Days are ordinals (`datetime.date.toordinal`), so that lengths and dates go through the same sums. The
day on which a limit starts is not counted (Civil Code, article 201).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from allocator.calendar.holidays import Holidays


@dataclass(frozen=True)
class Clock:
    """One way to count."""

    working: bool = False
    """Count working days only."""
    extended: bool = False
    """A last day on a day off moves to the next working day (Civil Code, article 203)."""
    holidays: Holidays | None = None
    """Needed by both; not needed where every day counts."""

    def after(self, start: int, days: int) -> int:
        """Last day of a limit of `days` that starts on `start`; raises BadInput outside the holiday list."""
        if self.working:
            return self._worked(start, days)
        last = start + days
        return self._next_working(last) if self.extended else last

    def before(self, last: int, days: int, floor: int = 1) -> int:
        """Latest start from which a limit of `days` still ends on `last` or earlier; a working day if
        those are counted; `floor` where that is earlier.
        """
        start = last - days
        while start > floor and (self.after(start, days) > last or (self.working and not self._works(start))):
            start -= 1
        return max(start, floor)

    def between(self, start: int, end: int) -> int:
        """Days from `start` to `end` as this clock counts them; negative where `end` is earlier."""
        if not self.working:
            return end - start
        low, high = sorted((start, end))
        count = sum(self._works(day) for day in range(low + 1, high + 1))
        return count if end >= start else -count

    def _worked(self, start: int, days: int) -> int:
        day = start
        while days > 0:
            day += 1
            days -= self._works(day)
        return day

    def _next_working(self, day: int) -> int:
        while not self._works(day):
            day += 1
        return day

    def _works(self, day: int) -> bool:
        if self.holidays is None:
            raise ValueError("counting working days takes a list of holidays")
        return self.holidays.works(date.fromordinal(day))


CALENDAR_DAYS = Clock()
"""Every day counts."""
