"""Dates as people type them, read exactly or refused; months counted as the Civil Code counts them."""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date

from allocator.faults import Fault, Place
from allocator.input.pydantic_faults import shorten
from allocator.text import Text

_FORMS = (
    re.compile(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})([ T]00:00:00)?"),
    re.compile(r"([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})"),
    re.compile(r"([0-9]{4})\.([0-9]{1,2})\.([0-9]{1,2})"),
    re.compile(r"([0-9]{4})年([0-9]{1,2})月([0-9]{1,2})日"),
)
_FIRST_YEAR, _LAST_YEAR = 1990, 2199


def parse_date(text: str) -> date | None:
    """The day, or None where the text is none; 2025-03-14, 2025/3/14 and 2025年3月14日 are read alike."""
    clean = unicodedata.normalize("NFKC", text).strip()
    for form in _FORMS:
        found = form.fullmatch(clean)
        if found and _FIRST_YEAR <= int(found[1]) <= _LAST_YEAR:
            try:
                return date(int(found[1]), int(found[2]), int(found[3]))
            except ValueError:
                return None
    return None


def no_date(place: Place, text: str) -> Fault:
    """The fault of a text that is no day."""
    return Fault(
        place,
        Text(f"不是有效日期：{shorten(text)}", f"not a valid date: {shorten(text)}"),
        Text("请写成 2025-03-14 的形式", "write it as 2025-03-14"),
    )


def month_end(day: date) -> date:
    """The last day of the day's month."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def add_months(day: date, months: int) -> date:
    """The same day some months later, or that month's last day where it has no such day.

    Civil Code, article 202: the corresponding day of the month of expiry, else the end of that month.
    """
    count = day.year * 12 + day.month - 1 + months
    first = date(count // 12, count % 12 + 1, 1)
    return first.replace(day=min(day.day, month_end(first).day))
