"""allocator calendar: statutory steps, their days, and what is late."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "法定时限：每个环节的条款、责任部门、起算日、天数、到期日；已知实际日期时判断是否逾期。\n"
    "按日历日计算，起算当日不计入；前一环节尚无日期时，按其最迟日期推算（标 *）。\n"
    "规则包按方案的县级代码和年度选定（--pack 可换，--packs 列出）。\n\n"
    "不给 --today 就不判断未完成的环节，也不算剩余天数：程序不看系统时钟。\n"
    "有环节逾期时退出码为 1。-o 写出 calendar.csv 和可导入日历软件的 calendar.ics。",
    "Time limits by law: of each step the clause, the department, the start, the days and\n"
    "the due day; late or not where the real day is known. Calendar days, the starting day\n"
    "not counted; a step whose predecessor has no day yet runs from that one's latest\n"
    "lawful day (marked *). The pack of rules follows from the scenario's county codes and\n"
    "year (--pack names another, --packs lists them).\n\n"
    "Without --today, open steps are not judged and no days left are shown: the machine's\n"
    "clock is never read. The exit code is 1 where a step is late. -o writes calendar.csv\n"
    "and calendar.ics, which calendar programs import.",
)
EXAMPLE = """\
allocator calendar inner-mongolia-2025 --received 2025-03-14 --approved 2025-01-20
allocator calendar inner-mongolia-2025 --received 2025-03-14 --opinion 2025-03-20 \\
    --today 2025-03-25 -o calendar
allocator calendar inner-mongolia-2025 --dates batches.csv --working-days"""

DAYS = {
    "received": Text("收到中央资金指标的日期", "Day on which the central quota was received."),
    "approved": Text("人大批准预算的日期", "Day on which the people's congress approved the budget."),
    "advance": Text("收到提前下达预计数的日期", "Day on which the advance notice was received."),
    "opinion": Text("分配意见送达财政的日期", "Day of the allocation opinion."),
    "reviewed": Text("财政提出审核意见的日期", "Day of finance's review opinion."),
    "to_prefecture": Text("下达盟市的日期", "Day of issue to the prefecture."),
    "to_county": Text("下达旗县的日期", "Day of issue to the county."),
    "cash": Text("资金拨到旗县的日期", "Day on which the money reached the county."),
    "to_projects": Text("分解到项目单位的日期", "Day of breaking down to projects."),
    "spent": Text("当年支出完毕的日期", "Day on which the year's money was spent."),
    "inspected": Text("当年督查完毕的日期", "Day on which the year's inspection was done."),
}
"""Event → help of its option."""
CHAINED = Text("；两条资金链并存时写 链:日期", " With two chains, CHAIN:DATE.")
ALONE = ("received", "approved", "advance", "cash", "spent", "inspected")
"""Events that belong to one chain alone, by their names."""
OUT = Text("写出 calendar.csv 和 calendar.ics 的文件夹", "Folder for calendar.csv and calendar.ics.")
DATES = Text(
    "多批次、多任务方向的日期表（列 case, chain, event, date）",
    "Table of days of several batches or directions (columns case, chain, event, date).",
)
TODAY = Text("以哪天为准", "The day to judge by.")
PACK = Text("规则包（默认按县级代码和年度）", "Pack of rules (default: by county codes and year).")
PACKS = Text("列出规则包及其口径", "List the packs and their readings.")
READING = Text("有歧义条款的口径，可重复", "Reading of an ambiguous clause; may be repeated.")
WORKING = Text("按工作日计算", "Count working days.")
MOVED = Text(
    "最后一日遇节假日则顺延到下一工作日（民法典第二百零三条）",
    "A last day off moves to the next working day (Civil Code, article 203).",
)
HOLIDAYS = Text(
    "节假日表（列 date, kind：holiday 或 workday，默认为自带的六年）",
    "Holidays (columns date, kind: holiday or workday; default: the bundled 2021 to 2026).",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario", required=False)
    @_day_options(lang)
    @click.option("--dates", type=click.Path(path_type=Path), metavar="FILE", help=DATES.say(lang))
    @click.option("--today", metavar="DATE", help=TODAY.say(lang))
    @click.option("--pack", metavar="NAME", help=PACK.say(lang))
    @click.option("--packs", is_flag=True, help=PACKS.say(lang))
    @click.option("--reading", "readings", multiple=True, metavar="NAME=CHOICE", help=READING.say(lang))
    @click.option("--working-days", is_flag=True, help=WORKING.say(lang))
    @click.option("--next-working-day", is_flag=True, help=MOVED.say(lang))
    @click.option("--holidays", type=click.Path(path_type=Path), metavar="FILE", help=HOLIDAYS.say(lang))
    @output_option(lang, OUT)
    @json_option(lang)
    def run(scenario: str | None, packs: bool, **options: Any) -> int:
        from allocator.cli.dating import Wanted, show_calendar, show_packs  # noqa: PLC0415

        if packs:
            return show_packs(bool(options["as_json"]), lang)
        if scenario is None:
            raise click.MissingParameter(param_hint="SCENARIO", param_type="argument")
        days = {event: options.pop(event) for event in DAYS}
        return show_calendar(Wanted(scenario, days, **options), lang)

    return run


def _day_options(lang: Language) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """One option for each event whose day may be known."""

    def decorate(function: Callable[..., Any]) -> Callable[..., Any]:
        for event, text in reversed(DAYS.items()):
            said = text.say(lang) + ("" if event in ALONE else CHAINED.say(lang))
            function = click.option(
                f"--{event.replace('_', '-')}", event, multiple=True, metavar="DATE", help=said
            )(function)
        return function

    return decorate
