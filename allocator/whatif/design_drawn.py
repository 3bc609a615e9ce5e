"""Designs whose every point is drawn by itself: weights of a formula, noise in the county table."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import ROUND_DOWN, Decimal
from typing import Annotated, Any, ClassVar, Literal

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from allocator.loaded import Loaded
from allocator.policy import Name, Names
from allocator.text import Text
from allocator.whatif.design_base import Count, Design, Real, Refusal
from allocator.whatif.design_check import Checker, Complaint

GRAIN = Decimal("1e-12")
"""Weights are drawn to so many places."""


class Dirichlet(Design):
    """Weights of one formula, drawn around the present ones or evenly over all that add up to 1."""

    design: ClassVar[str] = "dirichlet"
    example: ClassVar[str] = "dirichlet: {points: 200, formula: main, concentration: 50}"

    points: Count
    """Number of points."""
    formula: Name
    """Name of the formula."""
    concentration: Annotated[Real, Field(gt=0)] | None = None
    """How close to the present weights w: a weight's variance is w (1 − w) / (concentration + 1)."""
    uniform: bool = False
    """Whether all weights that add up to 1 are equally likely, those that are now 0 too."""

    @model_validator(mode="after")
    def _one_of(self) -> Dirichlet:
        if (self.concentration is None) == (not self.uniform):
            raise Refusal(
                Text(
                    "dirichlet 必须且只能有 concentration 或 uniform: true 之一",
                    "'dirichlet' needs exactly one of 'concentration' and 'uniform: true'",
                ),
                Text(f"例如 {self.example}", f"such as {self.example}"),
            )
        return self

    def size(self) -> int:
        """Number of points."""
        return self.points

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """All weights of the formula."""
        factors = loaded.scenario.formulas[self.formula]
        alpha = np.array([self._alpha(factor.weight) for factor in factors])
        drawn = np.zeros(len(factors))
        random = np.random.default_rng([*seed, position])
        drawn[alpha > 0] = random.dirichlet(alpha[alpha > 0])
        weights = whole_weights(drawn.tolist())
        paths = (f"formulas.{self.formula}.{factor.factor}.weight" for factor in factors)
        return dict(zip(paths, weights, strict=True))

    def _alpha(self, weight: Decimal) -> float:
        return 1.0 if self.concentration is None else float(self.concentration * weight)

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """A formula that there is not, or that has nothing to vary."""
        formulas = checker.loaded.scenario.formulas
        if self.formula not in formulas:
            yield Complaint(
                (self.design, "formula"),
                Text(f"方案里没有公式“{self.formula}”", f"the scenario has no formula '{self.formula}'"),
                Text(f"公式：{'、'.join(formulas)}", f"formulas: {', '.join(formulas)}"),
            )
        elif sum(1 for factor in formulas[self.formula] if self._alpha(factor.weight) > 0) < 2:
            yield Complaint(
                (self.design, "formula"),
                Text(
                    "该公式只有一个因素有权重，没有可变的",
                    "only one factor has a weight, so nothing can vary",
                ),
                Text("请换一个公式，或用 uniform: true", "name another formula, or use uniform: true"),
            )

    def turns(self, path: str) -> bool:
        """Whether the path lies within the formula."""
        return path.startswith(f"formulas.{self.formula}.")


def whole_weights(drawn: list[float]) -> list[Decimal]:
    """Weights to 12 places that add up to exactly 1: rounded down, the rest to the largest."""
    weights = [Decimal(repr(weight)).quantize(GRAIN, ROUND_DOWN) for weight in drawn]
    largest = weights.index(max(weights))
    weights[largest] += 1 - sum(weights, Decimal(0))
    return weights


Errors = Annotated[dict[Name, Annotated[Real, Field(gt=0)]], Field(min_length=1)]


def _shape(value: Any) -> str:
    return "{}" if isinstance(value, dict) else "[]"


class Noise(Design):
    """Figures of the county table with chance errors, as a sample survey would give them."""

    design: ClassVar[str] = "noise"
    example: ClassVar[str] = "noise: {points: 200, columns: {population: 0.03}}"

    points: Count
    """Number of points."""
    columns: Annotated[
        Annotated[Errors, Tag("{}")] | Annotated[Names, Field(min_length=1), Tag("[]")],
        Discriminator(_shape),
    ]
    """Column → relative standard error; for `bootstrap` a list of columns."""
    kind: Literal["lognormal", "bootstrap"] = "lognormal"
    """Each figure times a lognormal error of mean 1, or drawn anew among the counties of its prefecture."""

    @model_validator(mode="after")
    def _fits_kind(self) -> Noise:
        if isinstance(self.columns, dict) != (self.kind == "lognormal"):
            raise Refusal(
                Text("kind: bootstrap 的 columns 是列表", "with 'kind: bootstrap', 'columns' is a list")
                if self.kind == "bootstrap"
                else Text(
                    "columns 需要每列的相对标准误",
                    "'columns' needs a relative standard error for each column",
                ),
                Text("例如 columns: [population]", "such as columns: [population]")
                if self.kind == "bootstrap"
                else Text("例如 columns: {population: 0.03}", "such as columns: {population: 0.03}"),
                (self.design, "columns"),
            )
        return self

    def size(self) -> int:
        """Number of points."""
        return self.points

    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """Every county's figure of every column; blank cells stay blank."""
        random = np.random.default_rng([*seed, position])
        if isinstance(self.columns, dict):
            return _lognormal(loaded, self.columns, random)
        return _bootstrap(loaded, self.columns, random)

    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """Columns that the scenario does not read as numbers."""
        for position, column in enumerate(self.columns):
            at = column if isinstance(self.columns, dict) else position
            yield from checker.path(f"columns.{column}", (self.design, "columns", at))

    def turns(self, path: str) -> bool:
        """Whether the path is one of the columns or a figure of it."""
        return any(path == f"columns.{c}" or path.startswith(f"columns.{c}.") for c in self.columns)


def _lognormal(loaded: Loaded, columns: dict[str, Decimal], random: np.random.Generator) -> dict[str, Any]:
    counties = loaded.counties
    normal = random.standard_normal((len(columns), len(counties)))
    # the sigma at which exp(sigma z - sigma²/2) has exactly this standard deviation
    sigma = np.sqrt(np.log1p(np.array([float(error) for error in columns.values()]) ** 2))[:, None]
    factors = np.exp(sigma * normal - sigma**2 / 2)
    return {
        f"columns.{column}.{code}": float(figure) * factor
        for column, row in zip(columns, factors.tolist(), strict=True)
        for code, figure, factor in zip(counties.codes, counties.numbers[column], row, strict=True)
        if figure is not None
    }


def _bootstrap(loaded: Loaded, columns: tuple[str, ...], random: np.random.Generator) -> dict[str, Any]:
    """One donor a county for all columns, so that figures that belong together stay together."""
    counties = loaded.counties
    chance = random.random(len(counties)).tolist()
    found = {}
    for column in columns:
        figures = counties.numbers[column]
        for members in counties.prefecture_members.values():
            # a blank cell neither gives nor takes
            own = [i for i in members.tolist() if figures[i] is not None]
            for i in own:
                donor = own[int(chance[i] * len(own))]
                found[f"columns.{column}.{counties.codes[i]}"] = figures[donor]
    return found
