"""Calendars of a made-up plan, and their steps by name."""

from __future__ import annotations

from datetime import date

from allocator.calendar.days import CALENDAR_DAYS, Clock
from allocator.calendar.events import from_options
from allocator.calendar.holidays import read_holidays
from allocator.calendar.pack import book, chosen_readings, named_pack
from allocator.calendar.plan import make_calendar
from allocator.text import Text

HOLIDAYS = read_holidays()
WORKING = Clock(True, False, HOLIDAYS)
MOVED = Clock(False, True, HOLIDAYS)
NM = "inner-mongolia-2022"


def made(pack=NM, year=2025, readings=(), clock=CALENDAR_DAYS, today=None, known=None, **days):
    """A calendar from days by event, written as on the command line."""
    given = {event: [text] if isinstance(text, str) else text for event, text in days.items()}
    found = known if known is not None else from_options(given, book())
    chosen = chosen_readings(named_pack(pack), readings)
    scenario = ("plan", Text("方案", "Plan"), year)
    on = None if today is None else date.fromisoformat(today)
    return make_calendar(scenario, (pack, named_pack(pack)), chosen, found, clock, on)


def step(calendar, name):
    (found,) = [one for one in calendar.deadlines if one.step.id == name]
    return found


def due(calendar, name):
    return step(calendar, name).due.isoformat()
