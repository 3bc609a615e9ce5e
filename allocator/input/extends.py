"""`extends`: a scenario as a change of another, file by file, each value keeping its place."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.input.yaml_tree import Node, fault, read_yaml

LONGEST = 20
"""Most files in a chain."""


@dataclass(frozen=True)
class Chain:
    """The merged tree and the files it came from, the scenario's own first."""

    tree: Node
    files: tuple[Path, ...]


def shown_path(path: Path, root: Path) -> str:
    """How messages name a file: relative to the scenario's folder where that is short."""
    try:
        return path.relative_to(root).as_posix()
    except ValueError:
        return f"../{path.parent.name}/{path.name}" if path.parent.parent == root.parent else str(path)


def read_chain(file: Path) -> Chain:
    """The scenario in `file` with everything it extends merged in; rules and factors are named."""
    root, files, trees = file.parent, [file], []
    current = file
    while True:
        tree = named(read_yaml(current, shown_path(current, root)))
        trees.append(tree)
        above = tree.get("extends")
        if above is None or above.value is None:
            break
        current = _target(above)
        if current in files:
            raise BadInput(
                [
                    fault(
                        above.place,
                        "extends 形成了循环",
                        "extends goes round in a circle",
                        "请删除其中一个 extends",
                        "remove one of the extends",
                    )
                ]
            )
        files.append(current)
        if len(files) > LONGEST:
            raise BadInput(
                [
                    fault(
                        above.place,
                        f"extends 超过 {LONGEST} 层",
                        f"more than {LONGEST} extends in a row",
                        "请减少层数",
                        "use fewer",
                    )
                ]
            )
    merged = trees[-1]
    for tree in reversed(trees[:-1]):
        merged = _merge(merged, tree)
    if isinstance(merged.value, dict):
        merged = merged.with_entries({k: v for k, v in merged.value.items() if k != "extends"})
    return Chain(named(merged), tuple(files))


def inside(node: Node, target: Path) -> Path:
    """`target` relative to the node's file, refused where it leaves that folder and its parent's."""
    folder = (node.folder or Path()).resolve()
    path = (folder / target).resolve()
    if not path.is_relative_to(folder.parent):
        raise BadInput(
            [
                fault(
                    node.place,
                    f"路径“{target}”超出了该文件所在文件夹的上一级",
                    f"the path '{target}' leaves the file's parent folder",
                    "请把文件放在同一文件夹或相邻文件夹中",
                    "keep the file in the same folder or one beside it",
                )
            ]
        )
    return path


def _target(node: Node) -> Path:
    if not isinstance(node.value, str):
        raise BadInput([fault(node.place, "extends 需要路径", "extends takes a path")])
    path = inside(node, Path(node.value))
    if path.is_dir():
        path = path / "scenario.yaml"
    if not path.is_file():
        raise BadInput(
            [
                fault(
                    node.place,
                    f"找不到要继承的方案“{node.value}”",
                    f"no scenario to extend at '{node.value}'",
                    "请检查 extends 的路径",
                    "check the path of extends",
                )
            ]
        )
    return path


def named(tree: Node) -> Node:
    """The tree with every rule's id filled in: its kind, numbered where a kind repeats."""
    rules = tree.get("rules")
    if rules is None or not isinstance(rules.value, tuple):
        return tree
    seen: dict[str, int] = {}
    items = []
    for rule in rules.value:
        kind = rule.child("kind") if isinstance(rule.value, dict) else None
        if kind is not None and isinstance(kind.value, str):
            seen[kind.value] = seen.get(kind.value, 0) + 1
            if rule.child("id") is None:
                number = seen[kind.value]
                own = kind.value if number == 1 else f"{kind.value}_{number}"
                rule = rule.with_entries({**rule.value, "id": replace(kind, value=own)})  # noqa: PLW2901
        items.append(rule)
    return tree.with_entries({**tree.value, "rules": replace(rules, value=tuple(items))})


def _merge(base: Node, change: Node, path: tuple[str, ...] = ()) -> Node:
    if isinstance(base.value, dict) and isinstance(change.value, dict):
        merged = dict(base.value)
        for key, child in change.value.items():
            if child.value is None and key in merged:
                del merged[key]
            elif key in merged:
                merged[key] = _merge(merged[key], child, (*path, key))
            else:
                merged[key] = child
        return replace(change, value=merged)
    if isinstance(base.value, tuple) and _is_named_list(path):
        return _merge_named(base, change, "id" if path == ("rules",) else "factor", path)
    return change


def _is_named_list(path: tuple[str, ...]) -> bool:
    return path == ("rules",) or (len(path) == 2 and path[0] == "formulas")


def _merge_named(base: Node, change: Node, key: str, path: tuple[str, ...]) -> Node:
    """Items by name; a change may be a list of items or a map of name to change (null deletes)."""
    items = {item.name(): item for item in base.value}
    if isinstance(change.value, dict):
        changes = [(name, child) for name, child in change.value.items()]
    elif isinstance(change.value, tuple):
        if not change.value:
            return change
        changes = [(item.name(), item) for item in change.value]
    else:
        return change
    for name, child in changes:
        if child.value is None:
            if name not in items:
                raise BadInput([_unknown(child, name)])
            del items[name]
        elif name in items:
            items[name] = _merge(items[name], child, (*path, name))
        else:
            label = Node(name, child.key_place or child.place, folder=child.folder)
            own = (
                child
                if child.name() or not isinstance(child.value, dict)
                else child.with_entries({**child.value, key: label})
            )
            items[name or f"#{len(items)}"] = own
    return replace(change, value=tuple(items.values()))


def _unknown(child: Node, name: str) -> Fault:
    place = child.key_place or child.place or Place()
    return fault(
        place, f"没有“{name}”可以删除", f"there is no '{name}' to delete", "请检查名称", "check the name"
    )
