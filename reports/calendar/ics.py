"""A calendar as iCalendar text (RFC 5545): the same bytes for the same input.

Each step is a whole-day event on its due day. Its UID depends on scenario, pack, case and step alone,
so that a later export replaces the earlier one in the calendar program; DTSTAMP is the latest day of
the input, not the time of writing, and SEQUENCE counts the days that are known.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from datetime import date, timedelta

from allocator.calendar.deadline import Deadline
from allocator.calendar.plan import Calendar
from allocator.calendar.steps import periods
from allocator.text import Language, Text
from reports.calendar.words import overrun

LONGEST = 75
"""Octets of a line, its end not counted (RFC 5545, 3.1)."""
WARNING = "-P3D"
"""A reminder this long before the due day."""
RULES = {
    "week": "FREQ=WEEKLY;BYDAY=SU",
    "month": "FREQ=MONTHLY;BYMONTHDAY=-1",
    "quarter": "FREQ=MONTHLY;INTERVAL=3;BYMONTHDAY=-1",
}
_FORBIDDEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f]")


def ics_bytes(made: Calendar, lang: Language) -> bytes:
    """The whole file."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//allocator//calendar//ZH",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{escaped(made.title.say(lang))}",
    ]
    for one in made.deadlines:
        lines += _event(one, made, lang)
    lines.append("END:VCALENDAR")
    return "".join(folded(line) for line in lines).encode()


def escaped(text: str) -> str:
    """A TEXT value (RFC 5545, 3.3.11): control characters have no place in it."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    text = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,").replace("\n", "\\n")
    return _FORBIDDEN.sub("\N{REPLACEMENT CHARACTER}", text)


def folded(line: str) -> str:
    """A content line with its CRLF, folded at 75 octets, never within a character."""
    parts: list[str] = []
    current: list[str] = []
    size = 0
    for mark in line:
        octets = len(mark.encode())
        if size + octets > LONGEST:
            parts.append("".join(current))
            # the blank that begins a continued line counts too
            current, size = [" "], 1
        current.append(mark)
        size += octets
    parts.append("".join(current))
    return "\r\n".join(parts) + "\r\n"


def _event(one: Deadline, made: Calendar, lang: Language) -> Iterator[str]:
    step = one.step
    day = periods(step.every, made.year)[0] if step.every else one.due
    if day is None:
        # no event without a day; calendar.csv says why it is not counted
        return
    yield "BEGIN:VEVENT"
    yield f"UID:{_uid(one, made)}"
    yield f"DTSTAMP:{_digits(made.stamp)}T000000Z"
    yield f"SEQUENCE:{len(made.known)}"
    yield f"DTSTART;VALUE=DATE:{_digits(day)}"
    yield f"DTEND;VALUE=DATE:{_digits(day + timedelta(days=1))}"
    if step.every:
        yield f"RRULE:{RULES[step.every]};UNTIL={made.year}1231"
    yield f"SUMMARY:{escaped(_summary(one, lang))}"
    yield f"DESCRIPTION:{escaped(_description(one, lang))}"
    yield f"CATEGORIES:{escaped(step.department.text().say(lang))}"
    yield "TRANSP:TRANSPARENT"
    if one.actual is None:
        yield from ("BEGIN:VALARM", "ACTION:DISPLAY", f"TRIGGER:{WARNING}")
        yield f"DESCRIPTION:{escaped(_summary(one, lang))}"
        yield "END:VALARM"
    yield "END:VEVENT"


def _uid(one: Deadline, made: Calendar) -> str:
    parts = (made.scenario, str(made.year), made.pack, one.case, one.step.chain, one.step.id)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32] + "@allocator"


def _digits(day: date) -> str:
    return day.strftime("%Y%m%d")


def _summary(one: Deadline, lang: Language) -> str:
    title = one.step.title.text(one.step.id).say(lang)
    name = f"{one.case} · {title}" if one.case else title
    if one.late:
        return Text(f"【逾期 {one.late} 天】{name}", f"[late by {one.late}] {name}").say(lang)
    if one.actual is not None:
        return Text(f"{name}（已于 {one.actual} 完成）", f"{name} (done {one.actual})").say(lang)
    return name


def _description(one: Deadline, lang: Language) -> str:
    step = one.step
    said = [
        Text(f"依据：{step.clause}", f"By: {step.clause}").say(lang),
        f"“{step.quote}”",
        Text(f"责任部门：{step.department.text().zh}", f"Department: {step.department.text().en}").say(lang),
    ]
    if one.since is not None:
        zh, en = ("（推算）", " (assumed)") if one.assumed else ("", "")
        said.append(
            Text(f"自 {one.since}{zh}起 {one.days} 天", f"{one.days} days from {one.since}{en}").say(lang)
        )
    over = overrun(one)
    if over is not None:
        said.append(over.say(lang))
    note = step.note.text().say(lang)
    return "\n".join([*said, *([note] if note else [])])
