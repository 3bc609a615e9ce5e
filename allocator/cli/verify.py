"""allocator verify: judges any table, or the year as it was issued so far."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.batches import batch_options
from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "按方案的规则逐条精确核验一张分配表：本软件写出的，或会上手工改过的。\n"
    "TABLE 是 allocation.csv、allocation.xlsx 或 workbook.xlsx；有规则不符时退出码为 1。\n"
    "在 Excel 中请改工作表“分配表”里各资金、各用途的金额，合计会自动更新。\n\n"
    "不给 TABLE 时，核验当年至今已下达的资金（方案的台账或 committed.csv）。",
    "Judge a table by the scenario's rules, exactly: one that solve wrote, or one that a\n"
    "meeting edited by hand. TABLE is an allocation.csv, allocation.xlsx or workbook.xlsx;\n"
    "the exit code is 1 where a rule is broken. In a spreadsheet, edit the amounts by\n"
    "stream and use on the first sheet: its totals follow.\n\n"
    "Without TABLE, what was issued so far this year is judged: the scenario's ledger.",
)
EXAMPLE = """\
allocator verify inner-mongolia-2025 out/allocation.xlsx
allocator verify my-plan batch-2/allocation.csv --batch 2
allocator verify my-plan"""
BATCH = Text(
    "TABLE 只分配这一批次的资金，可重复", "TABLE decides only the streams of this batch; may be repeated."
)
STREAM = Text("TABLE 只分配这一笔资金，可重复", "TABLE decides only this stream; may be repeated.")
NO_TABLE = Text("--batch 和 --stream 要与 TABLE 一起给出", "--batch and --stream need a TABLE")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.argument("table", required=False, type=click.Path(path_type=Path))
    @batch_options(lang, BATCH, STREAM)
    @set_option(lang)
    @json_option(lang)
    def run(
        scenario: str,
        table: Path | None,
        batches: tuple[str, ...],
        streams: tuple[str, ...],
        sets: tuple[str, ...],
        as_json: bool,
    ) -> int:
        if table is None and (batches or streams):
            raise click.UsageError(NO_TABLE.say(lang), click.get_current_context())
        from allocator.cli.batches import sets_of  # noqa: PLC0415
        from allocator.cli.verifying import verify_issued, verify_table  # noqa: PLC0415

        if table is None:
            return verify_issued(scenario, sets, as_json, lang)
        return verify_table(scenario, table, sets_of(scenario, sets, batches, streams), as_json, lang)

    return run
