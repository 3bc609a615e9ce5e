"""allocator compare: two allocations or more side by side, and where the differences come from."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "比较两个（或更多）方案：每个旗县相差多少，差额来自数据、公式、规则、预算还是取整，\n"
    "各部分都是整数金额，相加恰为差额。超过两个时，都与第一个比较。\n\n"
    "也可以给 solve -o 写出的结果文件夹，按其中的方案分解原因。",
    "Compare two scenarios or more: how much every county differs, and how much of it comes\n"
    "from data, formulas, rules, budgets and rounding, in whole money that adds up exactly\n"
    "to the difference. Of more than two, each is compared with the first.\n\n"
    "Result folders that solve -o wrote will do too; causes are told from the scenario in\n"
    "them.",
)
EXAMPLE = """\
allocator compare inner-mongolia-2025 my-plan
allocator compare last-meeting my-plan other-plan --json"""

OUT = Text("写出表（CSV）和图的文件夹", "Folder for a table (CSV) and a chart.")
TOO_FEW = Text("至少需要两个方案或结果文件夹", "at least two scenarios or result folders are needed")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("sources", nargs=-1, required=True, metavar="A B [C …]")
    @output_option(lang, OUT)
    @json_option(lang)
    def run(sources: tuple[str, ...], out: Path | None, as_json: bool) -> int:
        if len(sources) < 2:
            raise click.UsageError(TOO_FEW.say(lang), click.get_current_context())
        from allocator.cli.comparing import compare_and_print  # noqa: PLC0415

        return compare_and_print(sources, out, as_json, lang)

    return run
