"""allocator progress: spending against schedule, what is wrong, who is ahead and who behind."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "支出进度：各旗县、各资金、各批次的支付与序时进度相比；预警、排名、对总缺口的占比；\n"
    "周调度、月会商、季通报三张表。比率都按金额加总后再除，不取平均。\n\n"
    "TABLE 是进度表（列见 docs/progress-factor.md），或含 progress.csv 的方案。\n"
    "有须整改的问题时退出码为 1。-o 写出各表、progress.xlsx、图和 performance.csv；\n"
    "再加 --into 把得分写进下一年的县表，供绩效因素使用。",
    "Spending by county, stream and batch against schedule: flags, the ranking, each\n"
    "county's part of the whole shortfall, and the weekly, monthly and quarterly tables.\n"
    "Rates are of sums, never averages of rates.\n\n"
    "TABLE is a progress table (columns: docs/progress-factor.md), or a scenario that holds\n"
    "a progress.csv. The exit code is 1 where something is found wanting. -o writes the\n"
    "tables, progress.xlsx, a chart and performance.csv; with --into the scores also go\n"
    "into the next year's county table, for its performance factor.",
)
EXAMPLE = """\
allocator progress daxinganling-2026
allocator progress progress.csv --scenario my-plan --as-of 2026-06-30 -o progress
allocator progress progress.csv --period quarter --milestones nodes.csv
allocator progress daxinganling-2026 --into next/counties.csv -o progress"""

SCENARIO = Text("核对代码、名称、资金的方案", "Scenario to check codes, names and streams by.")
AS_OF = Text("截至哪天（默认：表中最新的数据日期）", "The day (default: the newest in the table).")
PERIOD = Text(
    "周调度、月会商或季通报（默认：三张都写出）", "Weekly, monthly or quarterly table (default: all three)."
)
SCHEDULE = Text(
    "序时口径：满 n 个月 n/12、按天、自收到起",
    "Schedule: n/12 after n months, by the day, or from receipt (default: months).",
)
MILESTONES = Text(
    "节点表，代替序时（列 date, share，可加 stream）",
    "Milestones instead (columns date, share, and stream if wanted).",
)
BEHIND = Text(
    "容许落后序时的幅度，如 0.05（默认 0）", "Points behind that are tolerated, such as 0.05 (default: 0)."
)
IDLE = Text(
    "收到多少天后仍未落实算滞留（默认 30）",
    "Days after receipt from which unbound money is idle (default: 30).",
)
ARREARS = Text(
    "拨付落后工程进度多少要提示（默认不判断）",
    "Share by which payment may lag behind works (default: not judged).",
)
CLOCK = Text(
    "开工的 6 个月从何起算（默认 planned）", "From when the six months to start run (default: planned)."
)
MONITOR = Text(
    "大型产业项目由谁监测（默认 by_level）",
    "Who watches industry projects from 30 and 50 million yuan (default: by_level).",
)
UNIT = Text("没有方案时的金额单位（默认 万元）", "Unit of money where there is no scenario (default: 万元).")
INTO = Text("要写入得分的下一年县表", "The next year's county table, to take the scores.")
COLUMN = Text("得分写入的列（默认 performance）", "Column for the scores (default: performance).")
OUT = Text("写出表、工作簿和图的文件夹", "Folder for tables, workbook and chart.")


class Share(click.ParamType[Decimal]):
    """A share from 0 to 1, read exactly."""

    name = "share"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Decimal:
        """The decimal as typed; raises BadInput where it is no share."""
        from allocator.faults import BadInput, Fault, Place  # noqa: PLC0415
        from allocator.numbers import parse_number  # noqa: PLC0415

        number = value if isinstance(value, Decimal) else parse_number(str(value))
        if number is None or not 0 <= number <= 1:
            what = Text(
                f"需要 0 到 1 之间的小数，现为 {value}", f"a decimal from 0 to 1 is needed, got {value}"
            )
            fix = Text("例如 0.05，而不是 5%", "such as 0.05, not 5%")
            raise BadInput([Fault(Place(param.opts[-1] if param else ""), what, fix)])
        return number


def command(name: str, lang: Language) -> click.Command:
    """The command."""
    path = click.Path(path_type=Path)

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("table")
    @click.option("--scenario", metavar="SCENARIO", help=SCENARIO.say(lang))
    @click.option("--as-of", "--today", "as_of", metavar="DATE", help=AS_OF.say(lang))
    @click.option("--period", type=click.Choice(["week", "month", "quarter"]), help=PERIOD.say(lang))
    @click.option("--schedule", type=click.Choice(["months", "days", "receipt"]), help=SCHEDULE.say(lang))
    @click.option("--milestones", type=path, metavar="FILE", help=MILESTONES.say(lang))
    @click.option("--behind", type=Share(), default="0", metavar="SHARE", help=BEHIND.say(lang))
    @click.option("--idle-days", type=click.IntRange(min=0), default=30, help=IDLE.say(lang))
    @click.option("--arrears", type=Share(), metavar="SHARE", help=ARREARS.say(lang))
    @click.option(
        "--start-clock",
        type=click.Choice(["planned", "received", "approved"]),
        default="planned",
        help=CLOCK.say(lang),
    )
    @click.option(
        "--monitor", type=click.Choice(["by_level", "by_size"]), default="by_level", help=MONITOR.say(lang)
    )
    @click.option("--unit", metavar="UNIT", help=UNIT.say(lang))
    @click.option("--into", type=path, metavar="COUNTIES", help=INTO.say(lang))
    @click.option("--column", metavar="NAME", help=COLUMN.say(lang))
    @output_option(lang, OUT)
    @json_option(lang)
    def run(**options: Any) -> int:
        from allocator.cli.spending import Wanted, show_progress  # noqa: PLC0415

        return show_progress(Wanted(**options), lang)

    return run
