"""Year after year: each result becomes what the next year knows of its last."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

from allocator.allocation import Allocation
from allocator.faults import BadInput, Fault, NoAllocation, Place
from allocator.input.county_table import stop
from allocator.load import load
from allocator.loaded import Loaded
from allocator.optimum import Progress, silent
from allocator.plan import solve
from allocator.text import Text
from allocator.verdict import Verdict, judge
from allocator.years.feed import Column, columns_from, fed
from allocator.years.plan import YearsPlan, read_plan
from allocator.years.sources import Source, sources_of


@dataclass(frozen=True)
class Year:
    """One year solved."""

    source: str
    """Folder or bundled name."""
    loaded: Loaded
    """As read, with the columns of the year before filled in."""
    allocation: Allocation
    verdict: Verdict
    fed: Mapping[str, Column]
    """The exact columns that the year before gave; empty in the first year."""

    @property
    def number(self) -> int:
        """The year."""
        return self.loaded.scenario.year


class NoYear(NoAllocation):
    """A year has no allocation; holds the years before it, which have."""

    def __init__(self, year: int, before: tuple[Year, ...], reasons: tuple[Text, ...]) -> None:
        self.year, self.before = year, before
        head = Text(
            f"{year} 年无解，之后的年度没有求解", f"{year} has no allocation; later years were not solved"
        )
        super().__init__([head, *reasons])


@dataclass(frozen=True)
class Series:
    """Scenarios of consecutive years, checked before anything is solved."""

    plan: YearsPlan
    scenarios: tuple[tuple[str, Loaded], ...]
    """(source, as read), by year."""
    feeds: tuple[Mapping[str, Source], ...]
    """Column → source for the second year, the third, …"""


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
    return Series(plan, tuple(found), tuple(sources_of(plan, loaded) for _, loaded in found[1:]))


def run_years(series: Series, progress: Progress = silent) -> tuple[Year, ...]:
    """Every year solved in turn; raises NoYear at the first that cannot be."""
    done: list[Year] = []
    for k, (source, read) in enumerate(series.scenarios):
        loaded, columns = read, dict[str, Column]()
        if done:
            last = done[-1]
            columns = columns_from(last.loaded, last.allocation.steps, series.feeds[k - 1], last.fed)
            loaded = fed(read, columns, last.loaded.scenario.name)
        try:
            allocation = solve(
                loaded, progress=_within(progress, k, len(series.scenarios), read.scenario.year)
            )
        except NoAllocation as error:
            raise NoYear(read.scenario.year, tuple(done), error.reasons) from None
        verdict = judge(loaded.problem, loaded.rows, allocation.steps)
        done.append(Year(source, loaded, allocation, verdict, columns))
    return tuple(done)


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
