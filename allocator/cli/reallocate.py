"""allocator reallocate: takes back idle money and places it again."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "收回滞留、执行慢、未按时开工的闲置资金，按因素份额调给支出快的旗县。\n"
    "已支付和已签约的资金不动；调整后的全年金额仍须符合全部规则，\n"
    "规则不许收回的留在原处；无论如何不能符合时退出码为 1。\n"
    "SCENARIO 是 solve -o 写出的结果文件夹，或资金已全部下达的方案；\n"
    "也可用 --issued 给出分配表。PROGRESS 的列：code, stream, paid, committed；\n"
    "可有 use, project, allocated, planned_start, started, received, approved,\n"
    "date, exempt（免予收回的理由）。",
    "Take back money that lies idle, is spent too slowly, or waits for projects that did\n"
    "not start, and give it to fast counties by their formula shares. Money paid or\n"
    "contracted stays; the year must keep all rules afterwards, and what they do not let\n"
    "go stays where it is. The exit code is 1 where no state keeps the rules.\n"
    "SCENARIO is a result folder (of solve -o), or a scenario whose money is all issued;\n"
    "--issued names another table. PROGRESS has columns code, stream, paid, committed,\n"
    "and may have use, project, allocated, planned_start, started, received, approved,\n"
    "date, and exempt (why money is to be left).",
)
EXAMPLE = """\
allocator solve inner-mongolia-2025 -o out
allocator reallocate out progress.csv --as-of 2025-09-30 --slow 0.5 -o moved
allocator reallocate my-plan progress.csv -o moved && allocator commit moved"""
OUT = Text("结果文件夹", "Folder for the results.")
ISSUED = Text(
    "已下达的分配表（默认用结果文件夹中的）", "Table of what was issued (default: the result folder's)."
)
AS_OF = Text("截至哪天（默认：表中最新的数据日期）", "The day (default: the newest in the table).")
SLOW = Text("支出进度低于此值的旗县，闲置资金可收回", "Rate below which a county's idle money may be taken.")
FAST = Text(
    "支出进度不低于此值的旗县可接收；默认总进度", "Least rate of a receiver; default: that of all together."
)
MONTHS = Text("未开工满几个月可收回", "Months without a start after which money may be taken.")
CLOCK = Text("从哪个日期起算", "Date that the months are counted from.")
IDLE = Text("到账满几个月分文未动可收回", "Months untouched since receipt after which money may be taken.")
WITHIN = Text("在全区或本盟市内调整", "Move money within the region, or within its prefecture.")
BASE = Text("下年基数取调整前或调整后", "What next year compares with: the amounts before or after.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.argument("progress", type=click.Path(path_type=Path))
    @output_option(lang, OUT)
    @click.option("--issued", metavar="TABLE", type=click.Path(path_type=Path), help=ISSUED.say(lang))
    @click.option("--as-of", "as_of", metavar="DATE", help=AS_OF.say(lang))
    @click.option("--slow", metavar="RATE", help=SLOW.say(lang))
    @click.option("--fast", metavar="RATE", help=FAST.say(lang))
    @click.option(
        "--months", type=click.IntRange(1, 120), default=6, show_default=True, help=MONTHS.say(lang)
    )
    @click.option(
        "--start-clock",
        type=click.Choice(["planned", "received", "approved"]),
        default="planned",
        show_default=True,
        help=CLOCK.say(lang),
    )
    @click.option("--idle-months", metavar="N", type=click.IntRange(1, 120), help=IDLE.say(lang))
    @click.option(
        "--within",
        type=click.Choice(["region", "prefecture"]),
        default="region",
        show_default=True,
        help=WITHIN.say(lang),
    )
    @click.option(
        "--base",
        type=click.Choice(["before", "after"]),
        default="before",
        show_default=True,
        help=BASE.say(lang),
    )
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, progress: Path, out: Path | None, as_json: bool, **chosen: Any) -> int:
        from allocator.cli.reallocating import Wish, run_and_print  # noqa: PLC0415

        return run_and_print(Wish(scenario, progress, out, as_json, **chosen), lang)

    return run
