"""allocator solve: the one allocation, verified, as a result folder and a summary."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.batches import batch_options
from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "求解方案：在规则之内最贴近因素公式的唯一分配，整数金额，逐条精确核验。\n"
    "不写 -o 时只显示摘要。OUT 要么完整写出，要么不写；无解时退出码为 1。\n\n"
    "当年台账里已有结果的资金不再分配。--batch 或 --stream 只分配其中一部分，其余资金本次\n"
    "不动，规则按全年累计核验。若规则要等后面的批次才能满足，可先解全年，再用\n"
    "allocator commit OUT --batch 只下达其中一批。",
    "Solve a scenario: the one allocation that stays closest to the factor formula within\n"
    "the rules, in whole money, every rule judged exactly. Without -o only the summary is\n"
    "printed. OUT appears whole or not at all; the exit code is 1 where nothing keeps all\n"
    "the rules.\n\n"
    "Streams that a result in the year's ledger decided are not decided again. --batch and\n"
    "--stream decide a part; the other streams wait, and the rules judge the year so far.\n"
    "Where rules need the later batches too, solve the year and issue one batch of it:\n"
    "allocator commit OUT --batch.",
)
EXAMPLE = """\
allocator solve inner-mongolia-2025 -o out
allocator solve my-plan --batch 2 -o batch-2
allocator solve my-plan --set rules.use_share_cap.cap=0.25 --solver cbc --certify"""

OUT = Text("结果文件夹", "Result folder.")
SOLVER = Text("求解器：highs、cbc、glpk、scip 等", "Solver: highs, cbc, glpk, scip, …")
CERTIFY = Text("用第二个求解器重算并比对", "Solve again with a second solver and compare.")
WRITE_LP = Text("写出供审计的 .lp 模型", "Write the program as an .lp file for auditors.")
BATCH = Text("只分配这一批次的资金，可重复", "Decide only the streams of this batch; may be repeated.")
STREAM = Text("只分配这一笔资金，可重复", "Decide only this stream; may be repeated.")
ENCODING = Text("CSV 编码", "Encoding of the CSVs.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @output_option(lang, OUT)
    @batch_options(lang, BATCH, STREAM)
    @set_option(lang)
    @click.option("--solver", default="highs", show_default=True, metavar="NAME", help=SOLVER.say(lang))
    @click.option("--certify", is_flag=True, help=CERTIFY.say(lang))
    @click.option("--write-lp", metavar="FILE", type=click.Path(path_type=Path), help=WRITE_LP.say(lang))
    @click.option(
        "--encoding",
        type=click.Choice(["utf-8-sig", "utf-8", "gb18030"]),
        default="utf-8-sig",
        show_default=True,
        help=ENCODING.say(lang),
    )
    @json_option(lang)
    def run(
        scenario: str,
        out: Path | None,
        batches: tuple[str, ...],
        streams: tuple[str, ...],
        sets: tuple[str, ...],
        solver: str,
        certify: bool,
        write_lp: Path | None,
        encoding: str,
        as_json: bool,
    ) -> int:
        from allocator.cli.solving import Wish, solve_and_print  # noqa: PLC0415

        wish = Wish(scenario, sets, batches, streams, out, solver, certify, write_lp, encoding, as_json)
        return solve_and_print(wish, lang)

    return run
