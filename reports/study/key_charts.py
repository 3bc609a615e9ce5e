"""The charts of a study that a meeting sees in the workbook."""

from __future__ import annotations

from collections.abc import Iterable

KEY_CHARTS = (
    "tornado",
    "breakpoints",
    "uncertainty",
    "sobol",
    "equity",
    "winners-last-year",
    "map-last-year",
    "winners-formula",
    "map-formula",
    "frontier",
)
"""Beginnings of the names of charts, one picture each."""


def key_names(charts: Iterable[str]) -> list[str]:
    """Of a study's charts those that the workbook shows, at most one of each kind."""
    known = list(charts)
    found = []
    for start in KEY_CHARTS:
        name = next((c for c in known if c == start or c.startswith(f"{start}-")), None)
        if name is not None:
            found.append(name)
    return found
