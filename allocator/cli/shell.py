"""Commands that speak two languages and are imported only when they are called."""

from __future__ import annotations

import difflib
import importlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from allocator.text import Language, Text

F = TypeVar("F", bound=Callable[..., Any])
USAGE = Text("用法：", "Usage: ")
OPTIONS = Text("选项", "Options")
COMMANDS = Text("命令", "Commands")
EXAMPLE = Text("示例", "Example")
HELP = Text("显示帮助", "Show this message and exit.")


class Command(click.Command):
    """A command whose headings are in the chosen language, with an example at the end of its help."""

    def __init__(self, *args: Any, lang: Language = "en", example: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lang: Language = lang
        self.example = example

    def format_usage(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The usage line."""
        pieces = " ".join(self.collect_usage_pieces(ctx))
        formatter.write_usage(ctx.command_path, pieces, prefix=USAGE.say(self.lang))

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of options."""
        records = [record for p in self.get_params(ctx) if (record := p.get_help_record(ctx)) is not None]
        with formatter.section(OPTIONS.say(self.lang)):
            formatter.write_dl(records)

    def format_epilog(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The example."""
        with formatter.section(EXAMPLE.say(self.lang)):
            for line in self.example.splitlines():
                formatter.write(f"  {line}\n")


class Group(Command, click.Group):
    """The root command; `members` maps a name to its module and one-line help."""

    def __init__(self, *args: Any, members: Mapping[str, tuple[str, Text]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.members = members

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names, in the order in which a planner meets them."""
        return list(self.members)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Imports the command's module and builds it in the chosen language."""
        if cmd_name not in self.members:
            return None
        made = importlib.import_module(self.members[cmd_name][0]).command(cmd_name, self.lang)
        return made if isinstance(made, click.Command) else None

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, with a message in the chosen language."""
        if args and args[0] not in self.members and not args[0].startswith("-"):
            near = difflib.get_close_matches(args[0], self.members, 1)
            hint = Text(f"，是不是 {near[0]}？", f", did you mean {near[0]}?") if near else Text("", "")
            said = Text(f"没有命令 {args[0]}{hint.zh}", f"No such command '{args[0]}'{hint.en}")
            raise click.UsageError(said.say(self.lang), ctx)
        return super().resolve_command(ctx, args)

    def format_options(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Options, then commands."""
        Command.format_options(self, ctx, formatter)
        with formatter.section(COMMANDS.say(self.lang)):
            formatter.write_dl([(name, text.say(self.lang)) for name, (_, text) in self.members.items()])


def command(name: str, lang: Language, text: Text, example: str) -> Callable[[F], click.Command]:
    """Decorator: a command with bilingual help; each line of `text` stands as written."""

    def decorate(function: F) -> click.Command:
        made = click.command(
            name, cls=Command, lang=lang, example=example, help=as_written(text, lang), add_help_option=False
        )(lang_option(lang)(help_option(lang)(function)))
        if not isinstance(made, click.Command):
            raise TypeError(name)
        return made

    return decorate


def as_written(text: Text, lang: Language) -> str:
    """Help text whose lines click must not re-wrap."""
    return "\n\n".join("\b\n" + paragraph for paragraph in text.say(lang).strip().split("\n\n"))


def help_option(lang: Language) -> Callable[[F], F]:
    """-h and --help."""
    return click.help_option("-h", "--help", help=HELP.say(lang))


def lang_option(lang: Language) -> Callable[[F], F]:
    """--lang: read before anything else, declared so that click accepts it."""
    text = Text("语言（默认随系统）", "Language (default: the locale's).")
    return click.option(
        "--lang", type=click.Choice(["zh", "en"]), expose_value=False, is_eager=True, help=text.say(lang)
    )


def json_option(lang: Language) -> Callable[[F], F]:
    """--json."""
    text = Text("输出一个 JSON 对象", "Print one JSON object.")
    return click.option("--json", "as_json", is_flag=True, help=text.say(lang))


def output_option(lang: Language, text: Text, required: bool = False) -> Callable[[F], F]:
    """-o: a folder to write."""
    return click.option(
        "-o",
        "--output",
        "out",
        required=required,
        metavar="OUT",
        type=click.Path(path_type=Path),
        help=text.say(lang),
    )


def jobs_option(lang: Language) -> Callable[[F], F]:
    """--jobs."""
    text = Text("同时使用的进程数", "Processes at a time.")
    return click.option(
        "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help=text.say(lang)
    )


def set_option(lang: Language) -> Callable[[F], F]:
    """--set, which may be repeated."""
    text = Text(
        "改动一个参数，可重复，如 rules.use_share_cap.cap=0.25",
        "Change one value, such as rules.use_share_cap.cap=0.25; may be repeated.",
    )
    return click.option("--set", "sets", multiple=True, metavar="PATH=VALUE", help=text.say(lang))
