"""A clawback as a folder: CSVs, one workbook to report upwards, and a record."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from decimal import Decimal

from allocator.text import Language, Text
from reports.csv_files import csv_bytes
from reports.reallocation.changes import Changes
from reports.reallocation.tables import committed_table, counties_table, ledger_table, rules_table
from reports.run_record import KIND, Circumstances, digests, plain, versions
from reports.table import Cell, Table

OF = "reallocation"
"""What run.json says of such a folder."""


def reallocate_files(
    changes: Changes,
    inputs: Mapping[str, str],
    scenario: Mapping[str, bytes],
    around: Circumstances,
    lang: Language,
) -> dict[str, bytes]:
    """File name → content; `inputs` are the digests of what was read besides the scenario.

    `scenario` is a self-contained copy of that, so that what was moved can be entered in the ledger.
    """
    day = changes.found.pool.terms.as_of.isoformat()
    shown = (counties_table(changes, lang), ledger_table(changes, day, lang), rules_table(changes, lang))
    tables = (*shown, committed_table(changes))
    files = {f"{table.name}.csv": csv_bytes(table) for table in tables}
    files["reallocation.xlsx"] = _workbook(changes, shown, lang)
    files |= {f"scenario/{name}": content for name, content in scenario.items()}
    return {**files, "run.json": _record(changes, inputs, files, around)}


def _workbook(changes: Changes, tables: Sequence[Table], lang: Language) -> bytes:
    from xlsxwriter import Workbook  # noqa: PLC0415 - slow to import

    from reports.plain_sheet import formats_of, plain_sheet  # noqa: PLC0415
    from reports.workbook import CREATED, OPTIONS  # noqa: PLC0415

    out = io.BytesIO()
    workbook = Workbook(out, OPTIONS)
    name = changes.found.loaded.scenario.name
    workbook.set_properties({"created": CREATED, "title": name, "author": "allocator"})
    formats = formats_of(workbook)
    for table in (_summed(tables[0], lang), _titled(changes, tables[1], lang), *tables[2:]):
        plain_sheet(workbook.add_worksheet(table.title.say(lang)), table, formats, changes.places, lang)
    workbook.close()
    return out.getvalue()


def _summed(table: Table, lang: Language) -> Table:
    """With a last row of sums."""
    total: list[Cell] = [None, Text("合计", "Total").say(lang)]
    for place, column in enumerate(table.columns[2:], start=2):
        values = [v for row in table.rows if isinstance(v := row[place], Decimal)]
        total.append(sum(values, Decimal(0)) if column.show == "money" else None)
    return replace(table, rows=(*table.rows, tuple(total)))


def _titled(changes: Changes, table: Table, lang: Language) -> Table:
    """With streams and uses as a reader knows them."""
    names, header = changes.found.loaded.names, table.header
    titles = {header.index("stream"): names.stream, header.index("use"): names.use}
    rows = tuple(
        tuple(titles[k](str(cell)).say(lang) if k in titles else cell for k, cell in enumerate(row))
        for row in table.rows
    )
    return replace(table, rows=rows)


def _record(
    changes: Changes, inputs: Mapping[str, str], files: Mapping[str, bytes], around: Circumstances
) -> bytes:
    found = changes.found
    scenario = found.loaded.scenario
    record = {
        "kind": KIND,
        "of": OF,
        "scenario": {
            "name": scenario.name,
            "year": scenario.year,
            "unit": scenario.unit,
            "step": scenario.step,
        },
        "date": around.date,
        "command": around.command,
        "terms": {
            **{k: str(v) if v is not None else None for k, v in asdict(found.pool.terms).items()},
            "fast": str(found.pool.assessment.fast),
            "base": changes.base,
        },
        "inputs": {name: {"sha256": d} for name, d in sorted({**found.loaded.digests, **inputs}.items())},
        "moved": str(found.moved),
        "solving": None if found.allocation is None else found.allocation.record,
        "verdict": {"rows": len(found.verdict.rules), "broken": len(found.verdict.broken)},
        "versions": versions(),
        "files": digests(files),
    }
    return (json.dumps(record, ensure_ascii=False, indent=2, default=plain) + "\n").encode()
