"""Why a sweep cannot go on in a folder, and what to do about it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text

Words = tuple[Text, Text]
"""What is wrong, and what to do."""

AFRESH = Text("请删除该文件夹后重新开始", "delete the folder and start afresh")
INTERRUPTED = (
    Text("这里有一次中断的运行", "an interrupted run lies here"),
    Text("加 --resume 接着算，或删除该文件夹", "go on with --resume, or delete the folder"),
)
NO_RUN = (
    Text("已经存在，而且不是中断的运行", "exists and is no interrupted run"),
    Text("请换一个输出文件夹（-o）", "choose another folder (-o)"),
)
DAMAGED = (
    Text("中断运行的记录已损坏，不能接着算", "the record of the interrupted run is damaged; it cannot go on"),
    AFRESH,
)
PARTS = {
    "plan": Text("计划", "plan"),
    "inputs": Text("方案文件", "files of the scenario"),
    "sets": Text("--set", "--set"),
    "points": Text("情景数", "number of scenarios"),
    "chunk": Text("--chunk", "--chunk"),
    "layout": Text("软件版本", "version of the software"),
}
"""What tells one sweep from another."""


def other_run(differing: Collection[str], record: Mapping[str, Any]) -> Words:
    """The interrupted run is not this one; `differing` are keys of its record."""
    if set(differing) == {"chunk"}:
        chunk = record.get("chunk")
        return (
            Text(f"中断的运行每块 {chunk} 个情景", f"the interrupted run has {chunk} scenarios in a chunk"),
            Text(f"请用 --chunk {chunk}", f"use --chunk {chunk}"),
        )
    parts = [text for key, text in PARTS.items() if key in differing]
    zh, en = "、".join(part.zh for part in parts), ", ".join(part.en for part in parts)
    return (
        Text(
            f"中断的运行用的是另一个方案或计划（不同的是：{zh}）",
            f"the interrupted run is of another scenario or plan (other: {en})",
        ),
        AFRESH,
    )


def foreign(name: str) -> Words:
    """A file that no sweep wrote."""
    return (
        Text(f"文件夹里有不是本软件写的文件：{name}", f"the folder holds a file of somebody else's: {name}"),
        Text("请移走它", "move it away"),
    )


def refused(path: Path, what: Text, fix: Text) -> BadInput:
    """The refusal of a file or folder."""
    return BadInput([Fault(Place(str(path)), what, fix)])
