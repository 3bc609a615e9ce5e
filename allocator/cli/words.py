"""Text on its way to a terminal."""

from __future__ import annotations

import unicodedata

import click

ACTING = {"Cc", "Cf", "Co", "Cs"}
"""Unicode categories that a terminal acts on instead of showing."""


def safe(text: str) -> str:
    """Text without characters that could move a terminal's cursor or turn its direction."""
    return "".join("\N{REPLACEMENT CHARACTER}" if unicodedata.category(c) in ACTING else c for c in text)


def line(text: str) -> None:
    """One line of results, to stdout."""
    click.echo(safe(text))


def message(text: str) -> None:
    """One line to stderr."""
    click.echo(safe(text), err=True)
