"""Rows of progress tables for tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from fractions import Fraction as F

from allocator.progress.flags import Limits
from allocator.progress.schedule import Schedule
from allocator.progress.spending import Setting, make_progress
from allocator.progress.table import Row

JUNE = date(2025, 6, 30)


NAMES = {"150101": "甲县", "150102": "乙县", "150201": "丙旗", "150202": "丁区"}


def row(code="150101", allocated=1000, paid=0, stream="central", batch="1", project="", **more):
    """A row; days may be given by name."""
    named = ("received", "approved", "planned_start", "started", "due", "closed")
    dates = {name: more.pop(name) for name in named if name in more}
    name, use = more.pop("name", project), more.pop("use", "")
    bare = Row(2, code, NAMES[code], "", stream, batch, project, name, use,
               F(allocated), F(paid), F(more.pop("committed", 0)), more.pop("day", None), dates)  # fmt: skip
    return replace(bare, **more)


def judged(rows, day=JUNE, kind="months", milestones=(), unit="万元", **limits):
    schedule = Schedule(kind, day.year, tuple(milestones))
    return make_progress(rows, Setting(day, day.year, unit, schedule, Limits(**limits)), None)


FOUR = [
    row("150101", 1000, 600),
    row("150101", 200, 0, stream="provincial"),
    row("150102", 500, 200),
    row("150201", 300, 0),
    row("150202", 50, 20),
]
