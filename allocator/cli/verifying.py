"""What `allocator verify` does: reads, judges, prints."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import numpy as np

from allocator.cli.judgement import print_verdict, verdict_json
from allocator.cli.screen import notices, print_json, show_table
from allocator.faults import BadInput, Place
from allocator.input.result_table import read_result
from allocator.input.yaml_tree import fault
from allocator.instalments import deciding_nothing
from allocator.load import load
from allocator.loaded import Loaded
from allocator.names import number
from allocator.text import Language, Text
from allocator.verdict import judge
from reports.figures import money


def verify_table(source: str, table: Path, sets: Sequence[str], as_json: bool, lang: Language) -> int:
    """Judges this run's money in a table, together with what was issued before."""
    loaded = load(source, sets)
    result = read_result(table, loaded)
    verdict = judge(loaded.problem, loaded.rows, result.amounts)
    notices(result.notices, lang)
    if as_json:
        print_json(verdict_json(loaded, verdict, result.notices))
    else:
        print_verdict(loaded, verdict, lang)
    return 0 if verdict.holds else 1


def verify_issued(source: str, sets: Sequence[str], as_json: bool, lang: Language) -> int:
    """Judges what was issued so far this year, and nothing else."""
    plan = load(source, sets)
    issued = _issued(plan)
    if not issued:
        nothing = fault(
            Place(source),
            "当年还没有已下达的资金（没有台账或 committed.csv）",
            "nothing was issued so far this year: there is no ledger and no committed.csv",
            "请给出分配表，或先用 allocator commit 记账",
            "give a table, or enter a result with allocator commit",
        )
        raise BadInput([nothing])
    loaded = load(source, [*sets, *deciding_nothing(plan)])
    verdict = judge(loaded.problem, loaded.rows, np.zeros(loaded.problem.shape, dtype=np.int64))
    waiting = {s: Fraction(v.budget) for s, v in plan.scenario.streams.items() if v.budget}
    if as_json:
        sums = {
            key: {s: money(v) for s, v in sorted(own.items())}
            for key, own in (("issued", issued), ("waiting", waiting))
        }
        print_json({**verdict_json(loaded, verdict, ()), **sums})
    else:
        _print_streams(loaded, issued, waiting, lang)
        print_verdict(loaded, verdict, lang)
    return 0 if verdict.holds else 1


def _issued(loaded: Loaded) -> dict[str, Fraction]:
    """Stream → money issued so far."""
    found: dict[str, Fraction] = {}
    for (_, stream, _), amount in loaded.issued.items():
        found[stream] = found.get(stream, Fraction(0)) + amount
    return found


def _print_streams(
    loaded: Loaded, issued: dict[str, Fraction], waiting: dict[str, Fraction], lang: Language
) -> None:
    zero = Fraction(0)
    rows = [
        (loaded.names.stream(s).say(lang), number(issued.get(s, zero)), number(waiting.get(s, zero)))
        for s in loaded.problem.stream_names
    ]
    rows.append(
        (
            Text("合计", "Total").say(lang),
            number(sum(issued.values(), zero)),
            number(sum(waiting.values(), zero)),
        )
    )
    unit = loaded.scenario.unit
    columns = [Text("资金", "Stream"), Text("已下达", "Issued"), Text("待分配", "Still to decide")]
    show_table(Text(f"当年至今（{unit}）", f"The year so far ({unit})"), columns, rows, lang)
