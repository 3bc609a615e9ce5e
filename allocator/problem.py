"""The cube county × stream × use: what may be decided, what is committed, what the formula says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.policy import Selection, Stream, Use
from allocator.rows import Cells

Base = Literal["central_regional", "received", "upper", "central", "region", "bridging", "all"]
"""Whose money a share is taken of."""

EVERY_LEVEL: frozenset[str | None] = frozenset({"central", "region", "prefecture", "county", None})
BASES: Mapping[Base, tuple[frozenset[str | None], bool]] = {
    "central_regional": (frozenset({"central", "region", None}), True),
    "received": (frozenset({"central", "region", None}), False),
    "upper": (frozenset({"central", "region", "prefecture", None}), True),
    "central": (frozenset({"central"}), True),
    "region": (frozenset({"region"}), True),
    "bridging": (EVERY_LEVEL, True),
    "all": (EVERY_LEVEL, False),
}
"""Levels of the streams that count in each base, and whether bridging money alone does.

A stream that names no level counts as central or regional: that is what a scenario hands out unless it
says otherwise.
"""


def rebudgeted(streams: Mapping[str, Stream], budgets: Mapping[str, Decimal]) -> dict[str, Stream]:
    """The streams with other budgets, by stream."""
    return {
        name: stream.model_copy(update={"budget": budgets[name]}) if name in budgets else stream
        for name, stream in streams.items()
    }


@dataclass(frozen=True)
class Problem:
    """Scenario and counties as a cube of shape (n, S, U), flattened county-major.

    Streams and uses are sorted by name and counties by code, so that the order of lines in
    a file changes nothing. Amounts are in the scenario's unit.
    """

    year: int
    step: Fraction
    counties: Counties
    streams: Mapping[str, Stream]
    """Sorted by name."""
    uses: Mapping[str, Use]
    """Sorted by name."""
    open: NDArray[np.bool_]
    """(n, S, U): the cells that this run may put money into."""
    committed: Mapping[int, Fraction]
    """Flat cell → money already issued this year; zero cells are left out."""
    formula: tuple[tuple[Decimal, ...], ...]
    """(n)(S): the formula amount."""
    adjustment: tuple[tuple[Decimal, ...], ...]
    """(n)(S): δ by hand."""
    mix: NDArray[np.float64]
    """(n, S, U): preferred mix over the uses that the stream may pay for."""

    @property
    def shape(self) -> tuple[int, int, int]:
        """(counties, streams, uses)."""
        return len(self.counties), len(self.streams), len(self.uses)

    @cached_property
    def stream_names(self) -> tuple[str, ...]:
        """Names in cube order."""
        return tuple(self.streams)

    @cached_property
    def use_names(self) -> tuple[str, ...]:
        """Names in cube order."""
        return tuple(self.uses)

    @cached_property
    def budgets(self) -> tuple[Fraction, ...]:
        """Money decided in this run, by stream."""
        return tuple(Fraction(s.budget) for s in self.streams.values())

    @cached_property
    def entitlement(self) -> NDArray[np.float64]:
        """(n, S): formula plus adjustment, for the solver."""
        pairs = zip(self.formula, self.adjustment, strict=True)
        rows = [[float(f + d) for f, d in zip(fs, ds, strict=True)] for fs, ds in pairs]
        return np.array(rows, dtype=np.float64).reshape(self.shape[:2])

    def rebudgeted(self, budgets: Mapping[str, Decimal]) -> Problem:
        """The same problem with other budgets, by stream; formula and entitlement stay as they were."""
        return replace(self, streams=rebudgeted(self.streams, budgets))

    def entitled(self, entitlement: NDArray[np.float64]) -> Problem:
        """The same problem with another entitlement, (n, S), in floats; `formula` stays as it was."""
        changed = replace(self)
        vars(changed)["entitlement"] = entitlement
        return changed

    @cached_property
    def committed_flat(self) -> NDArray[np.bool_]:
        """Which flat cells bear committed money."""
        flags = np.zeros(int(np.prod(self.shape)), dtype=np.bool_)
        flags[list(self.committed)] = True
        return flags

    @cached_property
    def live(self) -> NDArray[np.bool_]:
        """Flat cells that are open or bear committed money: the only ones a sum can feel."""
        return self.open.ravel() | self.committed_flat

    def stream_mask(self, selection: Selection | None) -> NDArray[np.bool_]:
        """(S): streams that a selection takes in."""
        if selection is None:
            return np.ones(len(self.streams), dtype=np.bool_)
        return np.array(
            [
                (selection.streams is None or name in selection.streams)
                and (selection.sources is None or stream.source in selection.sources)
                and (selection.levels is None or stream.level in selection.levels)
                and (selection.funds is None or stream.fund in selection.funds)
                and (selection.directions is None or stream.direction in selection.directions)
                for name, stream in self.streams.items()
            ],
            dtype=np.bool_,
        )

    def base_mask(self, base: Base) -> NDArray[np.bool_]:
        """(n, S, U): money that a share is taken of, by the reading of its base."""
        levels, bridging_alone = BASES[base]
        flags = [
            stream.level in levels and (stream.fund == "bridging" or not bridging_alone)
            for stream in self.streams.values()
        ]
        return np.broadcast_to(np.array(flags, dtype=np.bool_)[None, :, None], self.shape)

    def use_mask(self, selection: Selection | None) -> NDArray[np.bool_]:
        """(U): uses that a selection takes in."""
        if selection is None:
            return np.ones(len(self.uses), dtype=np.bool_)
        return np.array(
            [
                (selection.uses is None or name in selection.uses)
                and (selection.tag is None or selection.tag in use.tags)
                for name, use in self.uses.items()
            ],
            dtype=np.bool_,
        )

    def use_mask_of_tag(self, tag: str) -> NDArray[np.bool_]:
        """(U): uses that bear a tag."""
        return self.use_mask(Selection(tag=tag))

    def county_mask(self, selection: Selection | None) -> NDArray[np.bool_]:
        """(n): counties that a selection takes in."""
        mask = np.ones(len(self.counties), dtype=np.bool_)
        if selection is None:
            return mask
        if selection.group is not None:
            mask &= self.counties.groups[selection.group]
        if selection.counties is not None:
            listed = np.zeros_like(mask)
            listed[[self.counties.index[code] for code in selection.counties]] = True
            mask &= listed
        return mask

    def mask(self, *selections: Selection | None) -> NDArray[np.bool_]:
        """(n, S, U): cells that lie in every one of the selections."""
        cells = np.ones(self.shape, dtype=np.bool_)
        for s in selections:
            counties, streams, uses = self.county_mask(s), self.stream_mask(s), self.use_mask(s)
            cells &= counties[:, None, None] & streams[None, :, None] & uses[None, None, :]
        return cells

    def cells(self, mask: NDArray[np.bool_]) -> Cells:
        """Live cells of a mask, as flat positions in cube order."""
        return np.flatnonzero(mask.ravel() & self.live)
