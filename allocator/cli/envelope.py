"""allocator envelope: what this batch may safely release while later budgets are uncertain."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "后续批次的预算只知道上下限时，本批各旗县可以放心下达多少：\n"
    "单独最小、最大：其他旗县按计划时的安全范围；\n"
    "整体下限、上限：所有旗县同时在各自范围内任意取值，都安全。\n\n"
    "安全是指：后续预算在上下限内无论是多少，后续资金都能按整数金额安排到位，\n"
    "全年规则条条符合。取整的余量已扣除。用途按计划中各旗县的比例。\n\n"
    "没有列为 --later 的资金是本批，计划是全年求解的结果（后续资金按方案中的预算，\n"
    "超出上下限的按上下限），或由 --plan 给出。计划本身不安全时退出码为 1，\n"
    "并指明情形和规则。",
    "What this batch may safely give each county while later budgets are known within\n"
    "bounds. Smallest and largest: safe while the others get what is planned. Box: safe for\n"
    "all counties at once, each anywhere within its own bounds.\n\n"
    "Safe means: whatever the later budgets turn out to be within their bounds, later money\n"
    "can be placed in whole amounts so that every rule of the year holds. Room for rounding\n"
    "is left. Uses follow each county's mix in the plan.\n\n"
    "Streams that no --later names are this batch. Its plan is the solved year (later\n"
    "streams at their budgets, or at the bound next to them), or given by --plan. Where the\n"
    "plan itself is not safe, the exit code is 1; the budgets and rules are named.",
)
EXAMPLE = """\
allocator envelope yangquan-2024 --later provincial_3=200..500
allocator envelope my-plan --later regional=0..500 --plan out/allocation.csv -o range"""
LATER = Text(
    "以后批次的一笔资金及其预算上下限，可重复", "A later stream with bounds of its budget; may be repeated."
)
PLAN = Text(
    "本批的计划：一张分配表，其中后续资金不计",
    "This batch's plan as a table, less its later streams.",
)
OUT = Text("写出 envelope.csv 和 envelope.json 的文件夹", "Folder for envelope.csv and envelope.json.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.option("--later", multiple=True, required=True, metavar="STREAM=LOW..HIGH", help=LATER.say(lang))
    @click.option("--plan", metavar="TABLE", type=click.Path(path_type=Path), help=PLAN.say(lang))
    @output_option(lang, OUT)
    @set_option(lang)
    @json_option(lang)
    def run(
        scenario: str,
        later: tuple[str, ...],
        plan: Path | None,
        out: Path | None,
        sets: tuple[str, ...],
        as_json: bool,
    ) -> int:
        from allocator.cli.enveloping import Wish, envelope_and_print  # noqa: PLC0415

        return envelope_and_print(Wish(scenario, later, plan, out, sets, as_json), lang)

    return run
