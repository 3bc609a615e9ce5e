"""allocator verify: judges any table."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "按方案的规则逐条精确核验一张分配表：本软件写出的，或会上手工改过的。\n"
    "TABLE 是 allocation.csv 或 allocation.xlsx；有规则不符时退出码为 1。\n"
    "在 Excel 中请改工作表“分配表”里各资金、各用途的金额，合计会自动更新。",
    "Judge a table by the scenario's rules, exactly: one that solve wrote, or one that a\n"
    "meeting edited by hand. TABLE is an allocation.csv or allocation.xlsx; the exit code\n"
    "is 1 where a rule is broken. In a spreadsheet, edit the amounts by stream and use on\n"
    "the first sheet: its totals follow.",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator verify inner-mongolia-2025 out/allocation.xlsx")
    @click.argument("scenario")
    @click.argument("table", type=click.Path(path_type=Path))
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, table: Path, sets: tuple[str, ...], as_json: bool) -> int:
        return _verify(scenario, table, sets, as_json, lang)

    return run


def _verify(source: str, table: Path, sets: tuple[str, ...], as_json: bool, lang: Language) -> int:
    from allocator.cli.judgement import print_verdict, verdict_json  # noqa: PLC0415
    from allocator.cli.screen import notices, print_json  # noqa: PLC0415
    from allocator.load import load  # noqa: PLC0415
    from allocator.result_table import read_result  # noqa: PLC0415
    from allocator.verdict import judge  # noqa: PLC0415

    loaded = load(source, sets)
    result = read_result(table, loaded)
    verdict = judge(loaded.problem, loaded.rows, result.amounts)
    notices(result.notices, lang)
    if as_json:
        print_json(verdict_json(loaded, verdict, result.notices))
    else:
        print_verdict(loaded, verdict, lang)
    return 0 if verdict.holds else 1
