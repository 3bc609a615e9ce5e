"""Progress on stderr, for whatever takes longer than two seconds."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import Any

from allocator.text import Language, Text

PATIENCE = 2.0
"""Seconds before anything is shown."""


class Progress:
    """Call it with what is being done and how far it is; shown only on a terminal."""

    def __init__(self, lang: Language) -> None:
        self._lang: Language = lang
        self._started = time.monotonic()
        self._bar: Any = None

    def __enter__(self) -> Progress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar is not None:
            self._bar.stop()

    def __call__(self, doing: Text, done: float) -> None:
        """Shows the step `doing`, `done` of 1."""
        if not sys.stderr.isatty() or time.monotonic() - self._started < PATIENCE:
            return
        if self._bar is None:
            from rich.console import Console  # noqa: PLC0415 - only where something takes long
            from rich.progress import Progress as Bar  # noqa: PLC0415

            self._bar = Bar(console=Console(file=sys.stderr), transient=True)
            self._bar.start()
            self._bar.add_task("", total=1.0)
        self._bar.update(0, description=doing.say(self._lang), completed=min(1.0, max(0.0, done)))
