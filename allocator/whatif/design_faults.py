"""Faults of a plan's file: pydantic's findings and the scenario's complaints, with their lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError
from pydantic_core import InitErrorDetails

from allocator.faults import Fault, Place
from allocator.input.pydantic_faults import scenario_faults
from allocator.input.yaml_tree import Node
from allocator.policy import Model
from allocator.text import Text
from allocator.whatif.design_base import BESIDE, Refusal, Steps
from allocator.whatif.design_check import Checker, Complaint, Location
from allocator.whatif.design_trial import whole_number
from allocator.whatif.designs import KINDS


def placed(complaint: Complaint, tree: Node) -> Fault:
    """A complaint with its line."""
    place, taken = tree.nearest(complaint.at)
    where = Place(place.file, place.line, place.character, ".".join(taken))
    return Fault(where, complaint.what, complaint.fix)


def file_order(faults: Iterable[Fault]) -> list[Fault]:
    """Every fault once, from the top of the file to its end."""
    once = {(fault.place, fault.what): fault for fault in faults}
    return sorted(once.values(), key=lambda f: (f.place.line or 0, f.place.character or 0))


def plan_faults(error: ValidationError, tree: Node, plan: type[Model]) -> list[Fault]:
    """pydantic's findings in our own words, each with what to do."""
    found = []
    for item in error.errors():
        if item["type"] == "too_short" and item["input"]:
            continue  # only seems short, since its faulty items, reported themselves, do not count
        at = _in_file(item["loc"])
        own = _own(item, at, tree, plan)
        if own is not None:
            found.append(placed(own, tree))
            continue
        details = InitErrorDetails(type=item["type"], loc=at, input=item["input"], ctx=item.get("ctx", {}))
        for made in scenario_faults(ValidationError.from_exception_data("plan", [details]), tree):
            found.append(made if made.fix.en else Fault(made.place, made.what, _example(at)))
    return found


def _in_file(at: Location) -> Location:
    """The location without the design's key where the file has `with` and `name` beside it."""
    beside = len(at) > 3 and at[0] == "designs" and at[3] in BESIDE
    return (*at[:2], *at[3:]) if beside else at


def _own(item: Mapping[str, Any], at: Location, tree: Node, plan: type[Model]) -> Complaint | None:
    """Findings that the scenario's own sayings do not cover."""
    refusal = item.get("ctx", {}).get("error")
    if isinstance(refusal, Refusal):
        return Complaint(at if refusal.at is None else (*at[:2], *refusal.at), refusal.what, refusal.fix)
    if item["type"] == "union_tag_not_found":
        return _no_design(at, tree)
    if item["type"] == "extra_forbidden":
        allowed = _allowed(at, plan)
        near = get_close_matches(str(at[-1]), allowed, 3, 0.5) or allowed
        return Complaint(
            at,
            Text(f"未知的键“{at[-1]}”", f"unknown key '{at[-1]}'"),
            Text(f"可用的键：{'、'.join(near)}", f"allowed keys: {', '.join(near)}"),
        )
    if item["type"].startswith("int_"):
        return Complaint(at, whole_number(item["input"]), _example(at))
    return None


def _allowed(at: Location, plan: type[Model]) -> list[str]:
    """Keys that the model at this location knows."""
    model: type[Model] = plan
    if "{}" in at:
        model = Steps
    elif len(at) > 1:
        model = KINDS[str(at[2])]
    names = [field.alias or name for name, field in model.model_fields.items()]
    return [name for name in names if model is plan or name not in BESIDE]


def _no_design(at: Location, tree: Node) -> Complaint:
    entry = tree.get(*at)
    keys = list(entry.value) if entry is not None and isinstance(entry.value, dict) else []
    strange = [key for key in keys if key not in BESIDE]
    fix = Text(f"可用的设计：{'、'.join(KINDS)}", f"designs: {', '.join(KINDS)}")
    if strange:
        what = Text(f"没有叫“{strange[0]}”的设计", f"there is no design '{strange[0]}'")
        return Complaint((*at, strange[0]), what, fix)
    return Complaint(at, Text("这一项没有写明设计", "this item names no design"), fix)


def _example(at: Location) -> Text:
    """What to do where nothing better is known: how the key, or the design, is written."""
    plan = {"seed": "seed: 0", "record": "record: [counties, metrics]"}
    design = KINDS[str(at[2])] if len(at) > 2 else KINDS["one_at_a_time"]
    example = design.example if len(at) > 2 else "designs: [{" + design.example + "}]"
    example = plan.get(str(at[0]), example) if at else example
    return Text(f"例如 {example}", f"such as {example}")


def repeated_names(names: Iterable[tuple[int, str]]) -> Iterator[Complaint]:
    """Complaints about designs of the same name."""
    seen: dict[str, int] = {}
    for number, name in names:
        if name and name in seen:
            yield Complaint(
                ("designs", number, "name"),
                Text(f"名称“{name}”已经用过", f"the name '{name}' is taken"),
                Text("请换一个名称", "choose another name"),
            )
        seen.setdefault(name, number)


def loose_complaints(entry: Node, number: int, checker: Checker) -> Iterator[Complaint]:
    """Unknown paths of a design that is itself faulty, so that all faults show at once."""
    for at, path in _paths(entry):
        yield from checker.path(path, ("designs", number, *at))


def _paths(entry: Node) -> Iterator[tuple[Location, str]]:
    """Every path within the entry of a design, with its place there."""
    for key, node in entry.value.items() if isinstance(entry.value, dict) else ():
        if key in ("with", "grid", "one_at_a_time"):
            yield from _keys((key,), node)
        elif key == "list" and isinstance(node.value, tuple):
            for position, item in enumerate(node.value):
                yield from _keys((key, position), item)
        elif key == "noise":
            yield from _columns((key, "columns"), node.child("columns"))
        else:
            yield from _keys((key, "ranges"), node.child("ranges"))


def _keys(at: Location, node: Node | None) -> Iterator[tuple[Location, str]]:
    if node is not None and isinstance(node.value, dict):
        yield from (((*at, path), path) for path in node.value if path not in BESIDE)


def _columns(at: Location, node: Node | None) -> Iterator[tuple[Location, str]]:
    if node is not None and isinstance(node.value, dict):
        yield from (((*at, column), f"columns.{column}") for column in node.value)
    elif node is not None and isinstance(node.value, tuple):
        yield from (((*at, i), f"columns.{item.value}") for i, item in enumerate(node.value))
