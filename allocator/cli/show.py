"""allocator show: what a scenario says."""

from __future__ import annotations

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option, set_option
from allocator.text import Language, Text

HELP = Text(
    "显示一个方案的内容：资金、公式、规则。NAME 是自带方案的名字，也可以是方案文件夹。",
    "Show what a scenario says: its streams, formulas and rules. NAME is a bundled\n"
    "scenario, or a scenario folder.",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator show tutorial")
    @click.argument("scenario", metavar="NAME")
    @set_option(lang)
    @json_option(lang)
    def run(scenario: str, sets: tuple[str, ...], as_json: bool) -> int:
        return _show(scenario, sets, as_json, lang)

    return run


def _show(source: str, sets: tuple[str, ...], as_json: bool, lang: Language) -> int:
    from allocator.cli.describe import describe  # noqa: PLC0415
    from allocator.cli.screen import print_json  # noqa: PLC0415
    from allocator.load import find, load  # noqa: PLC0415

    loaded = load(source, sets)
    if as_json:
        print_json(loaded.scenario.model_dump(mode="json", by_alias=True))
    else:
        describe(loaded, find(source), lang)
    return 0
