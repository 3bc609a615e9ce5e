"""Copies of a scenario's files with the rows of its tables in another order."""

from __future__ import annotations

import csv
import io
import random
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from typing import Literal

from allocator.committed import COLUMNS
from allocator.input.county_table import REQUIRED
from allocator.input.tables import read_table
from allocator.load import SHEETS, load
from allocator.loaded import Loaded

SEED = 20250
"""Of the shuffled order, so that two runs try the same one."""
Order = Literal["reversed", "shuffled"]
Lines = list[list[str]]


def load_reordered(files: Mapping[str, bytes], loaded: Loaded, order: Order, folder: Path) -> Loaded:
    """Writes a flat scenario to an empty folder with its tables' rows in another order, and reads it."""
    for name, data in files.items():
        (folder / name).write_bytes(data)
    sets = []
    tables = {
        "counties": (loaded.scenario.counties, SHEETS, REQUIRED),
        "committed": (loaded.scenario.committed, (), COLUMNS),
    }
    for key, (written, sheets, required) in tables.items():
        name = f"{key}.csv"
        if name in files:
            (folder / name).write_bytes(_other_order(files[name], order))
            continue
        # a workbook becomes a csv: nothing here writes one
        workbook = folder / PurePosixPath((written or "").replace("\\", "/")).name
        if written is not None and workbook.is_file():
            table = read_table(workbook, workbook.name, sheets, required)
            rows = [[record.cells[c] for c in table.columns] for record in table.records]
            _arrange(order)(rows)
            (folder / name).write_bytes(_as_csv([list(table.columns), *rows], ",").encode("utf-8"))
            sets.append(f"{key}={name}")
    return load(folder, sets)


def _other_order(data: bytes, order: Order) -> bytes:
    """The bytes of a csv with the rows below its header moved, in its own encoding."""
    encoding = "gb18030"
    for known in ("utf-8-sig", "utf-8"):
        if (known == "utf-8-sig") == data.startswith(b"\xef\xbb\xbf") and _reads(data, known):
            encoding = known
    text = data.decode(encoding)
    separator = max(",;\t", key=text.split("\n", 1)[0].count)
    lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True))
    head = next(k for k, cells in enumerate(lines) if any(cell.strip() for cell in cells)) + 1
    rows = lines[head:]
    _arrange(order)(rows)
    return _as_csv(lines[:head] + rows, separator).encode(encoding)


def _reads(data: bytes, encoding: str) -> bool:
    try:
        data.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def _arrange(order: Order) -> Callable[[Lines], None]:
    """What puts rows into the order, in place."""
    # the seed makes the order the same every time, which is the point
    return list.reverse if order == "reversed" else random.Random(SEED).shuffle  # noqa: S311


def _as_csv(lines: Lines, separator: str) -> str:
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows(lines)
    return stream.getvalue()
