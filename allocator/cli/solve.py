"""allocator solve: the one allocation, verified, as a result folder and a summary."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "求解方案：在规则之内最贴近因素公式的唯一分配，整数金额，逐条精确核验。\n"
    "不写 -o 时只显示摘要。OUT 要么完整写出，要么不写；无解时退出码为 1。",
    "Solve a scenario: the one allocation that stays closest to the factor formula within\n"
    "the rules, in whole money, every rule judged exactly. Without -o only the summary is\n"
    "printed. OUT appears whole or not at all; the exit code is 1 where nothing keeps all\n"
    "the rules.",
)
EXAMPLE = """\
allocator solve inner-mongolia-2025 -o out
allocator solve my-plan --set rules.use_share_cap.cap=0.25 --solver cbc --certify"""

OUT = Text("结果文件夹", "Result folder.")
SOLVER = Text("求解器：highs、cbc、glpk、scip 等", "Solver: highs, cbc, glpk, scip, …")
CERTIFY = Text("用第二个求解器重算并比对", "Solve again with a second solver and compare.")
WRITE_LP = Text("写出供审计的 .lp 模型", "Write the program as an .lp file for auditors.")
ENCODING = Text("CSV 编码", "Encoding of the CSVs.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @output_option(lang, OUT)
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
        sets: tuple[str, ...],
        solver: str,
        certify: bool,
        write_lp: Path | None,
        encoding: str,
        as_json: bool,
    ) -> int:
        from allocator.cli.solving import Wish, solve_and_print  # noqa: PLC0415

        wish = Wish(scenario, sets, out, solver, certify, write_lp, encoding, as_json)
        return solve_and_print(wish, lang)

    return run
