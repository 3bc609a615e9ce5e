"""allocator years: one year after another, each result feeding the next."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "逐年求解：每年的结果成为下一年的上年金额和上年产业占比，\n"
    "各年下限和“不低于上年”照规则执行。FOLDER 是含各年方案文件夹的文件夹、\n"
    "含 years.yaml 的文件夹，或自带方案的共同名称。\n"
    "OUT 里每年一个结果文件夹，另有 years.csv、shares.csv 和图；\n"
    "某年无解时退出码为 1，OUT 止于该年之前，并有该年填好的方案供诊断。",
    "Solve one year after another: each result becomes the next year's last amounts and\n"
    "last industry shares, under each year's floor and never below last year's share.\n"
    "FOLDER is a folder of scenario folders, one with a years.yaml, or the common name\n"
    "of bundled scenarios. OUT holds a result folder for each year, years.csv, shares.csv\n"
    "and a chart. Where a year has no allocation the exit code is 1, and OUT ends before\n"
    "it, with that year's scenario for allocator diagnose.",
)
OUT = Text("结果文件夹", "Folder for the results.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator years inner-mongolia -o out")
    @click.argument("folder")
    @output_option(lang, OUT)
    @json_option(lang)
    def run(folder: str, out: Path | None, as_json: bool) -> int:
        from allocator.cli.years_run import run_and_print  # noqa: PLC0415

        return run_and_print(folder, out, as_json, lang)

    return run
