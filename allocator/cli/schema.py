"""allocator schema: what may stand in scenario.yaml."""

from __future__ import annotations

import json

import click

from allocator.cli.shell import command as make
from allocator.text import Language, Text

HELP = Text(
    "输出 scenario.yaml 的 JSON Schema。编辑器据此补全和检查：\n"
    "在 scenario.yaml 第一行写 # yaml-language-server: $schema=scenario.schema.json",
    "Print the JSON Schema of scenario.yaml. Editors complete and check by it:\n"
    "begin scenario.yaml with  # yaml-language-server: $schema=scenario.schema.json",
)


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator schema > scenario.schema.json")
    def run() -> int:
        from allocator.load import schema  # noqa: PLC0415

        click.echo(json.dumps(schema(), ensure_ascii=False, indent=2))
        return 0

    return run
