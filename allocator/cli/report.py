"""allocator report: the page, the workbook and the documents of a result."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.batches import batch_options
from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, output_option
from allocator.text import Language, Text

HELP = Text(
    "由结果文件夹生成会议用的文件：网页 report.html（单个文件，离线打开）、\n"
    "带公式的工作簿 workbook.xlsx、公告公示文件 publication.docx、.pdf、.xlsx。\n"
    "金额一律取自 RESULT，不重新计算。RESULT 下的 sensitivity 文件夹\n"
    "（allocator sensitivity RESULT -o RESULT/sensitivity）会一并用上。\n\n"
    "--batch 或 --stream 只为其中一批资金出公告公示文件，\n"
    "如 publication-central_2.docx。",
    "Make the papers for the meeting from a result folder: the page report.html (one file,\n"
    "opens offline), the workbook.xlsx with live formulas, and the publication as .docx,\n"
    ".pdf and .xlsx. Money is taken from RESULT as it stands, never computed anew. A study\n"
    "beside it (allocator sensitivity RESULT -o RESULT/sensitivity) is used too.\n\n"
    "--batch and --stream make the publication of a part, such as\n"
    "publication-central_2.docx.",
)
EXAMPLE = """\
allocator solve inner-mongolia-2025 -o out
allocator sensitivity out -o out/sensitivity --jobs 2
allocator report out --to all"""
KINDS = ("html", "xlsx", "docx", "pdf", "all")
TO = Text("生成什么，可重复", "What to make; may be repeated.")
BATCH = Text("只公布这一批次，可重复", "Publish only this batch; may be repeated.")
STREAM = Text("只公布这一笔资金，可重复", "Publish only this stream; may be repeated.")
WHOLE = Text(
    "网页写的是整个结果；--batch 和 --stream 只用于 docx、pdf、xlsx",
    "the page is of the whole result; --batch and --stream go with docx, pdf, xlsx",
)
OUT = Text("写到另一个文件夹（默认写在 RESULT 里）", "Another folder; default: beside the result.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, EXAMPLE)
    @click.argument("result", type=click.Path(path_type=Path))
    @click.option(
        "--to",
        "kinds",
        multiple=True,
        type=click.Choice(KINDS),
        default=("html",),
        show_default=True,
        help=TO.say(lang),
    )
    @batch_options(lang, BATCH, STREAM)
    @output_option(lang, OUT)
    @json_option(lang)
    def run(
        result: Path,
        kinds: tuple[str, ...],
        batches: tuple[str, ...],
        streams: tuple[str, ...],
        out: Path | None,
        as_json: bool,
    ) -> int:
        from allocator.cli.reporting import Wish, report_and_print  # noqa: PLC0415

        wanted = tuple(k for k in KINDS[:-1] if k in kinds or "all" in kinds)
        if (batches or streams) and "html" in wanted:
            raise click.UsageError(WHOLE.say(lang), click.get_current_context())
        return report_and_print(Wish(result, wanted, batches, streams, out, as_json), lang)

    return run
