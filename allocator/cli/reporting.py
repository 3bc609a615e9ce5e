"""What `allocator report` does, step by step."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from importlib.util import find_spec
from pathlib import Path

from allocator.cli.screen import notices, print_json
from allocator.cli.words import line
from allocator.faults import BadInput, Fault, Place
from allocator.instalments import named_streams
from allocator.text import Language, Text
from reports.folder import add_files, check_target, write_folder
from reports.report_input import Report, of_streams, read_report
from reports.run_record import versions

Maker = Callable[[Report, Language], dict[str, bytes]]
MAKERS: Mapping[str, tuple[tuple[str, str, tuple[str, ...]], ...]] = {
    "html": (("reports.page.page", "page_files", ("jinja2",)),),
    "xlsx": (
        ("reports.meeting.workbook", "workbook_files", ()),
        ("reports.publication.xlsx", "publication_files", ()),
    ),
    "docx": (("reports.publication.docx", "publication_files", ("docx",)),),
    "pdf": (("reports.publication.pdf", "publication_files", ("typst",)),),
}
"""What is asked for → module, function, and the packages that it needs."""


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    result: Path
    kinds: tuple[str, ...]
    batches: tuple[str, ...] = ()
    streams: tuple[str, ...] = ()
    out: Path | None = None
    as_json: bool = False


def report_and_print(wish: Wish, lang: Language) -> int:
    """Reads the result, makes every file, then writes them all or none."""
    _check_packages(wish.kinds)
    if wish.out is not None:
        check_target(wish.out, ours=False)
    report = _asked_for(wish)
    if wish.out is None:
        check_target(wish.result)
    notices(report.loaded.notices, lang)
    if {"xlsx", "docx", "pdf"} & set(wish.kinds):
        from reports.publication.notice import missing  # noqa: PLC0415 - only where documents are made

        notices(missing(report), lang)
    files: dict[str, bytes] = {}
    for kind in wish.kinds:
        for module, function, _ in MAKERS[kind]:
            if report.part and not module.startswith("reports.publication"):
                continue
            maker: Maker = getattr(importlib.import_module(module), function)
            files |= maker(report, lang)
    out = wish.out or wish.result
    if wish.out is None:
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        around = {"date": now, "command": ["allocator", *sys.argv[1:]], "versions": versions()}
        add_files(out, files, around)
    else:
        write_folder(wish.out, files, ours=False)
    if wish.as_json:
        print_json({"out": str(out), "files": sorted(files)})
    else:
        for name in files:
            line(Text(f"已写出 {out / name}", f"Wrote {out / name}").say(lang))
    return 0


def _asked_for(wish: Wish) -> Report:
    """The result, or the streams of it that are named."""
    report = read_report(wish.result)
    if not wish.batches and not wish.streams:
        return report
    chosen = named_streams(report.loaded, wish.batches, wish.streams)
    part = of_streams(report, chosen)
    if not part.whole.any():
        what = Text("结果里没有这部分资金", "the result has no money of that")
        paid = [n for s, n in enumerate(report.loaded.problem.stream_names) if report.whole[:, s].any()]
        fix = Text(f"结果中的资金：{'、'.join(paid)}", f"it has: {', '.join(paid)}")
        raise BadInput([Fault(Place("--batch / --stream"), what, fix)])
    return part


def _check_packages(kinds: tuple[str, ...]) -> None:
    needed = {p for kind in kinds for _, _, packages in MAKERS[kind] for p in packages}
    absent = sorted(p for p in needed if find_spec(p) is None)
    if absent:
        what = Text(f"缺少软件包：{'、'.join(absent)}", f"packages are missing: {', '.join(absent)}")
        fix = Text("请安装：pip install 'allocator[report]'", "install them: pip install 'allocator[report]'")
        raise BadInput([Fault(Place("--to"), what, fix)])
