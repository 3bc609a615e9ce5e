"""allocator commit: a result, or some batches of it, into the year's ledger."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.batches import batch_options
from allocator.cli.shell import command as make
from allocator.cli.shell import json_option
from allocator.text import Language, Text

HELP = Text(
    "把 solve 或 reallocate 写出的一次结果作为一笔记入当年台账（只追加的 CSV，\n"
    "每行带链值，事后改动会被发现）。默认记入方案的 committed 文件；\n"
    "普通 committed.csv 先转成台账，原有各行成为第 1 笔。之后求解，\n"
    "已记账的资金不再分配，规则按全年累计核验。\n\n"
    "--batch 或 --stream 只下达全年方案中的一部分。重复记账、结果写出后被改动、台账或方案\n"
    "已变化、年度或单位不同，都会被拒绝。",
    "Enter a result of solve or reallocate into the year's ledger: a CSV that is only\n"
    "appended to, with a chain digest in each row, so that later edits are found. By\n"
    "default it is the scenario's committed file; a plain committed.csv becomes a ledger\n"
    "first, with its rows as entry 1. What the ledger holds is not decided again, and the\n"
    "rules judge the whole year.\n\n"
    "--batch and --stream issue a part of a plan for the year. Refused: the same money\n"
    "twice, a result edited since, a ledger or scenario that has changed since, another\n"
    "year or unit.",
)
EXAMPLE = """\
allocator solve my-plan -o out
allocator commit out --batch 2 --date 2024-06-18
allocator verify my-plan"""
LEDGER = Text("台账文件（默认：方案的 committed 文件）", "Ledger (default: the scenario's committed file).")
BATCH = Text("只下达这一批次，可重复", "Issue only this batch; may be repeated.")
STREAM = Text("只下达这一笔资金，可重复", "Issue only this stream; may be repeated.")
DATE = Text("记在这一笔上的日期（默认空白）", "Date to write on the entry (default: blank).")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("result", type=click.Path(path_type=Path))
    @click.option("--ledger", metavar="FILE", type=click.Path(path_type=Path), help=LEDGER.say(lang))
    @batch_options(lang, BATCH, STREAM)
    @click.option("--date", metavar="DATE", help=DATE.say(lang))
    @json_option(lang)
    def run(
        result: Path,
        ledger: Path | None,
        batches: tuple[str, ...],
        streams: tuple[str, ...],
        date: str | None,
        as_json: bool,
    ) -> int:
        from allocator.cli.committing import Wish, commit_and_print  # noqa: PLC0415

        return commit_and_print(Wish(result, ledger, batches, streams, date, as_json), lang)

    return run
