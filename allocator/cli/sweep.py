"""allocator sweep: a plan of changed scenarios, solved on all cores or a cluster."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import jobs_option, json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "按计划文件逐一求解大量假设（权重、预算、规则参数、数据误差等），结果写入 OUT：\n"
    "sweep.parquet（情景、指标或旗县、数值）、scenarios.parquet（每个情景的改动和结果）、\n"
    "summary.csv（汇总）。无解的情景也是结果，并写明是哪条规则。每 50 个重算一个作核对。\n\n"
    "中断后加 --resume 接着算，结果与不中断时逐行相同。",
    "Solve many what-ifs by a plan (weights, budgets, rule parameters, data errors, …). OUT\n"
    "holds sweep.parquet (scenario, metric or county, value), scenarios.parquet (what each\n"
    "scenario changes, and how it ended) and summary.csv. A scenario without an allocation\n"
    "is a result too, with the rules that fall short. One in 50 is solved twice as a check.\n\n"
    "--resume goes on after an interruption: the same rows as an unbroken run.",
)
EXAMPLE = """\
allocator sweep inner-mongolia-2025 --plan plan.yaml -o sweep --jobs 2"""

PLAN = Text("计划文件（见 docs/sweep-plans.md）", "Plan (see docs/sweep-plans.md).")
OUT = Text("结果文件夹", "Result folder.")
CLUSTER = Text("Dask 集群地址，如 tcp://主机:8786", "Address of a Dask cluster, such as tcp://host:8786.")
RESUME = Text("接着中断的运行", "Go on with an interrupted run.")
CHUNK = Text("每块的情景数", "Scenarios in a chunk.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.option(
        "--plan", required=True, metavar="FILE", type=click.Path(path_type=Path), help=PLAN.say(lang)
    )
    @output_option(lang, OUT, required=True)
    @jobs_option(lang)
    @click.option("--cluster", metavar="ADDRESS", help=CLUSTER.say(lang))
    @click.option("--resume", is_flag=True, help=RESUME.say(lang))
    @click.option("--chunk", type=click.IntRange(min=1), default=100, show_default=True, help=CHUNK.say(lang))
    @set_option(lang)
    @json_option(lang)
    def run(
        scenario: str,
        plan: Path,
        out: Path,
        jobs: int,
        cluster: str | None,
        resume: bool,
        chunk: int,
        sets: tuple[str, ...],
        as_json: bool,
    ) -> int:
        from allocator.cli.sweeping import Wish, sweep_and_print  # noqa: PLC0415

        return sweep_and_print(Wish(scenario, plan, out, jobs, cluster, resume, chunk, sets, as_json), lang)

    return run
