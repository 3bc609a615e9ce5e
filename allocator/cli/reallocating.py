"""What `allocator reallocate` does: reads, takes back, places, writes, prints."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from allocator.cli.reallocate_screen import changes_json, print_changes
from allocator.cli.screen import notices, print_json
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.flatten import copy_of
from allocator.input.files import digest
from allocator.input.pydantic_faults import shorten
from allocator.input.result_table import read_result
from allocator.load import load
from allocator.loaded import Loaded
from allocator.numbers import parse_number
from allocator.progress.flags import CLOCKS, StartClock
from allocator.reallocation.progress import newest_day, read_progress
from allocator.reallocation.reallocate import reallocate
from allocator.reallocation.spending import Money, Progress
from allocator.reallocation.triggers import Terms, Within
from allocator.text import Language, Text
from allocator.years.base import uncounted
from allocator.years.money import year_cells
from reports.folder import write_folder
from reports.own_record import check_own
from reports.reallocation.changes import Base, Changes
from reports.reallocation.files import OF, reallocate_files
from reports.run_record import Circumstances

TABLE = "allocation.csv"


@dataclass(frozen=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    progress: Path
    out: Path | None
    as_json: bool
    issued: Path | None
    as_of: str | None
    slow: str | None
    fast: str | None
    months: int
    start_clock: StartClock
    idle_months: int | None
    within: Within
    base: Base
    sets: tuple[str, ...]


def run_and_print(wish: Wish, lang: Language) -> int:
    """Takes back and places again; errors come as AllocatorError, and nothing is written then."""
    if wish.out is not None:
        check_own(wish.out, OF)
    terms = _terms(wish)
    loaded = load(wish.scenario, wish.sets)
    table = wish.issued or _own_table(wish.scenario)
    money = _issued(loaded, table, wish.scenario)
    progress = read_progress(wish.progress, loaded, money, terms.as_of)
    notices([*loaded.notices, *_said(loaded, progress, wish)], lang)
    earlier = uncounted(wish.scenario, wish.sets)
    changes = Changes(reallocate(loaded, money, progress, terms), wish.base, earlier)
    holds = changes.found.verdict.holds
    if wish.out is not None and holds:
        read = {str(p): digest(p) for p in (wish.progress, table) if p is not None}
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        around = Circumstances(now, ("allocator", *sys.argv[1:]))
        copy = copy_of(wish.scenario, wish.sets)
        write_folder(wish.out, reallocate_files(changes, read, copy, around, lang))
    if wish.as_json:
        print_json(changes_json(changes, wish.out if holds else None, lang))
    else:
        print_changes(changes, wish.out if holds else None, lang)
    return 0 if holds else 1


def _terms(wish: Wish) -> Terms:
    """The options, read; raises BadInput with all that are wrong."""
    faults: list[Fault] = []
    # the machine's clock is never read: the same input gives the same answer
    day = newest_day(wish.progress) if wish.as_of is None else parse_date(wish.as_of)
    if wish.as_of is not None and day is None:
        faults.append(no_date(Place("--as-of"), wish.as_of))
    elif day is None:
        what = Text("表中没有 date 列，需要给出截至日期", "the table has no dates: the day is needed")
        fix = Text("如 --as-of 2025-09-30", "such as --as-of 2025-09-30")
        faults.append(Fault(Place("--as-of"), what, fix))
    slow, fast = (_rate(name, text, faults) for name, text in (("--slow", wish.slow), ("--fast", wish.fast)))
    if faults or day is None:
        raise BadInput(faults)
    return Terms(day, wish.months, CLOCKS[wish.start_clock], slow, wish.idle_months, fast, wish.within)


def _rate(option: str, text: str | None, faults: list[Fault]) -> Decimal | None:
    number = None if text is None else parse_number(text)
    if text is None or (number is not None and 0 <= number <= 1):
        return number
    faults.append(
        Fault(
            Place(option),
            Text(
                f"需要 0 到 1 之间的小数，现为 {shorten(text)}",
                f"a decimal from 0 to 1 is needed, got {shorten(text)}",
            ),
            Text("例如 0.5，而不是 50%", "such as 0.5, not 50%"),
        )
    )
    return None


def _own_table(scenario: str) -> Path | None:
    """The table of a result folder."""
    path = Path(scenario) / TABLE
    return path if path.is_file() else None


def _issued(loaded: Loaded, table: Path | None, scenario: str) -> Money:
    """The year's money: committed, and what the table says of this run."""
    if table is not None:
        return year_cells(loaded.problem, read_result(table, loaded).amounts)
    waiting = [name for name, s in loaded.scenario.streams.items() if s.budget]
    if waiting:
        listed = "、".join(waiting)
        raise BadInput(
            [
                Fault(
                    Place(scenario),
                    Text(
                        f"这些资金还没有分配表：{listed}", f"there is no table yet of these streams: {listed}"
                    ),
                    Text(
                        "给出 solve -o 写出的结果文件夹，或用 --issued 给出分配表；"
                        "尚未下达的资金用 --set streams.名称.budget=0 排除",
                        "name the result folder of solve -o, or a table with --issued; leave money "
                        "that is not issued yet out with --set streams.NAME.budget=0",
                    ),
                )
            ]
        )
    return year_cells(loaded.problem, loaded.problem.open * 0)


def _said(loaded: Loaded, progress: Progress, wish: Wish) -> list[Text]:
    """What a planner should know of the input."""
    found = []
    needed = {CLOCKS[wish.start_clock]} | ({"received"} if wish.idle_months is not None else set())
    for column in CLOCKS.values():
        if column in needed and column not in progress.columns:
            found.append(
                Text(
                    f"进度表没有 {column} 列，未按该日期判断",
                    f"the progress table has no column {column}: nothing was judged by it",
                )
            )
    known = {row.county for row in progress.rows}
    missing = len(loaded.counties) - len(known)
    if missing:
        found.append(
            Text(
                f"{missing} 个旗县不在进度表中，既不收回也不调增",
                f"{missing} counties are not in the progress table and are left alone",
            )
        )
    return found
