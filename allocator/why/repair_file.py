"""A repair as a scenario of its own that extends the one it repairs."""

from __future__ import annotations

import os
from collections.abc import Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Place
from allocator.input.extends import read_chain
from allocator.input.overrides import nested
from allocator.input.yaml_tree import fault
from allocator.input.yaml_write import yaml_bytes
from allocator.load import BUNDLED, find
from allocator.loaded import Loaded
from allocator.why.repairs import Change, Repair


def repair_folder(source: str, number: int, out: Path | None) -> Path:
    """Where the repaired scenario goes: beside the original one unless `out` says otherwise."""
    file = find(source)
    if out is None and file.is_relative_to(BUNDLED):
        raise BadInput(
            [
                fault(
                    Place(source),
                    "自带方案不能直接修改",
                    "a bundled scenario is not changed in place",
                    f"先复制一份：allocator init my-plan --from {file.parent.name}",
                    f"copy it first: allocator init my-plan --from {file.parent.name}",
                )
            ]
        )
    target = out or file.parent.parent / f"{file.parent.name}-repair-{number}"
    if not file.is_relative_to(target.resolve().parent):
        raise BadInput(
            [
                fault(
                    Place(str(target)),
                    "修改后的方案须与原方案放在同一个文件夹下，才能继承它",
                    "the repaired scenario must lie beside the original one to extend it",
                    f"例如 -o {file.parent.parent / target.name}",
                    f"such as -o {file.parent.parent / target.name}",
                )
            ]
        )
    return target


def repair_files(
    source: str, sets: Sequence[str], loaded: Loaded, repair: Repair, target: Path
) -> dict[str, bytes]:
    """File name → bytes of the repaired scenario."""
    file = find(source)
    base = file.parent if file.name == "scenario.yaml" else file
    document: dict[str, Any] = {"extends": Path(os.path.relpath(base, target.resolve())).as_posix()}
    document.update(nested(read_chain(file).tree, sets))
    for change in repair.changes:
        _place(document, loaded, change)
    comment = "\n".join(
        f"{change.title.zh} {_plain(change.old)} → {_plain(change.new)}"
        f" / {change.title.en}: {_plain(change.old)} → {_plain(change.new)}"
        for change in repair.changes
    )
    return {"scenario.yaml": yaml_bytes(document, comment)}


def _place(document: dict[str, Any], loaded: Loaded, change: Change) -> None:
    own = document.setdefault(change.kind, {}).setdefault(change.name, {})
    by_year = change.kind == "rules" and isinstance(
        getattr(loaded.scenario.rule_by_id[change.name], change.key), dict
    )
    if by_year:
        held, year = own.get(change.key), loaded.scenario.year
        others = held.items() if isinstance(held, dict) else ()
        own[change.key] = {**{k: v for k, v in others if str(k) != str(year)}, year: change.new}
    else:
        own[change.key] = change.new


def _plain(value: Decimal) -> str:
    return format(value, "f")
