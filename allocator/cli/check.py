"""allocator check: every fault of a scenario at once, without solving it."""

from __future__ import annotations

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.cli.words import line
from allocator.text import Language, Text

HELP = Text(
    "检查方案，不求解。一次列出全部错误，每条写明文件、行、旗县、列和改法；\n"
    "没有错误时给出控制总数，请与文件核对。",
    "Check a scenario without solving it. All faults are listed at once, each with its\n"
    "file, line, county and column and what to do. Where there is none, control totals\n"
    "are printed: compare them with the documents.",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator check my-plan")
    @click.argument("scenario")
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, sets: tuple[str, ...], as_json: bool) -> int:
        return _check(scenario, sets, as_json, lang)

    return run


def _check(source: str, sets: tuple[str, ...], as_json: bool, lang: Language) -> int:
    from allocator.cli.screen import notices, print_json  # noqa: PLC0415
    from allocator.cli.totals import show_totals  # noqa: PLC0415
    from allocator.load import load  # noqa: PLC0415

    loaded = load(source, sets)
    if as_json:
        said = [{"zh": n.zh, "en": n.en} for n in loaded.notices]
        digests = dict(loaded.digests)
        print_json({"faults": [], "notices": said, "control_totals": dict(loaded.totals), "inputs": digests})
        return 0
    show_totals(loaded, lang)
    notices(loaded.notices, lang)
    line(Text(f"{loaded.scenario.name}：没有错误", f"{loaded.scenario.name}: no faults").say(lang))
    return 0
