"""Progress on the terminal and as JSON."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from allocator.cli.screen import Cell, show_table
from allocator.cli.words import line
from allocator.names import number, percent
from allocator.progress.flags import KINDS, Flag
from allocator.progress.periods import Period
from allocator.progress.score import scores
from allocator.progress.spending import Progress
from allocator.progress.sums import Sum
from allocator.text import Language, Text
from reports.progress.period_tables import PERIODS, period_table
from reports.progress.tables import progress_tables
from reports.table import Column

MOST = 20
"""Counties, accounts and flags shown."""
SHOWN = {
    "week": ("county", "as_of", "paid_within", "since", "rate", "gap", "begun", "projects", "problems"),
    "month": ("problem", "counties", "county", "text", "due"),
    "quarter": ("rank", "county", "rate", "gap", "contribution", "verdict", "reason"),
}
"""Columns of a period's table that a terminal has room for."""
SUMS = [
    Text("下达", "Allocated"),
    Text("支付", "Paid"),
    Text("支出进度", "Rate"),
    Text("序时", "Schedule"),
    Text("较序时", "Gap"),
    Text("欠序时", "Short"),
]


def print_progress(made: Progress, period: Period | None, lang: Language) -> None:
    """Whole, streams, ranking, flags, large projects; with a period its table in place of the ranking."""
    line(_whole(made).say(lang))
    line("")
    _streams(made, lang)
    if period is None:
        _ranking(made, lang)
    else:
        _period(made, period, lang)
    _flags(made, lang)
    _watched(made, lang)


def _whole(made: Progress) -> Text:
    total, unit = made.total, made.setting.unit
    rate, planned = percent(total.rate or Fraction(0)), percent(total.planned or Fraction(0))
    day, gap = made.setting.day, number((total.gap or Fraction(0)) * 100, sign=True)
    return Text(
        f"截至 {day}：下达 {number(total.allocated)} {unit}，支付 {number(total.paid)} {unit}（{rate}），"
        f"序时 {planned}，相差 {gap} 个百分点",
        f"As of {day}: {number(total.allocated)} {unit} allocated, {number(total.paid)} paid ({rate}); "
        f"schedule {planned}, {gap} points",
    )


def _sum(total: Sum) -> tuple[Cell, ...]:
    gap = total.gap
    return (
        number(total.allocated),
        number(total.paid),
        _percent(total.rate),
        _percent(total.planned),
        "" if gap is None else _signed(gap),
        number(total.shortfall) if total.shortfall else "",
    )


def _percent(value: Fraction | None) -> str:
    return "" if value is None else percent(value)


def _signed(value: Fraction) -> str:
    """With an ASCII sign, so that the column stands right."""
    return percent(value, sign=True).replace("−", "-")


def _streams(made: Progress, lang: Language) -> None:
    rows = [
        (made.streams[stream].say(lang), batch, *_sum(total))
        for (stream, batch), total in made.by_stream.items()
    ]
    unit = made.setting.unit
    title = Text(f"分资金、分批次（{unit}）", f"Streams and batches ({unit})")
    show_table(title, [Text("资金", "Stream"), Text("批次", "Batch"), *SUMS], rows, lang)


def _ranking(made: Progress, lang: Language) -> None:
    found = made.ranking
    half = MOST // 2
    shown = found if len(found) <= MOST else (*found[:half], *found[-half:])
    rows = [(s.rank, s.county, *_sum(s.sum), _share(s.contribution)) for s in shown]
    columns = [Text("名次", "Rank"), Text("旗县", "County"), *SUMS, Text("占缺口", "Part")]
    unit = made.setting.unit
    part = (
        Text("", "")
        if len(shown) == len(found)
        else Text(f"，{len(found)} 个中的首尾", f", ends of {len(found)}")
    )
    title = Text(f"排名：较序时（{unit}{part.zh}）", f"Ranking by points from schedule ({unit}{part.en})")
    show_table(title, columns, rows, lang, [k for k, s in enumerate(shown) if s.sum.shortfall])


def _share(value: Fraction) -> str:
    return percent(value, 1) if value else ""


def _period(made: Progress, period: Period, lang: Language) -> None:
    table = period_table(made, period, lang)
    kept = [k for name in SHOWN[period] for k, column in enumerate(table.columns) if column.name == name]
    columns = [table.columns[k].title for k in kept]
    year = f"{made.setting.day.year}-"
    rows = [[_cell(row[k], table.columns[k], year) for k in kept] for row in table.rows]
    show_table(table.title, columns, rows, lang)
    if period == "quarter":
        for title, found in (
            (Text("通报表扬", "Praised"), made.praised()),
            (Text("通报批评", "Criticised"), made.criticised()),
        ):
            none = Text("无", "none").say(lang)
            names = Text("、", ", ").say(lang).join(s.county for s in found) or none
            line(Text(f"{title.zh}：{names}", f"{title.en}: {names}").say(lang))
        line("")


