"""`--set path=value`: one value of the tree replaced from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from difflib import get_close_matches
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.input.yaml_tree import Node, fault, parse_yaml
from allocator.text import Text


def override(tree: Node, sets: Sequence[str]) -> Node:
    """The tree with every `path=value` applied in order; BadInput with all that fail."""
    faults: list[Fault] = []
    for text in sets:
        try:
            tree = _apply(tree, text)
        except BadInput as error:
            faults += error.faults
    if faults:
        raise BadInput(faults)
    return tree


def nested(tree: Node, sets: Sequence[str]) -> dict[str, Any]:
    """The same changes as nested maps, for a scenario that extends this one.

    Raises BadInput where a change lies within a plain list, which `extends` replaces whole.
    """
    found: dict[str, Any] = {}
    for text in sets:
        path, _, value = text.partition("=")
        at, level = tree, found
        keys = _split(tree, path.strip())
        for position, key in enumerate(keys):
            if isinstance(at.value, tuple) and at.value and at.value[0].name() is None:
                raise BadInput(
                    [
                        fault(
                            Place(f"--set {text}"),
                            "列表中的一项不能写进继承的方案",
                            "one item of a list cannot be written into a scenario that extends another",
                            "请先把它改进方案文件",
                            "change it in the scenario file first",
                        )
                    ]
                )
            if position == len(keys) - 1:
                level[key] = parse_yaml(value, f"--set {text}").plain()
            else:
                level, at = level.setdefault(key, {}), _child(at, key) or at
    return found


def _split(tree: Node, path: str) -> list[str]:
    """The keys of a dotted path, as `override` reads it."""
    keys = _keys(tree)
    fits = [key for key in keys if path == key or path.startswith(f"{key}.")]
    head = max(fits, key=len) if fits else path.partition(".")[0]
    rest = path[len(head) + 1 :]
    child = _child(tree, head) if fits else None
    return [head, *(_split(child, rest) if rest and child is not None else [rest] if rest else [])]


def _apply(tree: Node, text: str) -> Node:
    shown = f"--set {text}"
    path, equals, value = text.partition("=")
    if not equals or not path.strip():
        raise BadInput(
            [
                fault(
                    Place(shown),
                    "需要写成 路径=值",
                    "it must read path=value",
                    "例如 --set rules.use_share_cap.cap=0.25",
                    "such as --set rules.use_share_cap.cap=0.25",
                )
            ]
        )
    node = _placed(parse_yaml(value, shown), Place(shown))
    return _put(tree, path.strip(), node, Place(shown), "")


def _placed(node: Node, place: Place) -> Node:
    """The node with all places replaced, since a line of a command line means nothing."""
    value = node.value
    if isinstance(value, dict):
        value = {key: _placed(child, place) for key, child in value.items()}
    elif isinstance(value, tuple):
        value = tuple(_placed(child, place) for child in value)
    return Node(value, place)


def _put(tree: Node, path: str, value: Node, place: Place, done: str) -> Node:
    keys = _keys(tree)
    fits = [key for key in keys if path == key or path.startswith(f"{key}.")]
    head = max(fits, key=len) if fits else path.partition(".")[0]
    rest = path[len(head) + 1 :]
    if not fits and (rest or not isinstance(tree.value, dict)):
        raise BadInput([_unknown(place, f"{done}{head}", head, keys)])
    if not rest:
        return _replaced(tree, head, value)
    child = _child(tree, head)
    assert child is not None
    return _replaced(tree, head, _put(child, rest, value, place, f"{done}{head}."))


def _keys(tree: Node) -> list[str]:
    if isinstance(tree.value, dict):
        return list(tree.value)
    if isinstance(tree.value, tuple):
        return [item.name() or str(position) for position, item in enumerate(tree.value)]
    return []


def _child(tree: Node, key: str) -> Node | None:
    if isinstance(tree.value, tuple):
        return tree.value[_keys(tree).index(key)]  # type: ignore[no-any-return]
    return tree.child(key)


def _replaced(tree: Node, key: str, value: Node) -> Node:
    if isinstance(tree.value, tuple):
        position = _keys(tree).index(key)
        return replace(tree, value=(*tree.value[:position], value, *tree.value[position + 1 :]))
    return tree.with_entries({**tree.value, key: replace(value, key_place=value.place)})


def _unknown(place: Place, path: str, head: str, keys: list[str]) -> Fault:
    near = get_close_matches(head, keys, 3) or keys[:8]
    listed = "、".join(near), ", ".join(near)
    return Fault(
        place,
        Text(f"没有路径“{path}”", f"there is no path '{path}'"),
        Text(f"可用的有：{listed[0]}" if near else "", f"there are: {listed[1]}" if near else ""),
    )
