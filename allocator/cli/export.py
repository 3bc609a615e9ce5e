"""allocator export: the allocation as data for other systems."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "把结果导出为其他系统可以导入的数据：每个旗县、资金、批次、用途一行，\n"
    "带支出功能科目、文号、单位和以元计的金额；附字段说明（schema）。\n"
    "--against 另给出与此前结果的差异表 delta：先删除、再更新、再新增，\n"
    "重复应用结果不变。字段和键见 docs/export.md。",
    "Write the result as data for other systems: one row for each county, stream, batch and\n"
    "use, with functional codes, document numbers, the unit and the amount in yuan, and a\n"
    "schema beside it. --against adds a delta from an earlier result: delete, update, then\n"
    "insert; applying it again changes nothing. Columns and keys: docs/export.md.",
)
EXAMPLE = """\
allocator export out --to csv
allocator export out --to sqlite -o handover --against former"""
KINDS = ("csv", "parquet", "sqlite", "xlsx-flat")
ENCODINGS = ("utf-8-sig", "utf-8", "gb18030")
TO = Text("格式", "The form.")
OUT = Text("输出文件夹（默认 RESULT/export-格式）", "Folder to write; default: RESULT/export-FORM.")
AGAINST = Text("此前的结果文件夹，另写差异表", "An earlier result folder: write a delta from it too.")
ENCODING = Text("CSV 的编码", "Encoding of CSV files.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("result", type=click.Path(path_type=Path))
    @click.option("--to", "kind", required=True, type=click.Choice(KINDS), help=TO.say(lang))
    @output_option(lang, OUT)
    @click.option(
        "--against",
        metavar="EARLIER",
        type=click.Path(path_type=Path),
        help=AGAINST.say(lang),
    )
    @click.option(
        "--encoding",
        type=click.Choice(ENCODINGS),
        default=ENCODINGS[0],
        show_default=True,
        help=ENCODING.say(lang),
    )
    @json_option(lang)
    def run(
        result: Path, kind: str, out: Path | None, against: Path | None, encoding: str, as_json: bool
    ) -> int:
        from allocator.cli.exporting import Wish, export_and_print  # noqa: PLC0415

        return export_and_print(Wish(result, kind, out, against, encoding, as_json), lang)

    return run
