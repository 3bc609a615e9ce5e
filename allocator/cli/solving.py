"""What `allocator solve` does, step by step."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

from allocator.cli.batches import sets_of
from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json
from allocator.cli.summary import print_summary, summary_json
from allocator.cli.words import line
from allocator.faults import BadInput, Fault, NoAllocation, Place
from allocator.flatten import copy_of
from allocator.load import load
from allocator.loaded import Loaded
from allocator.plan import certify, solve, write_lp
from allocator.text import Language, Text
from allocator.verdict import judge
from reports.csv_files import ENCODINGS, Encoding
from reports.folder import check_target, write_folder
from reports.outcome import Outcome
from reports.result import result_files
from reports.run_record import Circumstances

WAITING = Text(
    "本次只分配一部分资金，其余批次没有计入；可先不加 --batch 求解全年，"
    "再用 allocator commit OUT --batch 下达一批",
    "only a part of the year was to be decided; the rules may need the streams that wait: solve without "
    "--batch, then issue one batch with allocator commit OUT --batch",
)


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    sets: tuple[str, ...] = ()
    batches: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    out: Path | None = None
    solver: str = "highs"
    certify: bool = False
    write_lp: Path | None = None
    encoding: str = "utf-8-sig"
    as_json: bool = False


def solve_and_print(wish: Wish, lang: Language) -> int:
    """Loads, solves, judges, writes, prints; errors come as AllocatorError, and nothing is written then."""
    if wish.out is not None:
        check_target(wish.out)
    wish = replace(wish, sets=tuple(sets_of(wish.scenario, wish.sets, wish.batches, wish.streams)))
    loaded = load(wish.scenario, wish.sets)
    notices(loaded.notices, lang)
    if wish.write_lp is not None:
        _write_lp(loaded, wish.write_lp)
    outcome, second = _decide(loaded, wish, lang)
    if wish.out is not None:
        _write(outcome, second, wish, lang)
    if wish.as_json:
        print_json(summary_json(outcome, wish.out, second))
    else:
        print_summary(outcome, wish.out, lang)
        if second is not None:
            line(_second_opinion(second).say(lang))
    return 0 if outcome.verdict.holds else 1


def _decide(loaded: Loaded, wish: Wish, lang: Language) -> tuple[Outcome, Mapping[str, Any] | None]:
    """The verified allocation, and the record of the second opinion where one is wanted."""
    with Progress(lang) as progress:
        try:
            allocation = solve(loaded, wish.solver, progress)
        except NoAllocation as error:
            raise NoAllocation(
                [*error.reasons, *([WAITING] if wish.batches or wish.streams else [])]
            ) from None
        second = certify(loaded, allocation) if wish.certify else None
    return Outcome(loaded, allocation, judge(loaded.problem, loaded.rows, allocation.steps)), second


def _second_opinion(second: Mapping[str, Any]) -> Text:
    name, apart = second["solver"]["name"], second["largest_difference_of_departures"]
    same = second["same_table"]
    table = Text("同一张表", "the same table") if same else Text("另一张表", "another table")
    return Text(
        f"第二意见：{name} 给出{table.zh}，偏离最多相差 {apart:.1e}",
        f"Second opinion: {name} gives {table.en}; departures differ by at most {apart:.1e}",
    )


def _write(outcome: Outcome, second: Mapping[str, Any] | None, wish: Wish, lang: Language) -> None:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    around = Circumstances(now, ("allocator", *sys.argv[1:]), second)
    encoding: Encoding = next(e for e in ENCODINGS if e == wish.encoding)
    if wish.out is not None and outcome.verdict.holds:
        copy = {f"scenario/{name}": content for name, content in copy_of(wish.scenario, wish.sets).items()}
        write_folder(wish.out, result_files(outcome, around, encoding, lang, copy))


def _write_lp(loaded: Loaded, path: Path) -> None:
    try:
        write_lp(loaded, path)
    except OSError as error:
        said = error.strerror or str(error)
        what = Text(f"无法写入（{said}）", f"cannot be written ({said})")
        raise BadInput(
            [Fault(Place(str(path)), what, Text("请换一个文件名", "choose another file"))]
        ) from error
