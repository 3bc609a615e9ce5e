"""--batch and --stream: the part of the year that a command is about."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, TypeVar

import click

from allocator.text import Language, Text

F = TypeVar("F", bound=Callable[..., Any])


def batch_options(lang: Language, batch: Text, stream: Text) -> Callable[[F], F]:
    """--batch and --stream, which may be repeated; the texts say what for."""

    def decorate(function: F) -> F:
        by_name = click.option("--stream", "streams", multiple=True, metavar="NAME", help=stream.say(lang))
        by_batch = click.option("--batch", "batches", multiple=True, metavar="BATCH", help=batch.say(lang))
        return by_batch(by_name(function))

    return decorate


def sets_of(source: str, sets: Sequence[str], batches: Sequence[str], streams: Sequence[str]) -> list[str]:
    """`sets`, and what leaves only those batches and streams to decide."""
    if not batches and not streams:
        return list(sets)
    from allocator.instalments import deciding, named_streams  # noqa: PLC0415
    from allocator.load import load  # noqa: PLC0415

    loaded = load(source, sets)
    return [*sets, *deciding(loaded, named_streams(loaded, batches, streams))]
