"""Entry of the command line: language, errors, exit codes."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from typing import Any

import click

from allocator.cli.language import choose
from allocator.cli.shell import Group, as_written, help_option, lang_option
from allocator.cli.words import message, usage_words
from allocator.faults import AllocatorError, BadInput
from allocator.text import Language, Text

MEMBERS = {
    "list": ("allocator.cli.list", Text("列出自带的方案", "List the bundled scenarios.")),
    "show": ("allocator.cli.show", Text("显示一个方案的内容", "Show what a scenario says.")),
    "init": ("allocator.cli.init", Text("新建一个可编辑的方案文件夹", "Make a scenario folder to edit.")),
    "check": ("allocator.cli.check", Text("检查方案；可检验公平性", "Check a scenario; try its fairness.")),
    "solve": ("allocator.cli.solve", Text("求解并写出分配表", "Solve a scenario and write the table.")),
    "verify": (
        "allocator.cli.verify",
        Text("核验任何一张分配表", "Judge any table by the scenario's rules."),
    ),
    "explain": (
        "allocator.cli.explain",
        Text("说明每个旗县、每条规则的来由", "Say why: statements, prices of rules, who pays whom."),
    ),
    "diagnose": (
        "allocator.cli.diagnose",
        Text("为什么无解，怎样才有解", "Why there is no allocation, and what would make one."),
    ),
    "sensitivity": (
        "allocator.cli.sensitivity",
        Text("敏感性研究：表和图", "A sensitivity study: tables and charts."),
    ),
    "sweep": (
        "allocator.cli.sweep",
        Text("按计划求解大量假设", "Solve many what-ifs by a plan."),
    ),
    "compare": (
        "allocator.cli.compare",
        Text("比较方案：差额从何而来", "Compare scenarios: who differs, and why."),
    ),
    "report": (
        "allocator.cli.report",
        Text("会议页面、工作簿、公告公示文件", "The page, workbook and documents of a result."),
    ),
    "export": (
        "allocator.cli.export",
        Text("导出给其他系统的数据表", "Tables for other systems, with a delta."),
    ),
    "readings": (
        "allocator.cli.readings",
        Text("有歧义条款的各种口径及其结果", "The result under each reading of ambiguous clauses."),
    ),
    "commit": (
        "allocator.cli.commit",
        Text("把一次结果记入当年台账", "Append a result to the year's ledger."),
    ),
    "envelope": (
        "allocator.cli.envelope",
        Text("本批可放心下达的金额范围", "What this batch may safely release."),
    ),
    "reallocate": (
        "allocator.cli.reallocate",
        Text("收回滞留资金并按规则调整", "Take back idle money and place it again."),
    ),
    "calendar": (
        "allocator.cli.calendar",
        Text("法定时限与剩余天数", "Statutory steps, dates and days left."),
    ),
    "progress": (
        "allocator.cli.progress",
        Text("支出进度：表、预警和排名", "Spending against schedule: tables, flags, ranking."),
    ),
    "years": (
        "allocator.cli.years",
        Text("逐年滚动求解", "Solve one year after another."),
    ),
    "schema": (
        "allocator.cli.schema",
        Text("输出 scenario.yaml 的 JSON Schema", "Print the JSON Schema of scenario.yaml."),
    ),
}
"""Command → module and one-line help, in the order in which a planner meets them."""

ABOUT = Text(
    """\
衔接资金分配测算：按因素法算出应得额，在政策规则内尽量贴近它，
以整数金额给出唯一的分配表，并逐条精确核验每一条规则。

SCENARIO 是方案文件夹、scenario.yaml 或自带方案的名字（见 list）。
退出码：0 完成；1 有规则不符或无解；2 输入或用法有误。""",
    """\
Plans who gets how much of a block grant: the factor formula first, then the one
table in whole money that stays as close to it as the policy rules allow, with
every rule judged exactly.

