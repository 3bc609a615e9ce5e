"""Text on its way to a terminal."""

from __future__ import annotations

import re
import unicodedata

import click

from allocator.text import Language

ACTING = {"Cc", "Cf", "Co", "Cs"}
"""Unicode categories that a terminal acts on instead of showing."""
BREAKS = re.compile(r"[\t\n\r]+")
"""What sets text on a page and stands for a blank in a line of a terminal."""

NOT_ONE_OF = re.compile(r"'(?P<value>.*)' is not (?:one of )?'.*'\.", re.DOTALL)
NOT_VALID = re.compile(r"'(?P<value>.*)' is not a valid (?P<kind>integer|float)(?: range)?\.", re.DOTALL)
NOT_IN_RANGE = re.compile(r"(?P<value>.*) is not in the range (?P<range>.*)\.", re.DOTALL)
EXTRA = re.compile(r"Got unexpected extra arguments? \((?P<extra>.*)\)", re.DOTALL)
"""click's own messages."""


def safe(text: str) -> str:
    """Text on one line without characters that could move a terminal's cursor or turn its direction."""
    plain = BREAKS.sub(" ", text)
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ACTING else c for c in plain)


def line(text: str) -> None:
    """One line of results, to stdout."""
    click.echo(safe(text))


def message(text: str) -> None:
    """One line to stderr."""
    click.echo(safe(text), err=True)


def usage_words(error: click.ClickException, lang: Language) -> str:
    """What is wrong with a command line; in click's own words where their kind is not known."""
    if lang == "en":
        return error.format_message()
    if isinstance(error, click.NoSuchOption):
        near = f"，是不是 {'、'.join(error.possibilities)}？" if error.possibilities else ""
        return f"没有选项 {error.option_name}{near}"
    if isinstance(error, click.MissingParameter):
        return f"缺少{_named(error)}{_choices(error)}"
    if isinstance(error, click.BadParameter):
        return f"{_named(error)}{_invalid(error)}"
    if isinstance(error, click.BadOptionUsage):
        unwanted = "does not take a value" in error.message
        return f"选项 {error.option_name} {'不带值' if unwanted else '后面缺少值'}"
    extra = EXTRA.fullmatch(error.format_message())
    return f"多余的参数：{extra['extra']}" if extra else error.format_message()


def _named(error: click.BadParameter) -> str:
    """选项 --to, or 参数 RESULT."""
    if error.param is None:
        return "参数"
    if isinstance(error.param, click.Option):
        return f"选项 {'、'.join(error.param.opts)}"
    return f"参数 {error.param.human_readable_name}"


def _choices(error: click.BadParameter) -> str:
    """The values that there are, where they can be listed."""
    kind = None if error.param is None else error.param.type
    return f"，可选：{'、'.join(map(str, kind.choices))}" if isinstance(kind, click.Choice) else ""


def _invalid(error: click.BadParameter) -> str:
    """What is wrong with the value of a parameter."""
    if found := NOT_ONE_OF.fullmatch(error.message):
        return f" 不能是 {found['value']}{_choices(error)}"
    if found := NOT_VALID.fullmatch(error.message):
        return f" 应为{'整数' if found['kind'] == 'integer' else '数'}，现为 {found['value']}"
    if found := NOT_IN_RANGE.fullmatch(error.message):
        return f" 应满足 {found['range']}，现为 {found['value']}"
    return f" 无效：{error.message}"
