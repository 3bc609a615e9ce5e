"""A scenario as a flat folder of its own, for `init --from`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from allocator.input.extends import named, read_chain
from allocator.input.overrides import override
from allocator.input.yaml_write import yaml_bytes
from allocator.load import find, load, table_path


def flatten(source: str | Path, sets: Sequence[str] = ()) -> dict[str, bytes]:
    """File name → bytes of a self-contained copy, checked first.

    A scenario that extends nothing keeps its text and comments; otherwise scenario.yaml is
    written out with everything merged in.
    """
    load(source, sets)
    return copy_of(source, sets)


def copy_of(source: str | Path, sets: Sequence[str] = ()) -> dict[str, bytes]:
    """The same of a scenario that was loaded before, and so checked."""
    file = find(source)
    chain = read_chain(file)
    tree = named(override(chain.tree, sets))
    found: dict[str, bytes] = {}
    plain = tree.plain()
    tables = [("counties", "counties.csv"), ("committed", "committed.csv")]
    if plain.get("shapes"):
        tables.append(("shapes", "shapes.geojson"))
    moved = False
    for key, default in tables:
        path = table_path(tree, chain, key, default)
        if path is not None:
            name = default if path.suffix.lower() in (".csv", ".geojson", ".json") else path.name
            found[name] = path.read_bytes()
            if plain.get(key) is not None:
                moved = moved or plain[key] != name
                plain[key] = name
    sources = file.parent / "SOURCES.md"
    if sources.is_file():
        found["SOURCES.md"] = sources.read_bytes()
    if len(chain.files) == 1 and not sets and not moved:
        return {"scenario.yaml": file.read_bytes(), **found}
    return {"scenario.yaml": yaml_bytes(plain), **found}
