"""A clawback on the terminal, and for machines."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.cli.screen import Cell, show_table
from allocator.cli.words import line
from allocator.names import number, percent
from allocator.text import Language, Text
from reports.figures import money
from reports.reallocation.changes import Base, Changes, joined
from reports.reallocation.tables import (
    committed_table,
    counties_table,
    ledger_table,
    rules_table,
)

SHARE = Text("应得份额", "Formula share")
MOST = 20
"""Rows shown."""
BASES: Mapping[Base, Text] = {
    "before": Text("下年比较的基数：调整前的金额", "Next year compares with the amounts before this"),
    "after": Text("下年比较的基数：调整后的金额", "Next year compares with the amounts after this"),
}


def print_changes(changes: Changes, out: Path | None, lang: Language) -> None:
    """Streams, claims, receivers, the verdict, and where the files are."""
    found = changes.found
    title, day = found.loaded.scenario.title.text(found.loaded.scenario.name), found.pool.terms.as_of
    line(Text(f"{title.zh}，截至 {day}", f"{title.en}, as of {day}").say(lang))
    line("")
    _streams(changes, lang)
    _claims(changes, lang)
    _receivers(changes, lang)
    for i, why in found.pool.assessment.exempted:
        name = found.loaded.names.county(i)
        line(Text(f"免予收回：{name}（{why}）", f"Exempt: {name} ({why})").say(lang))
    rows = len(found.verdict.rules)
    line(
        Text(
            f"核验：调整后全年 {rows} 行规则全部符合；各资金总额不变；无一旗县低于已支付和已签约",
            f"Verified: all {rows} rows of the year's rules hold afterwards, every stream's total is "
            "unchanged, nobody ends below what is paid and contracted",
        ).say(lang)
        if found.verdict.holds
        else Text(
            f"没有收回资金；已下达的金额有 {len(found.verdict.broken)} 行规则不符（见 allocator verify）",
            f"Nothing was moved; as issued, {len(found.verdict.broken)} rows of the rules are broken "
            "(see allocator verify)",
        ).say(lang)
    )
    if found.moved:
        line(BASES[changes.base].say(lang))
    said = (
        Text("没有写出文件；加 -o OUT 写出结果", "Nothing was written; -o OUT writes the result")
        if out is None
        else Text(f"结果：{out / 'reallocation.xlsx'} 等", f"Result: {out / 'reallocation.xlsx'} and more")
    )
    line(said.say(lang))


def _streams(changes: Changes, lang: Language) -> None:
    loaded = changes.found.loaded
    rows: list[tuple[Cell, ...]] = []
    for s, name in enumerate(loaded.problem.stream_names):
        own = [c for c in changes.found.pool.assessment.claims if c.stream == s]
        if not own:
            continue
        takeable = sum((c.takeable for c in own), Fraction(0))
        taken = sum((changes.taken(c.county, s) for c in own), Fraction(0))
        rows.append(
            (loaded.names.stream(name).say(lang), number(takeable), number(taken), number(takeable - taken))
        )
    if not rows:
        line(Text("没有资金符合收回条件", "No money meets the conditions for taking back").say(lang))
        return
    unit = loaded.scenario.unit
    columns = [
        Text("资金", "Stream"),
        Text("可收回", "Takeable"),
        Text("收回并调整", "Moved"),
        Text("留下", "Left"),
    ]
    show_table(Text(f"资金（{unit}）", f"Money ({unit})"), columns, rows, lang)


def _claims(changes: Changes, lang: Language) -> None:
    names = changes.found.loaded.names
    ranked = sorted(changes.found.pool.assessment.claims, key=lambda c: (-c.takeable, c.county, c.stream))
    rows: list[tuple[Cell, ...]] = []
    for claim in ranked[:MOST]:
        taken = changes.taken(claim.county, claim.stream)
        why = [*claim.reasons, *changes.rest(claim.stream, claim)]
        stream = names.stream(names.problem.stream_names[claim.stream])
        rows.append(
            (
                f"{names.county(claim.county)} · {stream.say(lang)}",
                number(claim.takeable),
                number(taken),
                joined(why, lang),
            )
        )
    if not rows:
        return
    columns = [
        Text("旗县 · 资金", "County · stream"),
        Text("可收回", "Takeable"),
        Text("收回", "Taken"),
        Text("原因和受限", "Why, and what holds it"),
    ]
    show_table(Text("收回", "Taken back"), columns, rows, lang)
    _more(len(ranked), lang)


def _receivers(changes: Changes, lang: Language) -> None:
    found, assessment = changes.found, changes.found.pool.assessment
    got = [(i, changes.received(i)) for i in range(len(found.loaded.counties))]
    ranked = sorted(((i, v) for i, v in got if v), key=lambda pair: (-pair[1], pair[0]))
    rows: list[tuple[Cell, ...]] = [
        (
            found.loaded.names.county(i),
            percent(assessment.rates[i] or Fraction(0)),
            number(changes.due(i), 1),
            number(v),
        )
        for i, v in ranked[:MOST]
    ]
    if not rows:
        return
    columns = [Text("旗县", "County"), Text("支出进度", "Rate"), SHARE, Text("调增", "Received")]
    title = Text(
        f"调增（支出进度不低于 {percent(assessment.fast)}）",
        f"Received (counties with a rate of at least {percent(assessment.fast)})",
    )
    show_table(title, columns, rows, lang)
    _more(len(ranked), lang)


def _more(count: int, lang: Language) -> None:
    if count > MOST:
        line(
            Text(f"另有 {count - MOST} 行：-o OUT 或 --json", f"{count - MOST} more: -o OUT or --json").say(
                lang
            )
        )
        line("")


def changes_json(changes: Changes, out: Path | None, lang: Language) -> dict[str, Any]:
    """Everything for machines."""
    found = changes.found
    day = found.pool.terms.as_of.isoformat()
    return {
        "scenario": found.loaded.scenario.name,
        "unit": found.loaded.scenario.unit,
        "as_of": day,
        "out": None if out is None else str(out),
        "moved": money(found.moved),
        "base": changes.base,
        "average_rate": float(found.pool.assessment.average),
        "fast": float(found.pool.assessment.fast),
        "verdict": {
            "holds": found.verdict.holds,
            "rows": len(found.verdict.rules),
            "broken": len(found.verdict.broken),
        },
        "ledger": ledger_table(changes, day, lang).records(),
        "counties": counties_table(changes, lang).records(),
        "rules": rules_table(changes, lang).records(),
        "committed": committed_table(changes).records(),
    }
