"""The states of a step in words, and what is said of a whole limit that its steps overrun."""

from __future__ import annotations

from datetime import timedelta

from allocator.calendar.deadline import Deadline
from allocator.text import Text

STATES = {
    "done": Text("已完成", "done"),
    "done_late": Text("逾期完成", "done late"),
    "done_over_share": Text("完成，超出预留", "done over its share"),
    "unknown": Text("未给日期", "no date given"),
    "late": Text("逾期", "late"),
    "over_share": Text("已超出预留", "over its share"),
    "open": Text("进行中", "open"),
    "waiting": Text("未开始", "not begun"),
    "uncounted": Text("未计算", "not counted"),
}
"""State → in words."""
EVERY = {
    "week": Text("每周", "every week"),
    "month": Text("每月", "every month"),
    "quarter": Text("每季度", "every quarter"),
}


def overrun(one: Deadline) -> Text | None:
    """That a whole limit cannot be kept if the open steps use theirs to the full, and by how many days."""
    if one.due is None or not one.over:
        return None
    end = one.due + timedelta(days=one.over)
    return Text(
        f"未完成的环节用足时限则到 {end} 才完成，{one.due} 的全程时限不能满足，超出 {one.over} 天",
        f"if the open steps use their days to the full, they end on {end}: "
        f"the whole limit of {one.due} cannot be kept (over by {one.over})",
    )
