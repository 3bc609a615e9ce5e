"""allocator diagnose: why there is no allocation, and what would make one."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "无解时说明原因：先做加法核算（有多少、要多少、差多少），再给出共同分担的最小让步、\n"
    "互相矛盾的规则，以及修改办法：单改哪个参数或预算、改到多少就有解，每条都已求解并核验。\n"
    "标为 law: true 的规则不在可改之列。有解时退出码为 0，无解时为 1。\n\n"
    "--apply N 把第 N 个办法写成一个继承原方案的新方案。",
    "Say why there is no allocation: sums first (have, need, short by), then the smallest\n"
    "relaxation that everybody shares, the rules that contradict each other, and a menu of\n"
    "repairs: which single parameter or budget, at which value, makes an allocation\n"
    "possible, each one solved and verified. Rules marked law: true are never offered.\n"
    "The exit code is 0 where there is an allocation, 1 where there is none.\n\n"
    "--apply N writes repair N as a scenario that extends this one.",
)
EXAMPLE = """\
allocator diagnose my-plan
allocator diagnose my-plan --apply 1 -o my-plan-2"""

APPLY = Text("把第 N 个办法写成新方案", "Write repair N as a new scenario.")
OUT = Text("新方案的文件夹（默认放在原方案旁边）", "Folder of the new scenario (default: beside this one).")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("scenario")
    @click.option("--apply", "number", type=click.IntRange(min=1), metavar="N", help=APPLY.say(lang))
    @output_option(lang, OUT)
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, number: int | None, out: Path | None, sets: tuple[str, ...], as_json: bool) -> int:
        from allocator.cli.diagnosing import Wish, diagnose_and_print  # noqa: PLC0415

        return diagnose_and_print(Wish(scenario, number, out, sets, as_json), lang)

    return run