SCENARIO is a folder, a scenario.yaml, or the name of a bundled scenario (list).
Exit codes: 0 done; 1 a rule broken or no allocation; 2 bad input or usage.""",
)
EXAMPLE = """\
allocator solve inner-mongolia-2025 -o out
allocator init my-plan --from tutorial && allocator check my-plan
allocator verify my-plan out/allocation.xlsx"""


def main() -> None:
    """The `allocator` command."""
    sys.exit(run(sys.argv[1:]))


def run(arguments: Sequence[str]) -> int:
    """Runs one command line and returns its exit code; raises only under ALLOCATOR_DEBUG."""
    _consoles()
    lang = choose(arguments, os.environ)
    try:
        return _call(arguments, lang)
    except AllocatorError as error:
        return _failed(error, lang, "--json" in arguments)
    except click.ClickException as error:
        return _misused(error, lang)
    except (click.Abort, KeyboardInterrupt):
        message(Text("已中断", "interrupted").say(lang))
        return 130
    except Exception as error:
        if os.environ.get("ALLOCATOR_DEBUG"):
            raise
        return _unexpected(error, lang)


def _call(arguments: Sequence[str], lang: Language) -> int:
    try:
        code = root(lang).main(list(arguments), prog_name="allocator", standalone_mode=False)
        sys.stdout.flush()
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except SystemExit:
        # click leaves this way where the reader of a pipe has gone
        return 0
    return code if isinstance(code, int) else 0


def root(lang: Language) -> Group:
    """The group of all commands, in the chosen language."""

    @click.pass_context
    def start(ctx: click.Context) -> int:
        if ctx.invoked_subcommand is None:
            click.echo(ctx.get_help())
        return 0

    version = click.Option(
        ["--version"],
        is_flag=True,
        expose_value=False,
        is_eager=True,
        callback=_version,
        help=Text("显示版本", "Show the version and exit.").say(lang),
    )
    callback: Any = lang_option(lang)(help_option(lang)(start))
    params = [version, *reversed(callback.__click_params__)]
    return Group(
        "allocator",
        lang=lang,
        example=EXAMPLE,
        members=MEMBERS,
        help=as_written(ABOUT, lang),
        callback=callback,
        params=params,
        invoke_without_command=True,
        add_help_option=False,
    )


def _version(ctx: click.Context, _: click.Parameter, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:
        from importlib.metadata import PackageNotFoundError, version  # noqa: PLC0415 - slow to import

        try:
            click.echo(f"allocator {version('allocator')}")
        except PackageNotFoundError:
            click.echo("allocator")
        ctx.exit()


def _consoles() -> None:
    """Never fail on a character that the console does not know; Windows consoles speak UTF-8."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            encoding = {"encoding": "utf-8"} if sys.platform == "win32" else {}
            reconfigure(errors="replace", **encoding)


def _failed(error: AllocatorError, lang: Language, as_json: bool) -> int:
    faults = error.faults if isinstance(error, BadInput) else ()
    lines = [fault.say(lang) for fault in faults] or error.say(lang).splitlines()
    for line in lines:
        message(line)
    if len(faults) > 1:
        message(Text(f"共 {len(faults)} 处错误，请一并改正", f"{len(faults)} faults in all").say(lang))
    if as_json:
        record = {"error": type(error).__name__, "exit_code": error.exit_code, "messages": lines}
        click.echo(json.dumps(record, ensure_ascii=False))
    return error.exit_code


def _misused(error: click.ClickException, lang: Language) -> int:
    message(usage_words(error, lang))
    context = error.ctx if isinstance(error, click.UsageError) else None
    path = context.command_path if context else "allocator"
    message(Text(f"用法见 {path} --help", f"See {path} --help").say(lang))
    return 2


def _unexpected(error: Exception, lang: Language) -> int:
    what = f"{type(error).__name__}: {error}"
    message(Text(f"程序内部错误（{what}）", f"internal error ({what})").say(lang))
    hint = Text(
        "请报告此问题；ALLOCATOR_DEBUG=1 显示详情", "please report it; ALLOCATOR_DEBUG=1 shows details"
    )
    message(hint.say(lang))
    return 1


if __name__ == "__main__":
    main()
