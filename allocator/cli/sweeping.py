"""What `allocator sweep` does, step by step."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json, show_table
from allocator.cli.words import line
from allocator.faults import BadInput, Place
from allocator.input.files import digest
from allocator.input.yaml_tree import fault
from allocator.load import load
from allocator.loaded import Loaded
from allocator.text import Language, Text
from allocator.whatif.sweep import CHECKED, Files, Solved, metric_names, tasks
from allocator.whatif.sweep_plan import Plan, read_plan
from allocator.whatif.workers import missing, solve_all

STATE = "sweep.json"
"""What marks a folder as the result of a sweep."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    plan: Path
    out: Path
    jobs: int = 1
    cluster: str | None = None
    resume: bool = False
    chunk: int = 100
    sets: tuple[str, ...] = ()
    as_json: bool = False


@dataclass
class Tally:
    """What the sweep came to."""

    solved: int = 0
    infeasible: int = 0
    failed: int = 0
    checked: int = 0
    disagreed: list[int] = field(default_factory=list)
    short: Counter[str] = field(default_factory=Counter)
    """How often each rule fell short."""
    reasons: Counter[str] = field(default_factory=Counter)

    def add(self, point: Mapping[str, Any]) -> None:
        """Takes in one stored point."""
        status = point["status"]
        self.solved += status == "solved"
        self.infeasible += status == "infeasible"
        self.failed += status == "failed"
        self.checked += point["checked"]
        if point["disagreed"]:
            self.disagreed.append(point["scenario"])
        if status == "infeasible":
            self.short.update(rule for rule in point["rules"].split(";") if rule)
        if status == "failed":
            self.reasons[point["reason"]] += 1


def sweep_and_print(wish: Wish, lang: Language) -> int:
    """Reads scenario and plan, solves every point, stores as it goes, prints what came of it."""
    loaded = load(wish.scenario, wish.sets)
    plan = read_plan(wish.plan, loaded)
    notices(loaded.notices, lang)
    _check_out(wish.out)
    if find_spec("pyarrow") is None:
        raise missing("pyarrow")
    tally = run_sweep(wish, loaded, plan, lang)
    if wish.as_json:
        print_json({"out": str(wish.out), "points": plan.size(loaded), **vars(tally)})
    else:
        _print(wish, loaded, plan.size(loaded), tally, lang)
    return 0


def run_sweep(wish: Wish, loaded: Loaded, plan: Plan, lang: Language) -> Tally:
    """Every chunk that is not yet there, then the merged result."""
    from reports.sweep_store import Chunk, SweepStore  # noqa: PLC0415 - pyarrow is slow to import

    files = Files.of(wish.scenario, wish.sets)
    size, metrics = plan.size(loaded), metric_names(loaded, plan.record)
    identity = {
        "plan": digest(wish.plan),
        "inputs": dict(loaded.digests),
        "sets": list(wish.sets),
        "points": size,
        "chunk": wish.chunk,
    }
    store = SweepStore(wish.out, identity, metrics)
    done = store.open(wish.resume)
    every = tasks(files, size, lambda a, b: plan.points(loaded, a, b), plan.record, wish.chunk)
    waiting = [task for k, task in enumerate(every) if k * wish.chunk not in done]
    begun = finished = len(every) - len(waiting)
    started = time.monotonic()
    try:
        with Progress(lang) as progress:
            for solved in solve_all(waiting, wish.jobs, wish.cluster):
                store.add(Chunk(solved.start, solved.values, _points(loaded, plan, solved)))
                finished += 1
                rate = _rate(finished - begun, wish.chunk, time.monotonic() - started)
                progress(rate, finished / len(every))
    except BadInput:
        store.abandon()
        raise
    tally = Tally()
    for point in store.points():
        tally.add(point)
    store.finish(size)
    return tally


def _rate(chunks: int, chunk: int, seconds: float) -> Text:
    """How fast it goes; the bar shows the time left."""
    each = chunks * chunk / max(seconds, 1e-9)
    return Text(f"求解，每秒 {each:.1f} 个", f"solving, {each:.1f} a second")


def _points(loaded: Loaded, plan: Plan, solved: Solved) -> list[dict[str, Any]]:
    """One row a point: what it changes and how it ended."""
    changes = plan.points(loaded, solved.start, solved.start + len(solved.status))
    return [
        {
            "scenario": solved.start + k,
            "design": plan.label(loaded, solved.start + k).design,
            "status": solved.status[k],
            "rules": ";".join(solved.rules[k]),
            "reason": solved.reasons[k],
            "changes": json.dumps(dict(own), ensure_ascii=False, default=str, sort_keys=True),
            "checked": (solved.start + k) % CHECKED == 0,
            "disagreed": solved.start + k in solved.disagreed,
        }
        for k, own in enumerate(changes)
    ]


def _check_out(out: Path) -> None:
    if out.exists() and not (out / STATE).is_file():
        raise BadInput(
            [
                fault(
                    Place(str(out)),
                    "已经存在，而且不是 sweep 的结果",
                    "exists and is no result of a sweep",
                    "请换一个输出文件夹（-o）",
                    "choose another folder (-o)",
                )
            ]
        )


def _print(wish: Wish, loaded: Loaded, size: int, tally: Tally, lang: Language) -> None:
    columns = [Text("情景", "Scenarios"), Text("个数", "Number")]
    rows = [
        (Text("全部", "all").say(lang), size),
        (Text("有解", "solved").say(lang), tally.solved),
        (Text("无解", "no allocation").say(lang), tally.infeasible),
        (Text("数据不合", "do not fit").say(lang), tally.failed),
        (Text("重算核对", "solved twice").say(lang), tally.checked),
        (Text("核对不符（已用重算值）", "disagreed (the second taken)").say(lang), len(tally.disagreed)),
    ]
    show_table(loaded.scenario.title.text(loaded.scenario.name), columns, rows, lang)
    rules = loaded.scenario.rule_by_id
    for rule, count in tally.short.most_common(5):
        title = rules[rule].text if rule in rules else Text(rule, rule)
        line(Text(f"无解时不能满足：{title.zh}（{count} 个）", f"fell short: {title.en} ({count})").say(lang))
    for reason, count in tally.reasons.most_common(3):
        line(f"{reason} ({count})")
    line(
        Text(f"结果：{wish.out / 'sweep.parquet'} 等", f"Result: {wish.out / 'sweep.parquet'} and more").say(
            lang
        )
    )
