"""The files of an export: the table, the delta, and their schema, in the form that is asked for."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Literal, get_args

from allocator.faults import BadInput, Fault, Place
from allocator.loaded import Loaded
from allocator.text import Language, Text
from reports.csv_files import Encoding, csv_bytes
from reports.datapackage import datapackage
from reports.export.delta import delta_table
from reports.export.rows import export_table
from reports.report_input import Report
from reports.table import Table

Kind = Literal["csv", "parquet", "sqlite", "xlsx-flat"]
KINDS: tuple[Kind, ...] = get_args(Kind)
SCHEMA = "datapackage.json"


def export_tables(report: Report, former: Report | None = None) -> tuple[Table, ...]:
    """The table and, with an earlier result, the delta; raises BadInput where the two do not go together."""
    table = export_table(report)
    if former is None:
        return (table,)
    _comparable(report.loaded, former.loaded, str(former.folder))
    return table, delta_table(export_table(former), table)


def export_files(
    kind: Kind, tables: tuple[Table, ...], report: Report, encoding: Encoding, lang: Language
) -> dict[str, bytes]:
    """File name → bytes: the same for the same result. `encoding` is that of CSV files."""
    if kind == "sqlite":
        from reports.export.sqlite import apply_bytes, schema_bytes, sqlite_bytes  # noqa: PLC0415

        found = {"export.sqlite": sqlite_bytes(tables), "schema.sql": schema_bytes(tables, lang)}
        return found if len(tables) == 1 else {**found, "apply.sql": apply_bytes(tables[0], lang)}
    files = {f"{table.name}.{_ending(kind)}": (table, _writer(kind, encoding)(table)) for table in tables}
    described = datapackage(report.loaded.scenario, files, encoding, lang)
    contents = {name: content for name, (_, content) in files.items()}
    return {**contents, SCHEMA: described if kind == "csv" else _redescribed(described, kind)}


def _ending(kind: Kind) -> str:
    return "xlsx" if kind == "xlsx-flat" else kind


def _writer(kind: Kind, encoding: Encoding) -> Callable[[Table], bytes]:
    if kind == "parquet":
        from reports.export.parquet import parquet_bytes  # noqa: PLC0415 - pyarrow is an extra

        return parquet_bytes
    if kind == "xlsx-flat":
        from reports.export.xlsx import xlsx_bytes  # noqa: PLC0415

        return xlsx_bytes
    return lambda table: csv_bytes(table, encoding)


MEDIA: Mapping[Kind, str] = {
    "parquet": "application/vnd.apache.parquet",
    "xlsx-flat": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}


def _redescribed(described: bytes, kind: Kind) -> bytes:
    """The data package of CSV files, made to speak of files that are none."""
    package = json.loads(described)
    for resource in package["resources"]:
        resource |= {"format": _ending(kind), "mediatype": MEDIA[kind]}
        for key in ("dialect", "encoding"):
            resource.pop(key, None)
    return (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()


def _comparable(now: Loaded, former: Loaded, shown: str) -> None:
    """A delta is within one year and one unit."""
    faults = []
    for key, what in (("year", Text("年度", "year")), ("unit", Text("单位", "unit"))):
        old, new = getattr(former.scenario, key), getattr(now.scenario, key)
        if old != new:
            said = Text(
                f"{what.zh}不同：此前为 {old}，现为 {new}",
                f"another {what.en}: {old} before, {new} now",
            )
            fix = Text("只能与同年度、同单位的结果比较", "compare with a result of the same year and unit")
            faults.append(Fault(Place(shown), said, fix))
    if faults:
        raise BadInput(faults)
