"""Packs of steps with a time limit: what a region's documents require, under which readings.

The packs are data (data/calendar_steps.yaml); this module gives them types, picks the pack of a
scenario by its county codes and year, and leaves the steps that the chosen readings put in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from difflib import get_close_matches
from functools import cache, cached_property
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator

from allocator.faults import BadInput, Fault, Place
from allocator.input.yaml_tree import read_yaml
from allocator.policy import Model, Title
from allocator.text import Text

DATA = Path(__file__).parent.parent / "data" / "calendar_steps.yaml"
FALLBACK = "national"


def _day(value: Any) -> Any:
    return date.fromisoformat(value) if isinstance(value, str) else value


def _month_day(value: Any) -> Any:
    return tuple(int(part) for part in value.split("-")) if isinstance(value, str) else value


class Step(Model):
    """One thing that somebody must have done by a day."""

    id: str
    chain: str
    title: Title
    clause: str
    quote: str
    department: Title
    note: Title = Title()
    start: str | None = None
    """Event from which the days run."""
    end: str | None = None
    """Event that is due."""
    days: int | None = None
    """None: the documents give no number, and the chain's whole limit alone binds."""
    on: Annotated[tuple[int, int] | None, BeforeValidator(_month_day)] = None
    """Month and day of a step that is due on a fixed day."""
    year_shift: int = 0
    """Years from the scenario's year to that day's."""
    every: Literal["week", "month", "quarter"] | None = None
    """Done again and again, by the end of each period."""
    years: tuple[int, ...] = ()
    """Years of the scenario in which it is done; none: every year."""
    total: bool = False
    """A limit of a whole chain, over its steps' own."""
    when: Mapping[str, str] = {}
    """Reading → choice under which the step is in force."""


class Reading(Model):
    """An ambiguous clause: the first choice is the default."""

    title: Title
    choices: Mapping[str, Title]


class Include(Model):
    """Steps taken over from another pack."""

    pack: str
    chains: tuple[str, ...] | None = None
    """None: all."""


class Chain(Model):
    """Steps that follow from one event, or that stand on days of the year."""

    title: Title
    start: str | None = None
    """None: nothing starts it."""


class Pack(Model):
    """What one document, or one law, asks for."""

    title: Title
    document: str
    places: tuple[str, ...] = ()
    """First digits of the county codes of which it speaks; none: everywhere."""
    begins: Annotated[date | None, BeforeValidator(_day)] = None
    include: Include | None = None
    readings: Mapping[str, Reading] = {}
    steps: tuple[Step, ...]


@dataclass(frozen=True)
class Book:
    """All that the data file holds."""

    events: Mapping[str, Text]
    chains: Mapping[str, Chain]
    packs: Mapping[str, Pack]
    """With what they include already in them."""

    @cached_property
    def starts(self) -> dict[str, str]:
        """Event → the chain that it starts."""
        return {chain.start: name for name, chain in self.chains.items() if chain.start is not None}

    @cached_property
    def only_in(self) -> dict[str, str]:
        """Event → the chain to which it belongs, where that is one alone."""
        found: dict[str, set[str]] = {}
        for step in (step for pack in self.packs.values() for step in pack.steps):
            for event in (step.start, step.end):
                if event is not None:
                    found.setdefault(event, set()).add(step.chain)
        return {event: chain for event, (chain, *others) in found.items() if not others}


@cache
def book() -> Book:
    """The bundled packs."""
    tree: dict[str, Any] = read_yaml(DATA, DATA.name).plain()
    packs: dict[str, Pack] = {}
    for name, written in tree["packs"].items():
        # `from` is no name in Python
        begins = written.pop("from", None)
        pack = Pack.model_validate({**written, "begins": begins})
        packs[name] = pack if pack.include is None else _included(pack, packs[pack.include.pack])
    return Book(
        {name: Title.model_validate(title).text(name) for name, title in tree["events"].items()},
        {name: Chain.model_validate(chain) for name, chain in tree["chains"].items()},
        packs,
    )


def _included(pack: Pack, other: Pack) -> Pack:
    wanted = pack.include.chains if pack.include is not None else None
    taken = tuple(step for step in other.steps if wanted is None or step.chain in wanted)
    used = {reading for step in taken for reading in step.when}
    readings = {name: reading for name, reading in other.readings.items() if name in used}
    return pack.model_copy(update={"steps": (*taken, *pack.steps), "readings": {**readings, **pack.readings}})


def default_pack(codes: Iterable[str], year: int) -> str:
    """The pack whose places hold all the counties, the nearest one first, if it begins by that year."""
    known = list(codes)
    fitting = [
        (max(len(place) for place in pack.places if known[0].startswith(place)), pack.begins, name)
        for name, pack in book().packs.items()
        if pack.places
        and pack.begins is not None
        and pack.begins.year <= year
        and all(code.startswith(pack.places) for code in known)
    ]
    return max(fitting)[2] if fitting else FALLBACK


def named_pack(name: str) -> Pack:
    """The pack of that name; raises BadInput with the names there are."""
    packs = book().packs
    if name in packs:
        return packs[name]
    near = get_close_matches(name, packs, 3) or list(packs)
    raise BadInput(
        [
            Fault(
                Place(f"--pack {name}"),
                Text("没有这个规则包", "there is no such pack"),
                Text(
                    f"可用的：{'、'.join(near)}；--packs 列出全部",
                    f"use {', '.join(near)}; --packs lists all",
                ),
            )
        ]
    )


def chosen_readings(pack: Pack, given: Iterable[str]) -> dict[str, str]:
    """Reading → choice: the defaults, changed by NAME=CHOICE; raises BadInput with every wrong one."""
    chosen = {name: next(iter(reading.choices)) for name, reading in pack.readings.items()}
    faults = []
    for text in given:
        name, _, choice = text.partition("=")
        reading = pack.readings.get(name)
        if reading is not None and choice in reading.choices:
            chosen[name] = choice
            continue
        if reading is None:
            what = Text(f"该规则包没有口径 {name}", f"the pack has no reading {name}")
            names = list(pack.readings)
        else:
            what = Text(f"口径 {name} 没有选项 {choice}", f"reading {name} has no choice {choice}")
            names = list(reading.choices)
        fix = Text(f"可用的：{'、'.join(names) or '无'}", f"use: {', '.join(names) or 'none'}")
        faults.append(Fault(Place(f"--reading {text}"), what, fix))
    if faults:
        raise BadInput(faults)
    return chosen


def in_force(pack: Pack, chosen: Mapping[str, str], year: int) -> tuple[Step, ...]:
    """The steps of the year that the chosen readings leave."""
    return tuple(
        step
        for step in pack.steps
        if year in (step.years or (year,))
        and all(chosen[name] == choice for name, choice in step.when.items())
    )
