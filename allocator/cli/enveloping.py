"""What `allocator envelope` does, step by step."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json, show_table
from allocator.cli.words import line
from allocator.envelope.bounds import Range, at_budgets, read_ranges
from allocator.envelope.release import CountyRange, Envelope, envelope, expected
from allocator.faults import BadInput, Fault, Place
from allocator.input.result_table import read_result
from allocator.load import load
from allocator.loaded import Loaded
from allocator.names import number
from allocator.numbers import plain
from allocator.text import Language, Text
from allocator.verdict import judge
from reports.envelope import envelope_files, envelope_json, limits
from reports.folder import write_folder
from reports.own_record import check_own, with_record

OF = "envelope"
MOST = 30
"""Counties shown: those with the narrowest box."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    later: tuple[str, ...]
    plan: Path | None = None
    out: Path | None = None
    sets: tuple[str, ...] = ()
    as_json: bool = False


def envelope_and_print(wish: Wish, lang: Language) -> int:
    """Loads, finds the envelope, writes, prints; on an AllocatorError nothing is written."""
    if wish.out is not None:
        check_own(wish.out, OF)
    loaded = load(wish.scenario, wish.sets)
    ranges = read_ranges(loaded, wish.later)
    notices(loaded.notices, lang)
    plan = expected(loaded, ranges)
    steps = None if wish.plan is None else _planned(plan, wish.plan, ranges, lang)
    with Progress(lang) as progress:
        found = envelope(plan, ranges, steps, progress)
    if wish.out is not None:
        write_folder(wish.out, with_record(OF, envelope_files(found)))
    if wish.as_json:
        print_json({**envelope_json(found), "out": None if wish.out is None else str(wish.out)})
    else:
        _print(found, wish.out, lang)
    return 0


def _planned(plan: Loaded, path: Path, ranges: Sequence[Range], lang: Language) -> NDArray[np.int64]:
    """This batch's money in a table, in whole steps; raises BadInput where it is no release of this batch."""
    later = {r.stream for r in ranges}
    result = read_result(path, plan)
    notices(result.notices, lang)
    waits = np.array([s in later for s in plan.problem.stream_names], dtype=np.bool_)
    amounts = result.amounts.copy()
    amounts[:, waits] = Fraction(0)
    own = at_budgets(plan, {s: plan.scenario.streams[s].budget * 0 for s in later})
    # budgets, eligibility, uses, sign and step of this batch; the rules wait for the later money
    broken = [row for row in judge(own.problem, {}, amounts).general if not row.holds]
    if broken:
        fix = Text("请更正分配表", "correct the table")
        raise BadInput(
            [
                Fault(
                    Place(str(path)),
                    Text(
                        f"{row.rule} {row.where}：为 {number(row.left)}，应为 {number(row.right)}",
                        f"{row.rule} {row.where}: is {number(row.left)}, must be {number(row.right)}",
                    ),
                    fix,
                )
                for row in broken
            ]
        )
    return np.array([int(v) for v in amounts.ravel()], dtype=np.int64).reshape(amounts.shape)


def _print(found: Envelope, out: Path | None, lang: Language) -> None:
    scenario, unit = found.plan.scenario, found.plan.scenario.unit
    line(scenario.title.text(scenario.name).say(lang))
    own = [found.names.stream(s) for s in found.streams]
    line(
        Text(f"本批：{'、'.join(t.zh for t in own)}", f"This batch: {', '.join(t.en for t in own)}").say(lang)
    )
    for r in found.ranges:
        title = found.names.stream(r.stream)
        line(
            Text(
                f"以后：{title.zh} {plain(r.low)}–{plain(r.high)} {unit}",
                f"Later: {title.en} {plain(r.low)}–{plain(r.high)} {unit}",
            ).say(lang)
        )
    line("")
    _counties(found, lang)
    margin = number(found.margin, 1)
    line(
        Text(
            f"为取整到 {plain(scenario.step)} {unit}，每条规则最多留出 {margin} {unit}",
            f"For rounding to {plain(scenario.step)} {unit}, at most {margin} {unit} are kept free in a rule",
        ).say(lang)
    )
    if out is not None:
        line(Text(f"结果：{out / 'envelope.csv'}", f"Result: {out / 'envelope.csv'}").say(lang))


def _counties(found: Envelope, lang: Language) -> None:
    shown = sorted(sorted(found.counties, key=_width)[:MOST], key=lambda c: c.county)
    rows = [
        (
            found.names.county(c.county),
            *(number(v) for v in (c.plan, c.smallest, c.largest, c.box_low, c.box_high)),
            limits(found, c).say(lang),
        )
        for c in shown
    ]
    columns = [
        Text("旗县", "County"),
        Text("计划", "Plan"),
        Text("单独最小", "Smallest"),
        Text("单独最大", "Largest"),
        Text("整体下限", "Box low"),
        Text("整体上限", "Box high"),
        Text("最大受限于", "Largest limited by"),
    ]
    unit, count = found.plan.scenario.unit, len(found.counties)
    head = Text(f"可放心下达的金额（{unit}）", f"What may safely be released ({unit})")
    if count > len(shown):
        head = Text(
            f"{head.zh}：{count} 个旗县中整体范围最窄的 {len(shown)} 个，其余见 --json 或 -o",
            f"{head.en}: the {len(shown)} narrowest of {count} counties, the rest with --json or -o",
        )
    show_table(head, columns, rows, lang)


def _width(county: CountyRange) -> tuple[Fraction, int]:
    """The box's width as a share of the plan, then the county."""
    return (county.box_high - county.box_low) / county.plan, county.county
