"""What a list must hold of a year to be that year's arrangement of holidays.

The arrangement of a year gives days off at each statutory festival and says on which weekend days people
work instead. A list that holds less (a day that the neighbouring year's arrangement moved, say) speaks
of that year but does not know it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from allocator.text import Text

MonthDay = tuple[int, int]


@dataclass(frozen=True)
class Festival:
    """A statutory festival: so many days off that may lie within these days of the year."""

    title: Text
    within: tuple[tuple[MonthDay, MonthDay], ...]
    """First and last days; festivals of the lunar year move between them."""
    days: int

    def stands_in(self, year: int, off: Iterable[date]) -> bool:
        """Are there as many days off?"""
        spans = [(date(year, *first), date(year, *last)) for first, last in self.within]
        return sum(any(first <= day <= last for first, last in spans) for day in off) >= self.days


FESTIVALS = (
    Festival(Text("元旦", "New Year"), (((1, 1), (1, 1)),), 1),
    Festival(Text("春节", "Spring Festival"), (((1, 20), (2, 23)),), 3),
    Festival(Text("清明节", "Qingming"), (((4, 4), (4, 5)),), 1),
    Festival(Text("劳动节", "Labour Day"), (((5, 1), (5, 1)),), 1),
    Festival(Text("端午节", "Dragon Boat Festival"), (((5, 20), (6, 30)),), 1),
    # where it falls into the first week of October, the eighth is a day off for it
    Festival(Text("中秋节", "Mid-Autumn"), (((9, 1), (9, 30)), ((10, 8), (10, 8))), 1),
    Festival(Text("国庆节", "National Day"), (((10, 1), (10, 3)),), 3),
)
"""Regulation on public holidays, article 2; days that every arrangement since 2008 gave."""
MADE_UP = Text("调休上班日", "make-up workdays")


def lacking(year: int, off: Iterable[date], on: Iterable[date]) -> list[Text]:
    """What of the year's arrangement is not in a list of days off and make-up workdays; none: it is whole."""
    days = [day for day in off if day.year == year]
    missing = [festival.title for festival in FESTIVALS if not festival.stands_in(year, days)]
    return missing if any(day.year == year for day in on) else [*missing, MADE_UP]
