"""Which uses a county may put a stream's money to: the direction's own, and pooled ones."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.policy import Stream, Use
from allocator.scenario import Scenario


def own_uses(stream: Stream, uses: dict[str, Use], year: int) -> tuple[str, ...]:
    """Uses that every county may put the stream to in a year, sorted: the direction's own."""
    return tuple(_listed(stream.uses, stream, uses, year))


def permitted(scenario: Scenario, counties: Counties) -> NDArray[np.bool_]:
    """(n, S, U): whether a county may put a stream's money to a use, eligible or not.

    Streams and uses sorted by name. Counties of the pool's group may use a stream for the pool's uses
    too. Uses that are forbidden, or outside their years, are closed to everybody.
    """
    streams, uses = sorted(scenario.streams), sorted(scenario.uses)
    cells = np.zeros((len(counties), len(streams), len(uses)), dtype=np.bool_)
    for s, name in enumerate(streams):
        stream = scenario.streams[name]
        own = own_uses(stream, scenario.uses, scenario.year)
        cells[:, s] = [use in own for use in uses]
        if stream.pool is not None:
            wider = _listed(stream.pool.uses, stream, scenario.uses, scenario.year)
            members = counties.groups[stream.pool.group]
            cells[members, s] |= np.array([use in wider for use in uses], dtype=np.bool_)
    return cells


def _listed(names: tuple[str, ...], stream: Stream, uses: dict[str, Use], year: int) -> list[str]:
    return [
        name
        for name, use in sorted(uses.items())
        if (names == ("all",) or name in names) and name not in stream.forbidden and use.open_in(year)
    ]
