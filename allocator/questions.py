"""Questions that an ambiguous clause leaves open, and the readings that answer them (口径)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from allocator.text import Text


@dataclass(frozen=True, slots=True)
class Reading:
    """One answer: its name, and the values of a rule's parameters that it stands for."""

    name: str
    title: Text
    values: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Question:
    """What a clause leaves open, in the words of the clause, with the readings that it allows."""

    name: str
    """Unique within the rule."""
    title: Text
    clause: str
    """Document and place."""
    quote: str
    """The words that are read."""
    readings: tuple[Reading, ...]
    """The first is the default, by the words of the text."""
    grounds: Text
    """Why the first is the default."""

    def answered(self, values: Mapping[str, Any]) -> str:
        """The reading that these values stand for; empty where it is none of them."""
        for reading in self.readings:
            if all(values[key] == value for key, value in reading.values.items()):
                return reading.name
        return ""


def reading(name: str, zh: str, en: str, **values: Any) -> Reading:
    """A reading from its sentences and values."""
    return Reading(name, Text(zh, en), values)
