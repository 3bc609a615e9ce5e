"""A calendar as files: a table, and events that a calendar program imports."""

from __future__ import annotations

from allocator.calendar.deadline import Deadline
from allocator.calendar.plan import Calendar
from allocator.text import Language, Text
from reports.calendar.ics import ics_bytes
from reports.calendar.words import EVERY, STATES
from reports.csv_files import csv_bytes
from reports.table import Cell, Column, Table, text_column

OVER = Text(
    "未完成的环节用足时限则超出全程时限的天数",
    "Days by which the whole limit is missed if the open steps use theirs to the full",
)


def calendar_files(made: Calendar, lang: Language) -> dict[str, bytes]:
    """`calendar.csv` and `calendar.ics`."""
    return {"calendar.csv": csv_bytes(calendar_table(made, lang)), "calendar.ics": ics_bytes(made, lang)}


def calendar_table(made: Calendar, lang: Language) -> Table:
    """One row a step; titles and departments in `lang`."""
    columns = (
        text_column("case", Text("批次", "Case"), Text("批次或任务方向", "Batch or direction")),
        text_column("chain", Text("资金链", "Chain"), Text("资金链", "Chain")),
        text_column("step", Text("环节", "Step"), Text("环节代号", "Name of the step"), True),
        text_column("title", Text("名称", "Title"), Text("环节名称", "Title of the step")),
        text_column("clause", Text("条款", "Clause"), Text("依据", "Source")),
        text_column("quote", Text("原文", "Quote"), Text("条款原文", "Words of the clause")),
        text_column("department", Text("责任部门", "Department"), Text("责任部门", "Who is responsible")),
        text_column("start", Text("起算日", "Start"), Text("起算日", "Day from which the days run")),
        Column("assumed", Text("推算", "Assumed"), Text("起算日为推算", "The start is assumed"), "boolean"),
        Column("days", Text("天数", "Days"), Text("允许天数", "Days allowed"), "integer", "count"),
        text_column("due", Text("到期日", "Due"), Text("到期日", "Last lawful day")),
        text_column("done", Text("实际", "Done"), Text("实际日期", "Real day")),
        Column("left", Text("剩余", "Left"), Text("剩余天数", "Days left"), "integer", "count"),
        Column("late", Text("逾期", "Late"), Text("逾期天数", "Days late"), "integer", "count"),
        Column("over", Text("超全程", "Over"), OVER, "integer", "count"),
        text_column("state", Text("状态", "State"), Text("状态", "State")),
        text_column("reason", Text("原因", "Reason"), Text("未计算的原因", "Why a day is not counted")),
    )
    title = Text("法定时限", "Time limits")
    return Table("calendar", title, title, columns, tuple(_row(one, lang) for one in made.deadlines))


def _row(one: Deadline, lang: Language) -> tuple[Cell, ...]:
    step = one.step
    state = STATES[one.state] if step.every is None else EVERY[step.every]
    return (
        one.case,
        step.chain,
        step.id,
        step.title.text(step.id).say(lang),
        step.clause,
        step.quote,
        step.department.text().say(lang),
        None if one.since is None else one.since.isoformat(),
        one.assumed,
        one.days,
        None if one.due is None else one.due.isoformat(),
        None if one.actual is None else one.actual.isoformat(),
        one.left,
        one.late,
        one.over,
        state.say(lang),
        None if one.reason is None else one.reason.say(lang),
    )
