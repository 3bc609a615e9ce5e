"""YAML read into a tree that remembers where every value stands and what exactly was written.

Scalars keep their text: `0.65` becomes a Decimal, never a float, and `010101` stays text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.nodes import MappingNode, ScalarNode, SequenceNode

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import read_text
from allocator.text import Text

MOST_BYTES = 1 << 20
MOST_NODES = 100_000
DEEPEST = 60

_WHOLE = re.compile(r"[-+]?(0|[1-9][0-9]*)")
_DECIMAL = re.compile(r"[-+]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][-+]?[0-9]{1,4})?")
_STANDARD = "tag:yaml.org,2002:"
_TAGS = {"str", "int", "float", "bool", "null", "map", "seq", "merge", "timestamp"}


@dataclass(frozen=True)
class Node:
    """A value with its place: a scalar, a tuple of nodes, or a dict of nodes by key."""

    value: Any
    place: Place
    key_place: Place | None = None
    """Where the key of this value stands, if it has one."""
    folder: Path | None = None
    """Folder of the file that it was written in."""

    def plain(self) -> Any:
        """The value without places."""
        if isinstance(self.value, dict):
            return {key: child.plain() for key, child in self.value.items()}
        if isinstance(self.value, tuple):
            return [child.plain() for child in self.value]
        return self.value

    def get(self, *path: str | int) -> Node | None:
        """The node at a path of keys and positions, if there is one."""
        node: Node | None = self
        for step in path:
            node = node.child(step) if node is not None else None
        return node

    def child(self, step: str | int) -> Node | None:
        """The node under a key or at a position."""
        if isinstance(self.value, dict):
            return self.value.get(str(step))
        if isinstance(self.value, tuple) and isinstance(step, int) and step < len(self.value):
            found: Node = self.value[step]
            return found
        return None

    def nearest(self, path: Sequence[str | int]) -> tuple[Place, list[str]]:
        """Place of the deepest node on a path, and the steps that led there.

        Steps that are no keys, such as the tags pydantic adds for unions, are skipped.
        """
        node, taken = self, []
        for step in path:
            found = node.child(step)
            if found is not None:
                node = found
                taken.append(node.name() if isinstance(step, int) and node.name() else str(step))
        return node.key_place or node.place, taken

    def name(self) -> str:
        """`id` of a rule or `factor` of a factor, by which paths address list items."""
        for key in ("id", "factor"):
            found = self.child(key)
            if found is not None and isinstance(found.value, str):
                return found.value
        return ""

    def with_entries(self, entries: dict[str, Node]) -> Node:
        """This mapping with other entries."""
        return replace(self, value=entries)


def fault(place: Place, zh: str, en: str, fix_zh: str = "", fix_en: str = "") -> Fault:
    """A fault from its sentences."""
    return Fault(place, Text(zh, en), Text(fix_zh, fix_en))


def read_yaml(path: Path, shown: str) -> Node:
    """The tree of a file; `shown` is how messages name it."""
    text = read_text(path, shown, MOST_BYTES, gb18030=False)
    return parse_yaml(text, shown, path.parent)


def parse_yaml(text: str, shown: str, folder: Path | None = None) -> Node:
    """The tree of a text; raises BadInput with the place of what is wrong."""
    try:
        root = YAML(typ="rt", pure=True).compose(text)
        if root is None:
            return Node(None, Place(shown, 1, 1), folder=folder)
        _measure(root, shown)
        return _Converter(shown, folder).node(root)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        place = Place(shown, mark.line + 1, mark.column + 1) if mark else Place(shown)
        what = str(error.problem or error.context or "").strip()
        raise BadInput(
            [
                fault(
                    place,
                    f"YAML 语法错误：{what}",
                    f"YAML syntax error: {what}",
                    "请检查缩进、引号、冒号后的空格，一个文件只能有一个文档",
                    "check indentation, quotes, the blank after a colon; one document a file",
                )
            ]
        ) from None
    except (YAMLError, RecursionError, ValueError) as error:
        what = "嵌套过深" if isinstance(error, RecursionError) else str(error).splitlines()[0]
        raise BadInput(
            [
                fault(
                    Place(shown),
                    f"无法读取 YAML：{what}",
                    f"cannot read the YAML: {what}",
                    "请用文本编辑器检查该文件",
                    "check the file in a text editor",
                )
            ]
        ) from None


def _measure(root: Any, shown: str) -> None:
    """Refuse aliases that expand without end, before anything is expanded."""
    sizes: dict[int, int] = {}
    busy: set[int] = set()

    def size(node: Any, depth: int) -> int:
        known = sizes.get(id(node))
        if known is not None:
            return known
        if id(node) in busy or depth > DEEPEST:
            raise _too_large(node, shown)
        busy.add(id(node))
        total = 1
        if isinstance(node, SequenceNode):
            total += sum(size(child, depth + 1) for child in node.value)
        elif isinstance(node, MappingNode):
            total += sum(size(k, depth + 1) + size(v, depth + 1) for k, v in node.value)
        busy.discard(id(node))
        if total > MOST_NODES:
            raise _too_large(node, shown)
        sizes[id(node)] = total
        return total

    size(root, 0)


def _too_large(node: Any, shown: str) -> BadInput:
    place = Place(shown, node.start_mark.line + 1, node.start_mark.column + 1)
    return BadInput(
        [
            fault(
                place,
                f"展开锚点后内容过大、循环引用或嵌套超过 {DEEPEST} 层",
                f"too large once its aliases are expanded, circular, or nested deeper than {DEEPEST}",
                "请减少锚点（&、*）的使用",
                "use fewer anchors and aliases (&, *)",
            )
        ]
    )


class _Converter:
    def __init__(self, shown: str, folder: Path | None) -> None:
        self.shown, self.folder = shown, folder

    def place(self, node: Any) -> Place:
        return Place(self.shown, node.start_mark.line + 1, node.start_mark.column + 1)

    def node(self, node: Any, key: Any = None) -> Node:
        if node.tag and str(node.tag).removeprefix(_STANDARD) not in _TAGS:
            raise BadInput(
                [
                    fault(
                        self.place(node),
                        f"不支持的标签 {node.tag}",
                        f"the tag {node.tag} is not supported",
                        "请删除该标签",
                        "remove the tag",
                    )
                ]
            )
        value: Any
        if isinstance(node, MappingNode):
            value = self.mapping(node)
        elif isinstance(node, SequenceNode):
            value = tuple(self.node(child) for child in node.value)
        else:
            value = scalar(node)
        return Node(value, self.place(node), None if key is None else self.place(key), self.folder)

    def mapping(self, node: Any) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        merged: dict[str, Node] = {}
        faults = []
        for key, value in node.value:
            if not isinstance(key, ScalarNode):
                faults.append(fault(self.place(key), "键必须是文字", "a key must be plain text"))
                continue
            if key.value == "<<" and key.style is None:
                merged = {**self.merged(value), **merged}
                continue
            name = key.value
            if name in entries:
                first = entries[name].key_place or entries[name].place
                faults.append(
                    fault(
                        self.place(key),
                        f"键“{name}”重复，前一个在第 {first.line} 行",
                        f"duplicate key '{name}', first in line {first.line}",
                        "请删除其中一个",
                        "remove one of them",
                    )
                )
                continue
            entries[name] = self.node(value, key)
        if faults:
            raise BadInput(faults)
        return {**{k: v for k, v in merged.items() if k not in entries}, **entries}

    def merged(self, node: Any) -> dict[str, Node]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        found: dict[str, Node] = {}
        for part in parts:
            if isinstance(part, MappingNode):
                found = {**self.mapping(part), **found}
        return found


def scalar(node: Any) -> Any:
    """None, bool, int, Decimal or text, exactly as written."""
    text = str(node.value)
    tag = str(node.tag).removeprefix(_STANDARD)
    if node.style is not None or tag == "str":
        return text
    if tag == "null":
        return None
    if tag == "bool":
        return text.lower() in ("true", "yes", "on")
    if _WHOLE.fullmatch(text) and len(text) <= 40:
        return int(text)
    if _DECIMAL.fullmatch(text) and not re.match(r"[-+]?0[0-9]", text):
        try:
            return Decimal(text)
        except InvalidOperation:
            return text
    return text


def walk(node: Node, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Node]]:
    """Every node below with its path, list items by name or position."""
    yield path, node
    if isinstance(node.value, dict):
        for key, child in node.value.items():
            yield from walk(child, (*path, key))
    elif isinstance(node.value, tuple):
        for position, child in enumerate(node.value):
            yield from walk(child, (*path, child.name() or str(position)))
