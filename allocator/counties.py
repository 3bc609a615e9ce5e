"""What is known of each county: checked once at the door, then read-only, sorted by code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Counties:
    """The county table: n rows sorted by code.

    `text` holds every column of the file as stripped text; `numbers` those columns that
    the scenario uses as numbers, exact, with None for a blank cell. `groups` says for each
    group which counties are in it. All tuples and arrays have length n.
    """

    codes: tuple[str, ...]
    names: tuple[str, ...]
    prefectures: tuple[str, ...]
    text: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    numbers: Mapping[str, tuple[Decimal | None, ...]] = field(default_factory=dict)
    groups: Mapping[str, NDArray[np.bool_]] = field(default_factory=dict)
    file: str = "counties.csv"
    lines: tuple[int, ...] = ()
    """Row of the file that each county came from, for messages."""

    def __len__(self) -> int:
        return len(self.codes)

    @cached_property
    def index(self) -> dict[str, int]:
        """Position by code."""
        return {code: i for i, code in enumerate(self.codes)}

    @cached_property
    def prefecture_members(self) -> dict[str, NDArray[np.intp]]:
        """Positions of each prefecture's counties, prefectures in order of their lowest code."""
        members: dict[str, list[int]] = {}
        for i, prefecture in enumerate(self.prefectures):
            members.setdefault(prefecture, []).append(i)
        return {name: np.array(rows, dtype=np.intp) for name, rows in members.items()}

    def positions(self, by: str, where: str) -> NDArray[np.intp]:
        """Positions of the counties that a row by county, prefecture, group or all speaks of.

        A rule by prefecture may have rows of single counties too, such as a ratchet by county.
        """
        if by == "county" or (by in ("prefecture", "all") and where in self.index):
            return np.array([self.index[where]], dtype=np.intp)
        if by == "prefecture":
            return self.prefecture_members[where]
        return np.arange(len(self), dtype=np.intp) if by == "all" else np.flatnonzero(self.groups[by])

    def label(self, i: int) -> str:
        """Code and name, as messages show a county."""
        return f"{self.codes[i]} {self.names[i]}"
