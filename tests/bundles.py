"""The bundled scenarios that a slow test needs to look at."""

from __future__ import annotations

from allocator.load import bundled

EARLIER = {f"inner-mongolia-{year}" for year in (2022, 2023, 2024)}
DISTINCT = tuple(name for name in bundled() if name not in EARLIER)
"""Earlier years of a scenario have the counties and rules of its last; the tests of `years` solve them."""
