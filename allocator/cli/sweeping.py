"""What `allocator sweep` does, step by step."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json, show_table
from allocator.cli.words import line
from allocator.faults import BadInput
from allocator.input.files import digest
from allocator.load import load
from allocator.loaded import Loaded
from allocator.text import Language, Text
from allocator.whatif.sweep import CHECKED, Files, Solved, Tasks, metric_names
from allocator.whatif.sweep_plan import Plan, read_plan
from allocator.whatif.workers import missing, solve_all

if TYPE_CHECKING:
    from reports.sweep_store import SweepStore

SAME = 1e-9
"""Weights that differ by no more are the same."""
COMPLETE = Text("这次运行早已完成，没有重算", "this sweep is complete already; nothing was solved or changed")


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
    reasons: Counter[Text] = field(default_factory=Counter)
    renormalised: int = 0
    """Points where weights that the plan does not give were changed too."""

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
            self.reasons[Text(point["reason_zh"], point["reason"])] += 1
        self.renormalised += point["renormalised"]

    @property
    def notices(self) -> tuple[Text, ...]:
        """What whoever reads the result must know."""
        if not self.renormalised:
            return ()
        number = self.renormalised
        return (
            Text(
                f"同一公式的权重之和恒为 1：{number} 个情景里，计划没有给出的权重按比例随之改变，"
                "实际权重见 scenarios.parquet 的 weights 列",
                f"the weights of a formula always add up to 1: in {number} of the scenarios those that the "
                "plan does not give changed in proportion; column 'weights' of scenarios.parquet has all in "
                "effect",
            ),
        )

    def plain(self, lang: Language) -> dict[str, Any]:
        """For JSON."""
        reasons = {reason.say(lang): count for reason, count in self.reasons.items()}
        said = [notice.say(lang) for notice in self.notices]
        return {**vars(self), "reasons": reasons, "notices": said}


def sweep_and_print(wish: Wish, lang: Language) -> int:
    """Reads scenario and plan, solves every point, stores as it goes, prints what came of it."""
    loaded = load(wish.scenario, wish.sets)
    plan = read_plan(wish.plan, loaded)
    notices(loaded.notices, lang)
    if find_spec("pyarrow") is None:
        raise missing("pyarrow")
    tally = run_sweep(wish, loaded, plan, lang)
    notices(tally.notices, lang)
    if wish.as_json:
        print_json({"out": str(wish.out), "points": plan.size(loaded), **tally.plain(lang)})
    else:
        _print(wish, loaded, plan.size(loaded), tally, lang)
    return 0


def run_sweep(wish: Wish, loaded: Loaded, plan: Plan, lang: Language) -> Tally:
    """Every chunk that is not yet there, then the merged result."""
    from reports.folder import check_target  # noqa: PLC0415
    from reports.sweep_store import STATE, SweepStore  # noqa: PLC0415 - pyarrow is slow to import

    check_target(wish.out, record=STATE)
    size, metrics = plan.size(loaded), metric_names(loaded, plan.record)
    identity = {
        "plan": digest(wish.plan),
        "inputs": dict(loaded.digests),
        "sets": list(wish.sets),
        "points": size,
        "chunk": wish.chunk,
    }
    store = SweepStore(wish.out, identity, metrics)
    if wish.resume and store.is_complete():
        notices([COMPLETE], lang)
        return _tally(store)
    done = store.open(wish.resume)
    try:
        _solve(wish, loaded, plan, store, done, lang)
    except BadInput:
        store.abandon()
        raise
    tally = _tally(store)
    store.finish(size, tally.notices)
    return tally


def _solve(
    wish: Wish, loaded: Loaded, plan: Plan, store: SweepStore, done: frozenset[int], lang: Language
) -> None:
    """Solves and stores the chunks that are not yet there."""
    from reports.sweep_store import Chunk  # noqa: PLC0415

    files, size = Files.of(wish.scenario, wish.sets), plan.size(loaded)
    points = partial(plan.points, loaded)
    waiting = Tasks(files, size, points, plan.record, wish.chunk, done=done)
    begun = finished = len(done)
    started = time.monotonic()
    with Progress(lang) as progress, closing(solve_all(waiting, wish.jobs, wish.cluster)) as chunks:
        for solved in chunks:
            store.add(Chunk(solved.start, solved.values, _points(loaded, plan, solved)))
            finished += 1
            rate = _rate(finished - begun, wish.chunk, time.monotonic() - started)
            progress(rate, finished / (begun + len(waiting)))


def _tally(store: SweepStore) -> Tally:
    tally = Tally()
    for point in store.points():
        tally.add(point)
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
            "reason": solved.why[k].en,
            "reason_zh": solved.why[k].zh,
            "changes": json.dumps(dict(own), ensure_ascii=False, default=str, sort_keys=True),
            "weights": json.dumps(solved.weights[k], ensure_ascii=False) if solved.weights[k] else "",
            "renormalised": _renormalised(own, solved.weights[k]),
            "checked": (solved.start + k) % CHECKED == 0,
            "disagreed": solved.start + k in solved.disagreed,
        }
        for k, own in enumerate(changes)
    ]


def _renormalised(changes: Mapping[str, Any], weights: Mapping[str, Mapping[str, float]]) -> bool:
    """Whether a weight in effect is another than the point gives, or not given at all."""
    for formula, own in weights.items():
        for factor, weight in own.items():
            given = changes.get(f"formulas.{formula}.{factor}.weight")
            if (weight > 0) if given is None else abs(float(given) - weight) > SAME:
                return True
    return False


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
        line(Text(f"{reason.zh}（{count} 个）", f"{reason.en} ({count})").say(lang))
    line(
        Text(f"结果：{wish.out / 'sweep.parquet'} 等", f"Result: {wish.out / 'sweep.parquet'} and more").say(
            lang
        )
    )