def _cell(value: object, column: Column, year: str) -> Cell:
    if column.name in ("as_of", "since"):
        # days of the year that everything is about, in a terminal's 80 columns
        return str(value or "").replace(year, "")
    if value is None or isinstance(value, str):
        return value
    exact = Fraction(str(value))
    if column.show == "share":
        return _signed(exact) if column.name == "gap" else percent(exact)
    return number(exact)


def _flags(made: Progress, lang: Language) -> None:
    if not made.flags:
        line(Text("没有需要提示的问题", "Nothing to flag").say(lang))
        line("")
        return
    # what must be mended first, and of that what most money hangs on
    ordered = sorted(made.flags, key=lambda f: (not f.breach, -f.amount))
    rows = [
        (KINDS[f.kind][0].say(lang), f.county, _where(made, f, lang), f.text.say(lang))
        for f in ordered[:MOST]
    ]
    breaches = len(made.breaches)
    watch = len(made.flags) - breaches
    title = Text(
        f"预警：须整改 {breaches} 项，提示 {watch} 项", f"Flags: {breaches} breaches, {watch} to watch"
    )
    columns = [Text("类别", "Kind"), Text("旗县", "County"), Text("资金", "Stream"), Text("说明", "In words")]
    show_table(title, columns, rows, lang, [k for k, f in enumerate(ordered[:MOST]) if f.breach])
    if len(ordered) > MOST:
        more = len(ordered) - MOST
        line(Text(f"另有 {more} 项：-o 或 --json", f"{more} more: -o or --json").say(lang))
        line("")


def _where(made: Progress, flag: Flag, lang: Language) -> str:
    title = made.streams[flag.stream].say(lang)
    return f"{title} {flag.batch}".strip() if sum(s == flag.stream for s, _ in made.by_stream) > 1 else title


def _watched(made: Progress, lang: Language) -> None:
    if not made.watched:
        return
    every = {"month": Text("每月", "monthly"), "quarter": Text("每季度", "quarterly")}
    rows = [
        (
            w.row.county,
            w.row.name,
            number(w.row.investment or Fraction(0)),
            w.who.say(lang),
            every[w.every].say(lang),
        )
        for w in made.watched
    ]
    columns = [
        Text("旗县", "County"),
        Text("项目", "Project"),
        Text("投资规模", "Investment"),
        Text("谁监测", "Who"),
        Text("频次", "How often"),
    ]
    title = Text(
        "重点监测的产业项目（新财振〔2024〕1号 三（二））",
        "Large industry projects (新财振〔2024〕1号 三（二）)",
    )
    show_table(title, columns, rows, lang)


def progress_json(made: Progress, period: Period | None) -> dict[str, Any]:
    """Everything, for a machine; with a period only that period's table beside the rest."""
    wanted = PERIODS if period is None else (period,)
    periods = [period_table(made, one, "en") for one in wanted]
    tables = {table.name: table.records() for table in (*periods, *progress_tables(made, "en"))}
    setting, limits = made.setting, made.setting.limits
    return {
        "as_of": setting.day.isoformat(),
        "year": setting.year,
        "unit": setting.unit,
        "schedule": setting.schedule.kind,
        "limits": {
            "behind": limits.behind,
            "idle_days": limits.idle_days,
            "arrears": limits.arrears,
            "start_clock": limits.start_clock,
            "monitor": limits.monitor,
        },
        "total": _sum_json(made.total),
        "course": [{"date": _day(p.day), **_sum_json(p.sum)} for p in made.course],
        "praised": [s.code for s in made.praised()],
        "criticised": [s.code for s in made.criticised()],
        "scores": {one.code: one.score for one in scores(made)},
        "breaches": len(made.breaches),
        "notices": [{"zh": n.zh, "en": n.en} for n in [*made.notices, *made.starts(wanted)]],
        **tables,
    }


def _day(day: date) -> str:
    return day.isoformat()


def _sum_json(total: Sum) -> dict[str, Any]:
    return {
        "allocated": total.allocated,
        "paid": total.paid,
        "committed": total.committed,
        "expected": total.expected,
        "rate": total.rate,
        "planned": total.planned,
        "gap": total.gap,
        "shortfall": total.shortfall,
    }
