"""What a policy maker writes down, apart from the rules: groups, uses, formulas, streams.

Every class is a frozen pydantic model that refuses unknown keys; the strings below
the attributes are the text of the JSON Schema that `allocator schema` prints.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from allocator.text import Text


def _no_float(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("a number is expected")
    return value


def _as_list(value: Any) -> Any:
    return [value] if isinstance(value, str | int | Decimal) and not isinstance(value, bool) else value


def _as_text(value: Any) -> Any:
    return str(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else value


Number = Annotated[Decimal, BeforeValidator(_no_float), Field(allow_inf_nan=False)]
"""An exact decimal, as written in the file."""

Amount = Annotated[Number, Field(ge=0)]
"""Money in the scenario's unit, zero or more."""

Share = Annotated[Number, Field(ge=0, le=1)]
"""A share between 0 and 1."""

Name = Annotated[str, BeforeValidator(_as_text), Field(min_length=1)]
"""An identifier: a number that stands where a name is meant is read as its digits."""

Names = Annotated[tuple[Name, ...], BeforeValidator(_as_list)]
"""One name or a list of names."""


class Model(BaseModel):
    """A frozen value whose unknown keys are errors."""

    model_config = ConfigDict(
        extra="forbid", frozen=True, use_attribute_docstrings=True, populate_by_name=True
    )


class Title(Model):
    """A title in Chinese, English or both; a plain string serves for both."""

    zh: str = ""
    """Chinese title."""
    en: str = ""
    """English title."""

    @model_validator(mode="before")
    @classmethod
    def _from_string(cls, value: Any) -> Any:
        return {"zh": value, "en": value} if isinstance(value, str) else value

    def text(self, otherwise: str = "") -> Text:
        """Both languages, each falling back on the other, then on `otherwise`."""
        return Text(self.zh or self.en or otherwise, self.en or self.zh or otherwise)


class Group(Model):
    """A named set of counties: all that match `where`, or the listed `codes`."""

    title: Title = Title()
    """Title for tables and charts."""
    where: dict[str, Any] | None = None
    """Column → value, list of values, or {min, max}; several columns must all match."""
    codes: Names | None = None
    """Six-digit county codes."""

    @model_validator(mode="after")
    def _one_of(self) -> Group:
        if (self.where is None) == (self.codes is None):
            raise ValueError("exactly one of 'where' and 'codes' is needed")
        return self


class Use(Model):
    """What money may pay for; tags let rules address several uses at once."""

    title: Title = Title()
    """Title for tables and charts."""
    tags: tuple[Name, ...] = ()
    """Tags that rules refer to, such as industry."""


FactorKind = Literal["share", "inverse", "gap", "equal", "points", "bands"]


class Factor(Model):
    """One factor of a formula (因素): a weight and how a county's value becomes its share."""

    factor: Name
    """Name, unique within the formula."""
    weight: Annotated[Number, Field(ge=0, le=1)]
    """Weight w; the weights of a formula add up to 1 exactly."""
    title: Title = Title()
    """Title for tables and charts."""
    value: Name | dict[str, Number] | None = None
    """A column, or a structure-weighted sum of columns {column: weight}."""
    as_: Annotated[FactorKind | None, Field(alias="as")] = None
    """How values become shares; may be left out where `points` or `bands` stand."""
    scale: Name | None = None
    """Column p that scales `inverse` and `gap`, such as the population."""
    ref: Name | None = None
    """Reference of `gap`: a number, mean, median, max, or a county's code."""
    points: dict[str, Amount] | None = None
    """Group → points."""
    bands: dict[str, Amount] | None = None
    """Lower edge of the band (or its name, such as 优) → value."""
    floor: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Least share a county gets in this factor, as a share of the stream."""

    @property
    def kind(self) -> FactorKind:
        """The `as` that applies."""
        if self.as_ is not None:
            return self.as_
        return "points" if self.points is not None else "bands" if self.bands is not None else "share"

    @property
    def columns(self) -> dict[str, Decimal]:
        """Columns of `value` with their structure weights."""
        if isinstance(self.value, dict):
            return dict(self.value)
        return {} if self.value is None else {self.value: Decimal(1)}

    @model_validator(mode="after")
    def _fits_kind(self) -> Factor:
        kind = self.kind
        allowed = {
            "share": {"value"},
            "inverse": {"value", "scale"},
            "gap": {"value", "ref", "scale"},
            "equal": set(),
            "points": {"points"},
            "bands": {"value", "bands"},
        }[kind]
        needed = allowed - {"scale"}
        present = {k for k in ("value", "scale", "ref", "points", "bands") if getattr(self, k) is not None}
        if missing := sorted(needed - present):
            raise ValueError(f"'as: {kind}' needs {', '.join(missing)}")
        if surplus := sorted(present - allowed):
            raise ValueError(f"'as: {kind}' does not take {', '.join(surplus)}")
        if any(not container for container in (self.points, self.bands) if container is not None):
            raise ValueError(f"'{kind}' is empty")
        if isinstance(self.value, dict) and not self.value:
            raise ValueError("'value' names no column")
        return self


class Stream(Model):
    """One pot of money (资金): its budget, its formula, who may get it and for what."""

    title: Title = Title()
    """Title for tables and charts."""
    source: str = ""
    """Where the money comes from (central, regional, …); groups streams in tables."""
    batch: int | str = 1
    """Batch (批次)."""
    budget: Amount
    """Money decided in this run, a multiple of `step`."""
    formula: Name
    """Name of the formula."""
    multiplier: Name | None = None
    """Column that scales each county's share (绩效系数)."""
    eligible: Name = "all"
    """`all` or the name of a group."""
    uses: Names = ("all",)
    """`all` or a list of uses."""
    entitlement: Literal["batch", "year"] = "batch"
    """Whether the formula speaks of this run's money or of the year's, less what is committed."""


class Adjustment(Model):
    """A change of one county's entitlement by hand, with its reason."""

    county: Name
    """County code."""
    stream: Name
    """Stream."""
    amount: Number
    """δ, positive or negative; the amounts of a stream add up to zero."""
    reason: Annotated[str, Field(min_length=1)]
    """Why."""


class Adjustments(Model):
    """Bounded discretion (综合平衡)."""

    limit: Annotated[Number, Field(ge=0, le=1)]
    """Largest |δ| as a share of the county's formula amount in that stream."""
    items: tuple[Adjustment, ...] = ()
    """The adjustments."""


class Selection(Model):
    """Cells of the cube county × stream × use; what is left out means all."""

    streams: Names | None = None
    """Streams."""
    sources: Names | None = None
    """Sources of streams."""
    uses: Names | None = None
    """Uses."""
    tag: Name | None = None
    """Tag of uses."""
    group: Name | None = None
    """Group of counties."""
    counties: Names | None = None
    """County codes."""
