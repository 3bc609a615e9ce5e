"""What `allocator calendar` does: reads days, dates the steps, prints and writes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TypeVar

from allocator.calendar.days import CALENDAR_DAYS, Clock
from allocator.calendar.events import Unread, from_options, read_events
from allocator.calendar.holidays import BUNDLED, read_holidays
from allocator.calendar.known_days import chain_dates
from allocator.calendar.pack import book, chosen_readings, default_pack, in_force, named_pack
from allocator.calendar.plan import Calendar, make_calendar
from allocator.cli.calendar_screen import calendar_json, print_calendar, print_packs
from allocator.cli.screen import notices, print_json
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.load import load
from allocator.text import Language, Text
from reports.calendar.files import calendar_files
from reports.folder import write_folder
from reports.own_record import check_own, with_record

OF = "calendar"
Made = TypeVar("Made")


@dataclass(frozen=True)
class Wanted:
    """The command line."""

    scenario: str
    days: Mapping[str, tuple[str, ...]]
    """Event → days as given."""
    dates: Path | None
    today: str | None
    pack: str | None
    readings: tuple[str, ...]
    working_days: bool
    next_working_day: bool
    holidays: Path | None
    out: Path | None
    as_json: bool


def show_calendar(wanted: Wanted, lang: Language) -> int:
    """Prints the calendar, writes it where asked for; 1 where a step is late."""
    if wanted.out is not None:
        check_own(wanted.out, OF)
    made = _calendar(wanted)
    if wanted.out is not None:
        write_folder(wanted.out, with_record(OF, calendar_files(made, lang)))
    if wanted.as_json:
        print_json(calendar_json(made))
    else:
        print_calendar(made, lang)
        notices([*made.notices, *_missing_starts(made)], lang)
    return 1 if made.late else 0


def show_packs(as_json: bool, lang: Language) -> int:
    """Lists the packs and their readings."""
    packs = book().packs
    if as_json:
        listed = [
            {
                "name": name,
                "zh": pack.title.zh,
                "en": pack.title.en,
                "places": list(pack.places),
                "readings": {key: list(reading.choices) for key, reading in pack.readings.items()},
            }
            for name, pack in packs.items()
        ]
        print_json({"packs": listed})
    else:
        print_packs(packs, lang)
    return 0


def _calendar(wanted: Wanted) -> Calendar:
    """The calendar; raises BadInput with the faults of all options and tables at once."""
    loaded = load(wanted.scenario)
    scenario = loaded.scenario
    faults: list[Fault] = []
    name = wanted.pack or default_pack(loaded.counties.codes, scenario.year)
    pack = _tried(faults, lambda: named_pack(name))
    chosen = _tried(faults, lambda: chosen_readings(pack, wanted.readings)) if pack else None
    today, clock = _tried(faults, lambda: _today(wanted.today)), _tried(faults, lambda: _clock(wanted))
    rows = _tried(faults, lambda: read_events(wanted.dates) if wanted.dates else [])
    known = [*from_options(wanted.days, book()), *(rows or [])]
    if pack is None or chosen is None or rows is None:
        # without the pack or the table nothing can be said of names and order
        raise BadInput([*faults, *(one.fault for one in known if isinstance(one, Unread))])
    steps = in_force(pack, chosen, scenario.year)
    _tried(faults, lambda: chain_dates(known, steps, book(), CALENDAR_DAYS))
    if faults or clock is None:
        raise BadInput(faults)
    title = scenario.title.text(scenario.name)
    return make_calendar((scenario.name, title, scenario.year), (name, pack), chosen, known, clock, today)


def _tried(faults: list[Fault], make: Callable[[], Made]) -> Made | None:
    """What `make` gives, or None and its faults among the others."""
    try:
        return make()
    except BadInput as error:
        faults += error.faults
        return None


def _today(text: str | None) -> date | None:
    day = None if text is None else parse_date(text)
    if text is not None and day is None:
        raise BadInput([no_date(Place("--today"), text)])
    return day


def _clock(wanted: Wanted) -> Clock:
    used = wanted.working_days or wanted.next_working_day
    if wanted.holidays is not None and not used:
        what = Text("只在按工作日计算或顺延时才用", "is used only when working days count or last days move")
        fix = Text("加上 --working-days 或 --next-working-day", "add --working-days or --next-working-day")
        raise BadInput([Fault(Place("--holidays"), what, fix)])
    holidays = read_holidays(wanted.holidays or BUNDLED) if used else None
    return Clock(wanted.working_days, wanted.next_working_day, holidays)


def _missing_starts(made: Calendar) -> list[Text]:
    """Chains that are not in the table because nobody said when they start."""
    found = []
    for name in made.unstarted:
        chain = book().chains[name]
        option, title = (chain.start or "").replace("_", "-"), chain.title.text(name)
        found.append(
            Text(
                f"{title.zh}未排：没有起算日 --{option}",
                f"{title.en} is not in the table: its start is not given (--{option})",
            )
        )
    return found
