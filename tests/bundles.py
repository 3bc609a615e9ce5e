"""The bundled scenarios that a slow test needs to look at."""

from __future__ import annotations

from allocator.load import bundled, find

EARLIER = {f"inner-mongolia-{year}" for year in (2022, 2023, 2024)}
EXTENDING = {name for name in bundled() if "\nextends:" in find(name).read_text(encoding="utf-8")}
"""They cannot be copied away from what they extend; their own tests solve them."""
DISTINCT = tuple(name for name in bundled() if name not in EARLIER | EXTENDING)
"""Earlier years of a scenario have the counties and rules of its last; the tests of `years` solve them."""
