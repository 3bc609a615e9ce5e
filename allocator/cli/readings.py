"""allocator readings: the scenario under each reading of its ambiguous clauses."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "条款有几种读法时，逐一换用每种读法（口径）求解，其余不变：有没有可行的分配，旗县间和\n"
    "用途间移动多少资金，变动最大的旗县，按现行口径得到的表在该读法下是否符合、余量多少。\n\n"
    "● 为现行口径，每张表下列出原文和默认口径的理由。方案里用规则的参数选择口径，\n"
    "也可以在规则的 alternatives 下列出自己的读法。现行口径下无解时退出码为 1。",
    "Where a clause can be read in several ways, solve the scenario under each reading, one\n"
    "at a time: whether there is an allocation, how much money moves between counties and\n"
    "between uses, whose amount changes most, and whether the table of the readings in\n"
    "force would pass, and by what margin.\n\n"
    "● marks the reading in force; the words of the clause and the grounds of the default\n"
    "stand below each table. A scenario chooses by a rule's parameters, and may list\n"
    "readings of its own under its alternatives. Exit code 1 where the readings in force\n"
    "have no allocation.",
)
EXAMPLE = """\
allocator readings inner-mongolia-2025
allocator readings my-plan -o readings --json"""
OUT = Text("写出 readings.csv 的文件夹", "Folder for readings.csv.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @output_option(lang, OUT)
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, out: Path | None, sets: tuple[str, ...], as_json: bool) -> int:
        from allocator.cli.reading import read_and_print  # noqa: PLC0415

        return read_and_print(scenario, sets, out, as_json, lang)

    return run
