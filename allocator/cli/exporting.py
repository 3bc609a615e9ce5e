"""What `allocator export` does, step by step."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from importlib.util import find_spec
from pathlib import Path

from allocator.cli.screen import print_json
from allocator.cli.words import line
from allocator.faults import BadInput, Fault, Place
from allocator.text import Language, Text
from reports.csv_files import ENCODINGS
from reports.export.beside import check_former, put_beside
from reports.export.delta import counts
from reports.export.files import KINDS, Kind, export_files, export_tables
from reports.folder import check_target, write_folder
from reports.report_input import read_report
from reports.run_record import versions
from reports.table import Table

ABSENT = Text("缺少软件包：pyarrow", "a package is missing: pyarrow")
INSTALL = Text(
    "请安装：pip install 'allocator[sensitivity]'", "install it: pip install 'allocator[sensitivity]'"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    result: Path
    kind: str
    out: Path | None = None
    against: Path | None = None
    encoding: str = "utf-8-sig"
    as_json: bool = False


def export_and_print(wish: Wish, lang: Language) -> int:
    """Reads the results, makes every file, then writes them all or none."""
    kind: Kind = next(k for k in KINDS if k == wish.kind)
    if kind == "parquet" and find_spec("pyarrow") is None:
        raise BadInput([Fault(Place("--to parquet"), ABSENT, INSTALL)])
    # the two hold different files, so that none of one is left beside the other
    folder = f"export-{kind}" if wish.against is None else f"export-{kind}-delta"
    if wish.out is not None:
        check_target(wish.out, ours=False)
    report = read_report(wish.result)
    if wish.out is None:
        check_former(wish.result, folder)
    former = None if wish.against is None else read_report(wish.against)
    tables = export_tables(report, former)
    encoding = next(e for e in ENCODINGS if e == wish.encoding)
    files = export_files(kind, tables, report, encoding, lang)
    if wish.out is None:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        around = {"date": now, "command": ["allocator", *sys.argv[1:]], "versions": versions()}
        put_beside(wish.result, folder, files, around)
        out = wish.result / folder
    else:
        out = wish.out
        write_folder(out, files, ours=False)
    _say(wish, out, list(files), tables, lang)
    return 0


def _say(wish: Wish, out: Path, names: list[str], tables: tuple[Table, ...], lang: Language) -> None:
    table, delta = tables[0], tables[1] if len(tables) > 1 else None
    place = table.header.index("amount")
    total = sum((cell for row in table.rows if isinstance(cell := row[place], Decimal)), Decimal(0))
    if wish.as_json:
        found = {"out": str(out), "files": names, "rows": len(table.rows), "total": total}
        print_json(found if delta is None else {**found, "delta": counts(delta)})
        return
    for name in names:
        line(Text(f"已写出 {out / name}", f"Wrote {out / name}").say(lang))
    unit = table.rows[0][table.header.index("unit")] if table.rows else ""
    line(
        Text(
            f"{len(table.rows)} 行，合计 {total:,f} {unit}",
            f"{len(table.rows)} rows, {total:,f} {unit} in all",
        ).say(lang)
    )
    if delta is not None:
        said = counts(delta)
        line(
            Text(
                f"与 {wish.against} 相比：删除 {said['delete']} 行，更新 {said['update']} 行，"
                f"新增 {said['insert']} 行",
                f"Against {wish.against}: {said['delete']} to delete, {said['update']} to update, "
                f"{said['insert']} to insert",
            ).say(lang)
        )
