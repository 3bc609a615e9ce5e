"""Year after year: each result becomes what the next year knows of its last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from allocator.allocation import Allocation
from allocator.faults import BadInput, Fault, NoAllocation, Place
from allocator.infeasible import MORE
from allocator.input.county_table import stop
from allocator.load import load
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.plan import solve
from allocator.text import Text
from allocator.verdict import Verdict, judge
from allocator.years.base import Moved, uncounted
from allocator.years.feed import Column, columns_from, fed, left_out
from allocator.years.plan import YearsPlan, read_plan
from allocator.years.sources import Source, sources_of

UNSAID = Text("，没有写出任何结果", "; nothing was written")
"""What a year alone says of its files: here the years before it may well be written."""


@dataclass(frozen=True)
class Fed:
    """One year as it goes into solving."""

    source: str
    """Folder or bundled name."""
    loaded: Loaded
    """As read, with the columns of the year before filled in."""
    fed: Mapping[str, Column]
    """The exact columns that the year before gave; empty in the first year."""

    @property
    def number(self) -> int:
        """The year."""
        return self.loaded.scenario.year


@dataclass(frozen=True)
class Year(Fed):
    """One year solved."""

    allocation: Allocation
    verdict: Verdict


class NoYear(NoAllocation):
    """A year has no allocation; holds it as it went into solving, and the years before, which have one."""

    def __init__(self, failed: Fed, before: tuple[Year, ...], reasons: tuple[Text, ...]) -> None:
        self.failed, self.before = failed, before
        year = failed.number
        head = Text(
            f"{year} 年无解，之后的年度没有求解", f"{year} has no allocation; later years were not solved"
        )
        # the year's scenario is fed here: no command diagnoses it with the same arguments
        said = [
            Text(one.zh.replace(UNSAID.zh, ""), one.en.replace(UNSAID.en, ""))
            for one in reasons
            if one != MORE
        ]
        super().__init__([head, *said])

    def advise(self, fix: Text) -> None:
        """Says at the end what to do."""
        self.reasons = (*self.reasons, fix)


@dataclass(frozen=True)
class Series:
    """Scenarios of consecutive years, checked before anything is solved."""

    plan: YearsPlan
    scenarios: tuple[tuple[str, Loaded], ...]
    """(source, as read), by year."""
    feeds: tuple[Mapping[str, Source], ...]
    """Column → source for the second year, the third, …"""
    moved: tuple[Moved, ...]
    """What reallocations of the first year moved and the second does not count, of the second, …"""


def read_series(source: str) -> Series:
    """The scenarios of a plan; raises BadInput with the faults of all of them."""
    plan = read_plan(source)
    faults: list[Fault] = []
    found = []
    for name in plan.sources:
        try:
            found.append((name, load(name)))
        except BadInput as error:
            faults += [_of(name, one) for one in error.faults]
    if faults:
        raise BadInput(faults)
    if not plan.ordered:
        found.sort(key=lambda pair: pair[1].scenario.year)
    _consecutive(plan, found)
    feeds = tuple(sources_of(plan, loaded) for _, loaded in found[1:])
    return Series(plan, tuple(found), feeds, tuple(uncounted(name) for name, _ in found[:-1]))


def run_years(series: Series, progress: Progress = silent) -> tuple[Year, ...]:
    """Every year solved in turn; raises NoYear at the first that cannot be."""
    done: list[Year] = []
    for k, (_, read) in enumerate(series.scenarios):
        year = _fed(series, k, done[-1] if done else None)
        try:
            allocation = solve(
                year.loaded, progress=_within(progress, k, len(series.scenarios), read.scenario.year)
            )
        except NoAllocation as error:
            raise NoYear(year, tuple(done), error.reasons) from None
        verdict = judge(year.loaded.problem, year.loaded.rows, allocation.steps)
        done.append(Year(year.source, year.loaded, year.fed, allocation, verdict))
    return tuple(done)


def _fed(series: Series, k: int, last: Year | None) -> Fed:
    """Year number k of the series, with what the year before gives."""
    source, read = series.scenarios[k]
    if last is None:
        return Fed(source, read, {})
    feeds, moved = series.feeds[k - 1], series.moved[k - 1]
    columns = columns_from(last.loaded, last.allocation.steps, feeds, last.fed, moved)
    loaded = fed(read, columns, last.loaded.scenario.name)
    said = left_out(last.loaded, feeds, moved)
    return Fed(source, replace(loaded, notices=(*loaded.notices, *said)), columns)


def _within(progress: Progress, k: int, years: int, year: int) -> Progress:
    """The progress of one year as its part of the whole."""

    def told(stage: Text, share: float) -> None:
        progress(Text(f"{year} 年：{stage.zh}", f"{year}: {stage.en}"), (k + share) / years)

    return told


def _of(name: str, one: Fault) -> Fault:
    """A fault with the scenario's name before its file."""
    place = one.place
    shown = place.file if not place.file or place.file.startswith(name) else f"{name}/{place.file}"
    return Fault(
        Place(shown, place.line, place.character, place.path, place.county, place.column), one.what, one.fix
    )


def _consecutive(plan: YearsPlan, found: list[tuple[str, Loaded]]) -> None:
    """Years follow one another without gaps, in one unit."""
    faults = []
    for (first, before), (second, after) in pairwise(found):
        years = before.scenario.year, after.scenario.year
        if years[1] != years[0] + 1:
            faults.append(
                Fault(
                    Place(plan.shown),
                    Text(
                        f"{first}（{years[0]} 年）之后应是 {years[0] + 1} 年，现为 {second}（{years[1]} 年）",
                        f"after {first} ({years[0]}) comes {years[0] + 1}, not {second} ({years[1]})",
                    ),
                    Text("每年一个方案，逐年相连", "give one scenario for each year, without gaps"),
                )
            )
        if before.scenario.unit != after.scenario.unit:
            faults.append(
                Fault(
                    Place(plan.shown),
                    Text(
                        f"单位不同：{first} 为 {before.scenario.unit}，{second} 为 {after.scenario.unit}",
                        f"units differ: {first} has {before.scenario.unit}, {second} {after.scenario.unit}",
                    ),
                    Text("请统一单位", "use one unit"),
                )
            )
    if faults:
        stop(faults)
