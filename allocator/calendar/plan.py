"""The calendar of a scenario: every step of its pack that has a day."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from allocator.calendar.days import CALENDAR_DAYS, Clock
from allocator.calendar.deadline import Deadline, Span
from allocator.calendar.events import Known
from allocator.calendar.known_days import chain_dates
from allocator.calendar.pack import Pack, Step, book, in_force
from allocator.calendar.steps import ChainDates, routine
from allocator.text import Text


@dataclass(frozen=True)
class Calendar:
    """Deadlines in the order of cases and steps, and what they follow from."""

    scenario: str
    title: Text
    pack: str
    document: str
    year: int
    readings: Mapping[str, str]
    clock: Clock
    today: date | None
    deadlines: tuple[Deadline, ...]
    spans: tuple[tuple[str, Span], ...]
    """(chain, whole limit): once each."""
    known: tuple[Known, ...]
    unstarted: tuple[str, ...]
    """Chains of the pack whose start is not known."""

    @property
    def late(self) -> tuple[Deadline, ...]:
        """Steps done late or overdue."""
        return tuple(d for d in self.deadlines if d.late)

    @property
    def notices(self) -> tuple[Text, ...]:
        """Days from before the pack's document."""
        begins = book().packs[self.pack].begins
        early = [one for one in self.known if begins is not None and one.day < begins]
        return tuple(
            Text(
                f"{one.place.file}：{self.document} 自 {begins} 起施行，此前的日期可能另有规定",
                f"{one.place.file}: {self.document} is in force from {begins}; other rules may hold before",
            )
            for one in early
            if one.event != "advance"
        )

    @property
    def stamp(self) -> date:
        """The latest day of the input: when this calendar was right."""
        days = [one.day for one in self.known] + ([self.today] if self.today else [])
        return max(days, default=date(self.year, 1, 1))


def make_calendar(
    scenario: tuple[str, Text, int],
    pack: tuple[str, Pack],
    chosen: Mapping[str, str],
    known: Sequence[Known],
    clock: Clock = CALENDAR_DAYS,
    today: date | None = None,
) -> Calendar:
    """The calendar; raises BadInput with every day that could not be read or fits no chain of the pack,
    or where the holiday list does not reach for a chain of which a day is given.

    `scenario` is its name, title and year.
    """
    name, title, year = scenario
    steps = in_force(pack[1], chosen, year)
    # a fixed day that starts a chain stands for its event until the real day is known
    dates = chain_dates(known, steps, book(), clock)
    for chain in _of_fixed_days(steps):
        # whoever gives days of such a chain for a case has it there, and not once more without one
        if all(chain != given for _, given in dates):
            dates["", chain] = ChainDates(tuple(s for s in steps if s.chain == chain), {}, clock)
    deadlines: list[Deadline] = []
    for (case, _), one in dates.items():
        fixed = [one.fixed(step, case, year, today) for step in one.steps if step.on]
        assumed = {d.step.end: d.due for d in fixed if d.step.end and d.due and d.actual is None}
        deadlines += fixed + one.assuming(assumed).deadlines(case, today)
    deadlines += [routine(step, year, today) for step in steps if step.every]
    spans = {
        span.step.id: (chain, span)
        for (_, chain), one in dates.items()
        for span in one.spans()
        if span.windows
    }
    names = dict.fromkeys(step.chain for step in steps if step.start)
    begun = {chain for _, chain in dates}
    return Calendar(
        name,
        title,
        pack[0],
        pack[1].document,
        year,
        chosen,
        clock,
        today,
        tuple(deadlines),
        tuple(spans.values()),
        tuple(known),
        tuple(n for n in names if n not in begun),
    )


def _of_fixed_days(steps: Iterable[Step]) -> list[str]:
    return list(dict.fromkeys(step.chain for step in steps if step.on))
