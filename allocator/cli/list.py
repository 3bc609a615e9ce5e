"""allocator list: the bundled scenarios."""

from __future__ import annotations

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import json_option
from allocator.text import Language, Text

HELP = Text(
    "列出自带的方案。名字可直接用在其他命令里。",
    "List the bundled scenarios. Every other command takes their names.",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator list\nallocator show tutorial")
    @json_option(lang)
    def run(as_json: bool) -> int:
        return _list(as_json, lang)

    return run


def _list(as_json: bool, lang: Language) -> int:
    from allocator.cli.screen import print_json, show_table  # noqa: PLC0415
    from allocator.load import bundled  # noqa: PLC0415

    titles = {name: _title(name) for name in bundled()}
    if as_json:
        print_json({"scenarios": [{"name": n, "zh": t.zh, "en": t.en} for n, t in titles.items()]})
        return 0
    columns = [Text("名字", "Name"), Text("标题", "Title")]
    rows = [(name, title.say(lang)) for name, title in titles.items()]
    show_table(Text("自带方案", "Bundled scenarios"), columns, rows, lang)
    return 0


def _title(name: str) -> Text:
    from allocator.input.extends import read_chain  # noqa: PLC0415
    from allocator.load import find  # noqa: PLC0415
    from allocator.policy import Title  # noqa: PLC0415

    written = read_chain(find(name)).tree.get("title")
    return Text("", "") if written is None else Title.model_validate(written.plain()).text()
