"""Tables as CSV bytes: the same for the same table, on every system."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from typing import Literal

from reports.table import Table, written

Encoding = Literal["utf-8-sig", "utf-8", "gb18030"]
ENCODINGS: tuple[Encoding, ...] = ("utf-8-sig", "utf-8", "gb18030")
"""What `--encoding` takes; the first, UTF-8 with a BOM, is what Excel opens right."""

CsvRows = tuple[Mapping[str, str], ...]
"""Rows of a CSV as text, by column."""

LINE_END = "\r\n"
"""As RFC 4180 has it, on every system."""


def csv_bytes(table: Table, encoding: Encoding = "utf-8-sig") -> bytes:
    """Header and rows. Text stays as it is: a name that starts with = is data, not a formula."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=LINE_END)
    writer.writerow(table.header)
    writer.writerows([written(cell) for cell in row] for row in table.rows)
    return out.getvalue().encode(encoding)


def csv_rows(content: bytes) -> CsvRows:
    """Rows of a CSV of ours, in any encoding that `--encoding` takes."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = content.decode("gb18030")
    return tuple(csv.DictReader(io.StringIO(text)))
