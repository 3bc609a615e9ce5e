"""Named groups of counties, evaluated on the table."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from difflib import get_close_matches
from typing import Any

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.input.pydantic_faults import shorten
from allocator.input.yaml_tree import Node, fault
from allocator.numbers import parse_number
from allocator.policy import Group
from allocator.text import Text

YES = {"true", "1", "是", "yes", "y"}
NO = {"false", "0", "否", "no", "n"}


def evaluate_groups(
    groups: Mapping[str, Group], counties: Counties, tree: Node
) -> tuple[dict[str, NDArray[np.bool_]], list[Fault]]:
    """(n) members of each group, and the faults met: unknown codes, columns, nobody.

    A group outside its years has no members, which is no fault.
    """
    found: dict[str, NDArray[np.bool_]] = {}
    faults: list[Fault] = []
    for name, group in groups.items():
        members = np.ones(len(counties), dtype=np.bool_)
        before = len(faults)
        if group.closed:
            found[name] = ~members
            continue
        path = ("groups", name, *(() if group.position is None else ("versions", group.position)))
        if group.codes is not None:
            members = np.isin(np.array(counties.codes), list(group.codes))
            faults += unknown_codes(group.codes, counties, tree, (*path, "codes"))
        for column, wanted in (group.where or {}).items():
            place = place_of(tree, *path, "where", column)
            own, own_faults = _matching(column, wanted, counties, place)
            members &= own
            faults += own_faults
        if len(faults) == before and not members.any():
            faults.append(
                fault(
                    place_of(tree, *path),
                    "该分组没有任何旗县",
                    "the group matches no county",
                    "请检查条件与表中的写法",
                    "check the condition against the table",
                )
            )
        found[name] = members
    return found, faults


def place_of(tree: Node, *path: str | int) -> Place:
    """Place of a path in the scenario, with its dotted name."""
    place, taken = tree.nearest(path)
    return Place(place.file, place.line, place.character, ".".join(taken) or ".".join(map(str, path)))


def unknown_codes(
    codes: tuple[str, ...], counties: Counties, tree: Node, path: tuple[str | int, ...]
) -> list[Fault]:
    """Faults for codes that are not in the county table."""
    faults = []
    for position, code in enumerate(codes):
        if code not in counties.index:
            near = get_close_matches(code, counties.codes, 3, 0.8)
            at = place_of(tree, *path, position)
            faults.append(
                Fault(
                    at,
                    Text(f"县表中没有代码 {shorten(code)}", f"no county has the code {shorten(code)}"),
                    Text(f"相近的代码：{'、'.join(near)}", f"close codes: {', '.join(near)}")
                    if near
                    else Text("请检查代码", "check the code"),
                )
            )
    return faults


def _matching(
    column: str, wanted: Any, counties: Counties, place: Place
) -> tuple[NDArray[np.bool_], list[Fault]]:
    nobody = np.zeros(len(counties), dtype=np.bool_)
    if column not in counties.text:
        near = get_close_matches(column, list(counties.text), 3, 0.5) or list(counties.text)[:12]
        return nobody, [
            Fault(
                place,
                Text(f"县表中没有列“{column}”", f"the county table has no column '{column}'"),
                Text(f"现有的列：{'、'.join(near)}", f"columns: {', '.join(near)}"),
            )
        ]
    cells = counties.text[column]
    if isinstance(wanted, dict):
        return _in_range(column, wanted, counties, place)
    values = wanted if isinstance(wanted, list | tuple) else [wanted]
    if any(isinstance(v, dict | list) or v is None for v in values) or not values:
        return nobody, [
            fault(place, "需要值、值的列表或 {min, max}", "a value, a list of values or {min, max} is needed")
        ]
    faults = []
    if any(isinstance(v, bool) for v in values):
        for i, cell in enumerate(cells):
            if cell.lower() not in YES | NO:
                faults.append(
                    Fault(
                        Place(counties.file, counties.lines[i], county=counties.label(i), column=column),
                        Text(
                            f"需要 1/0、是/否 或 true/false，现为 {shorten(cell)}",
                            f"1/0, 是/否 or true/false is needed, got {shorten(cell)}",
                        ),
                        Text("请填写，不要留空", "fill it in, do not leave it blank"),
                    )
                )
    return np.array([any(_equal(cell, v) for v in values) for cell in cells], dtype=np.bool_), faults


def _equal(cell: str, value: Any) -> bool:
    if isinstance(value, bool):
        return cell.lower() in (YES if value else NO)
    if isinstance(value, int | Decimal):
        number = parse_number(cell) if cell else None
        return number == value if number is not None else cell == str(value)
    return cell == str(value)


def _in_range(
    column: str, wanted: dict[str, Any], counties: Counties, place: Place
) -> tuple[NDArray[np.bool_], list[Fault]]:
    limits = {key: value for key, value in wanted.items() if value is not None}
    good = all(isinstance(v, int | Decimal) and not isinstance(v, bool) for v in limits.values())
    if not limits or set(limits) - {"min", "max"} or not good:
        sentence = fault(place, "范围需要写成 {min: 数, max: 数}", "a range reads {min: number, max: number}")
        return np.zeros(len(counties), dtype=np.bool_), [sentence]
    faults, members = [], []
    for i, cell in enumerate(counties.text[column]):
        number = parse_number(cell) if cell else None
        if cell and number is None:
            faults.append(
                Fault(
                    Place(counties.file, counties.lines[i], county=counties.label(i), column=column),
                    Text(f"不是数字：{shorten(cell)}", f"not a number: {shorten(cell)}"),
                    Text("请填写数字，或留空", "write a number, or leave it blank"),
                )
            )
        members.append(
            number is not None
            and ("min" not in limits or number >= limits["min"])
            and ("max" not in limits or number <= limits["max"])
        )
    return np.array(members, dtype=np.bool_), faults
