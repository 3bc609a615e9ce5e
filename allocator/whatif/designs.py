"""Designs of a sweep: which points are to be solved, by the key that each goes by in a file."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import Discriminator, Tag

from allocator.whatif.design_base import DESIGNS, Design, Steps
from allocator.whatif.design_drawn import Dirichlet, Noise
from allocator.whatif.design_listed import Grid, Listed, OneAtATime
from allocator.whatif.design_spread import LatinHypercube, Morris, Sobol, Spread

__all__ = [
    "DESIGNS",
    "KINDS",
    "AnyDesign",
    "Design",
    "Dirichlet",
    "Grid",
    "LatinHypercube",
    "Listed",
    "Morris",
    "Noise",
    "OneAtATime",
    "Sobol",
    "Spread",
    "Steps",
]

KINDS: dict[str, type[Design]] = {
    kind.design: kind for kind in (Grid, Listed, OneAtATime, LatinHypercube, Dirichlet, Sobol, Morris, Noise)
}
"""Key → class."""


def _design_of(value: Any) -> str | None:
    if isinstance(value, Design):
        return value.design
    return next((key for key in value if key in KINDS), None) if isinstance(value, dict) else None


AnyDesign = Annotated[
    Annotated[Grid, Tag("grid")]
    | Annotated[Listed, Tag("list")]
    | Annotated[OneAtATime, Tag("one_at_a_time")]
    | Annotated[LatinHypercube, Tag("latin_hypercube")]
    | Annotated[Dirichlet, Tag("dirichlet")]
    | Annotated[Sobol, Tag("sobol")]
    | Annotated[Morris, Tag("morris")]
    | Annotated[Noise, Tag("noise")],
    Discriminator(_design_of),
]
"""Any design, told apart by its key."""
