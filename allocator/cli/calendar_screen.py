"""A calendar on the terminal and as JSON."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from itertools import groupby
from typing import Any, Literal

from rich.table import Table
from rich.text import Text as Styled

from allocator.calendar.deadline import Deadline, Span
from allocator.calendar.pack import Pack, book
from allocator.calendar.plan import Calendar
from allocator.cli.screen import screen, show_table
from allocator.cli.words import line, safe
from allocator.text import Language, Text
from reports.calendar.words import EVERY, STATES, overrun

COLUMNS = (
    Text("环节", "Step"),
    Text("责任部门", "Department"),
    Text("起算", "From"),
    Text("天数", "Days"),
    Text("到期", "Due"),
    Text("实际", "Done"),
    Text("剩余", "Left"),
    Text("状态", "State"),
)
NUMBERS = (3, 6)
"""Columns that stand right."""
FROM, DONE = 2, 5


def print_calendar(made: Calendar, lang: Language) -> None:
    """Head, one table a chain, slack of each whole limit, clauses, and what is late."""
    line(f"{made.title.say(lang)} · {made.pack}（{made.document}）")
    line(_counting(made).say(lang))
    _print_readings(made, lang)
    line("")
    for (case, chain), group in groupby(made.deadlines, key=lambda d: (d.case, d.step.chain)):
        _print_chain(case, chain, list(group), lang)
    for chain, span in made.spans:
        line(_span(chain, span).say(lang))
    if any(d.assumed and d.due for d in made.deadlines):
        line(
            Text(
                "* 前一环节尚无日期，按其最迟日期推算",
                "* the step before has no day yet: counted from its latest lawful day",
            ).say(lang)
        )
    _print_late(made, lang)


def _counting(made: Calendar) -> Text:
    clock = made.clock
    zh = "按工作日" if clock.working else "按日历日"
    en = "working days" if clock.working else "calendar days"
    if clock.extended:
        zh, en = f"{zh}，最后一日遇假日顺延", f"{en}, a last day off moves on"
    judged = f"，以 {made.today} 为准" if made.today else "，未给 --today：不判断未完成的环节"
    judged_en = f"; judged on {made.today}" if made.today else "; no --today: open steps are not judged"
    return Text(f"{zh}，起算当日不计入{judged}", f"{en}, the starting day not counted{judged_en}")


def _print_readings(made: Calendar, lang: Language) -> None:
    readings = book().packs[made.pack].readings
    for name, choice in made.readings.items():
        title, said = readings[name].title.text(name), readings[name].choices[choice].text(choice)
        text = Text(
            f"口径 {name}={choice}：{title.zh}：{said.zh}", f"reading {name}={choice}: {title.en}: {said.en}"
        )
        line(text.say(lang))


def _print_chain(case: str, chain: str, found: Sequence[Deadline], lang: Language) -> None:
    title = book().chains[chain].title.text(chain)
    heading = Text(f"{case} · {title.zh}", f"{case} · {title.en}") if case else title
    rows = [_row(d, lang) for d in found]
    table = Table(header_style="bold", box=None, pad_edge=False, padding=(0, 2, 0, 0))
    kept = [place for place in range(len(COLUMNS)) if place < 2 or any(row[place] for row in rows)]
    if DONE in kept:
        # 80 columns do not hold both; a step starts where the one above it ends
        kept = [place for place in kept if place != FROM]
    for place in kept:
        # days must not be broken; what is long gives way
        justify: Literal["left", "right"] = "right" if place in NUMBERS else "left"
        table.add_column(COLUMNS[place].say(lang), no_wrap=place >= 2, justify=justify, overflow="fold")
    for one, row in zip(found, rows, strict=True):
        table.add_row(*(Styled(safe(row[k])) for k in kept), style="red" if one.late else "")
    console = screen()
    console.print(Styled(safe(heading.say(lang)), style="bold"))
    console.print(table, "")
    _print_remarks(found, lang)


def _print_remarks(found: Sequence[Deadline], lang: Language) -> None:
    """Clauses, notes, whole limits that cannot be kept, and what was not counted."""
    for clause in dict.fromkeys(d.step.clause for d in found):
        line(Text(f"依据：{clause}", f"By: {clause}").say(lang))
    for note in dict.fromkeys(d.step.note.text().say(lang) for d in found if d.step.note.zh):
        line(Text(f"注：{note}", f"Note: {note}").say(lang))
    for one in found:
        name, over = one.step.title.text(one.step.id), overrun(one)
        if over is not None:
            line(Text(f"{name.zh}：{over.zh}", f"{name.en}: {over.en}").say(lang))
        if one.reason is not None:
            zh, en = ("到期日", "due day") if one.due is None else ("剩余天数", "days left")
            said = Text(
                f"{name.zh}：{zh}未计算：{one.reason.zh}", f"{name.en}: {en} not counted: {one.reason.en}"
            )
            line(said.say(lang))
    line("")


def _row(one: Deadline, lang: Language) -> tuple[str, ...]:
    step = one.step
    since = "" if one.since is None else str(one.since)
    due = "" if one.due is None else f"{one.due}{'*' if one.assumed else ''}"
    state = STATES[one.state].say(lang)
    if one.late:
        state = Text(f"{STATES[one.state].zh} {one.late} 天", f"{STATES[one.state].en} by {one.late}").say(
            lang
        )
    if step.every is not None:
        state = EVERY[step.every].say(lang)
    days = "" if one.days is None else str(one.days) if step.days is not None else f"({one.days})"
    actual, left = "" if one.actual is None else str(one.actual), "" if one.left is None else str(one.left)
    name, department = step.title.text(step.id).say(lang), step.department.text().say(lang)
    return name, department, since, days, due, actual, left, state


def _span(chain: str, span: Span) -> Text:
    title = book().chains[chain].title.text(chain)
    windows = " + ".join(str(days) for days in span.windows)
    total, whole = sum(span.windows), span.step.days
    return Text(
        f"{title.zh}：全程 {whole} 天，各环节 {windows} = {total} 天，"
        f"余量 {whole} − {total} = {span.slack} 天；用足时限共 {span.longest} 天",
        f"{title.en[:1].upper()}{title.en[1:]}: {whole} days in all, steps {windows} = {total}, "
        f"slack {whole} − {total} = {span.slack}; {span.longest} days if every limit is used to the full",
    )


def _print_late(made: Calendar, lang: Language) -> None:
    """Each late step with its case, and with its chain where several are late."""
    if not made.late:
        return
    chains = {d.step.chain for d in made.late}
    names = []
    for one in made.late:
        title, chain = one.step.title.text(one.step.id), book().chains[one.step.chain].title.text()
        whose = [Text(one.case, one.case)] if one.case else []
        whose += [chain] if len(chains) > 1 else []
        names.append(
            Text(
                " · ".join([*(part.zh for part in whose), title.zh]),
                " · ".join([*(part.en for part in whose), title.en]),
            )
        )
    zh, en = "、".join(n.zh for n in names), ", ".join(n.en for n in names)
    line(Text(f"逾期 {len(names)} 项：{zh}", f"{len(names)} late: {en}").say(lang))


def print_packs(packs: Mapping[str, Pack], lang: Language) -> None:
    """Name, title, places and readings of every pack."""
    columns = [
        Text("规则包", "Pack"),
        Text("标题", "Title"),
        Text("代码开头", "Codes"),
        Text("环节", "Steps"),
    ]
    everywhere = Text("全国", "all").say(lang)
    rows = [
        (name, pack.title.text(name).say(lang), " ".join(pack.places) or everywhere, len(pack.steps))
        for name, pack in packs.items()
    ]
    show_table(Text("规则包", "Packs"), columns, rows, lang)
    said = [
        (name, key, f"{choice}{' (*)' if k == 0 else ''}", title.text(choice).say(lang))
        for name, pack in packs.items()
        for key, reading in pack.readings.items()
        for k, (choice, title) in enumerate(reading.choices.items())
    ]
    columns = [
        Text("规则包", "Pack"),
        Text("口径", "Reading"),
        Text("选项", "Choice"),
        Text("含义", "Meaning"),
    ]
    show_table(Text("口径（* 为默认）", "Readings (* the default)"), columns, said, lang)


def calendar_json(made: Calendar) -> dict[str, Any]:
    """Everything, for a machine."""
    return {
        "scenario": made.scenario,
        "year": made.year,
        "pack": made.pack,
        "document": made.document,
        "readings": dict(made.readings),
        "working_days": made.clock.working,
        "next_working_day": made.clock.extended,
        "today": _day(made.today),
        "late": len(made.late),
        "steps": [_deadline_json(one) for one in made.deadlines],
        "limits": [
            {
                "chain": chain,
                "step": span.step.id,
                "days": span.step.days,
                "windows": list(span.windows),
                "slack": span.slack,
                "longest": span.longest,
            }
            for chain, span in made.spans
        ],
        "not_started": list(made.unstarted),
        "notices": [{"zh": n.zh, "en": n.en} for n in made.notices],
    }


def _deadline_json(one: Deadline) -> dict[str, Any]:
    step = one.step
    return {
        "case": one.case,
        "chain": step.chain,
        "step": step.id,
        "title": step.title.model_dump(),
        "clause": step.clause,
        "quote": step.quote,
        "note": step.note.model_dump(),
        "department": step.department.model_dump(),
        "start_event": step.start,
        "start": _day(one.since),
        "start_assumed": one.assumed,
        "days": one.days,
        "days_in_document": step.days is not None,
        "every": step.every,
        "due": _day(one.due),
        "done": _day(one.actual),
        "left": one.left,
        "late_by": one.late,
        "over_by": one.over,
        "state": one.state,
        "reason": None if one.reason is None else {"zh": one.reason.zh, "en": one.reason.en},
    }


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()
