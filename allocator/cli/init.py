"""allocator init: a scenario folder to edit."""

from __future__ import annotations

from pathlib import Path

import click

from allocator.cli.shell import command as make
from allocator.cli.shell import set_option
from allocator.cli.words import line
from allocator.text import Language, Text

HELP = Text(
    "新建一个可编辑的方案文件夹：从自带方案（或你的方案）复制成独立、完整的一份。\n"
    "FOLDER 必须是新的或空的文件夹。",
    "Make a scenario folder to edit: a flat, self-contained copy of a bundled scenario, or\n"
    "of one of yours. FOLDER must be new or empty.",
)
SOURCE = Text("从哪个方案开始", "Scenario to start from.")


def command(name: str, lang: Language) -> click.Command:
    """The command."""

    @make(name, lang, HELP, "allocator init my-plan --from tutorial")
    @click.argument("folder", type=click.Path(path_type=Path))
    @click.option(
        "--from", "source", default="tutorial", show_default=True, metavar="NAME", help=SOURCE.say(lang)
    )
    @set_option(lang)
    def run(folder: Path, source: str, sets: tuple[str, ...]) -> int:
        return _init(folder, source, sets, lang)

    return run


def _init(folder: Path, source: str, sets: tuple[str, ...], lang: Language) -> int:
    from reports.folder import check_target, write_folder  # noqa: PLC0415

    check_target(folder, ours=False)
    from allocator.flatten import flatten  # noqa: PLC0415
    from allocator.load import find  # noqa: PLC0415

    files = flatten(source, sets)
    progress = find(source).parent / "progress.csv"
    if progress.is_file():
        files["progress.csv"] = progress.read_bytes()
    write_folder(folder, files, ours=False)
    line(
        Text(
            f"已建立 {folder}：{'、'.join(files)}。改好后：allocator check {folder}",
            f"Made {folder}: {', '.join(files)}. Edit, then: allocator check {folder}",
        ).say(lang)
    )
    return 0
