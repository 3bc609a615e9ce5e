"""What can go wrong, in words a planner can act on.

AllocatorError
├── BadInput       files or arguments are wrong: exit code 2, every fault at once
├── NoAllocation   the rules cannot all be kept: exit code 1
└── SolverTrouble  a solver is missing (exit code 2) or failed numerically (exit code 1)
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from allocator.text import Language, Text


@dataclass(frozen=True, slots=True)
class Place:
    """Where in the user's files something stands; whatever is unknown is left out."""

    file: str = ""
    line: int | None = None
    """Line of a text file, or row of a spreadsheet, counted from 1."""
    character: int | None = None
    """Position within the line, counted from 1 (YAML only)."""
    path: str = ""
    """Dotted path within scenario.yaml, as `--set` takes it."""
    county: str = ""
    """Code and name of the county."""
    column: str = ""
    """Column of the table."""

    def say(self, lang: Language) -> str:
        """`file:line:character: path, county, column`, without the unknown parts."""
        position = ":".join(str(p) for p in (self.file, self.line, self.character) if p not in ("", None))
        column = Text(f"列“{self.column}”", f"column '{self.column}'").say(lang) if self.column else ""
        parts = [p for p in (self.path, self.county, column) if p]
        return ": ".join(p for p in (position, ("，" if lang == "zh" else ", ").join(parts)) if p)


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: where, what, and what to do about it."""

    place: Place
    what: Text
    fix: Text

    def say(self, lang: Language) -> str:
        """The whole message on one line."""
        gap = "。" if lang == "zh" else ". "
        body = gap.join(t.say(lang).rstrip("。. ") for t in (self.what, self.fix) if t.say(lang))
        where = self.place.say(lang)
        return f"{where}: {body}" if where else body


class AllocatorError(Exception):
    """Root of every error that a user may meet."""

    exit_code = 1

    def say(self, lang: Language) -> str:
        """The message for the terminal."""
        return str(self)


class BadInput(AllocatorError):
    """Files or arguments are wrong; holds every fault found, in file order."""

    exit_code = 2

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(f.say("en") for f in self.faults))

    def say(self, lang: Language) -> str:
        """All faults, one a line."""
        return "\n".join(f.say(lang) for f in self.faults)


class NoAllocation(AllocatorError):
    """No allocation keeps all the rules; holds the reasons as sentences."""

    exit_code = 1

    def __init__(self, reasons: Iterable[Text]) -> None:
        self.reasons = tuple(reasons)
        super().__init__("\n".join(r.en for r in self.reasons))

    def say(self, lang: Language) -> str:
        """All reasons, one a line."""
        return "\n".join(r.say(lang) for r in self.reasons)


class SolverTrouble(AllocatorError):
    """A solver is missing (`exit_code` 2) or failed where it should not have (1)."""

    def __init__(self, what: Text, exit_code: int = 1) -> None:
        self.what = what
        self.exit_code = exit_code
        super().__init__(what.en)

    def say(self, lang: Language) -> str:
        """The message for the terminal."""
        return self.what.say(lang)
