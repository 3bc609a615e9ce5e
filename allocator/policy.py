"""What a policy maker writes down, apart from the rules: groups, uses, formulas, streams.

Every class is a frozen pydantic model that refuses unknown keys; the strings below
the attributes are the text of the JSON Schema that `allocator schema` prints.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, model_validator

from allocator.fields import Amount, Model, Name, Names, Number, Share, Span, Title, as_list, quantiles
from allocator.formula.incentive_policy import Incentive
from allocator.group_policy import Group, GroupVersion, Use

__all__ = [
    "Adjustment",
    "Adjustments",
    "Amount",
    "Factor",
    "FactorForm",
    "FactorKind",
    "Group",
    "GroupVersion",
    "Incentive",
    "Level",
    "Model",
    "Name",
    "Names",
    "Number",
    "Pool",
    "Selection",
    "Share",
    "Span",
    "Stream",
    "Title",
    "Use",
]


FactorKind = Literal["share", "inverse", "gap", "equal", "points", "bands"]
FactorForm = FactorKind | Literal["ranks"]
"""How a factor is computed: `ranks` are bands of the rank inside peer groups."""


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
    """Lower edge of the band (or its name, such as 优; with `within` a quantile) → value."""
    within: Name | None = None
    """Peer groups for `bands` of ranks: `prefecture`, a column, or `all` counties of the stream."""
    floor: Annotated[Number, Field(gt=0, lt=1)] | None = None
    """Least share a county gets in this factor, as a share of the stream."""

    @property
    def kind(self) -> FactorForm:
        """The `as` that applies; `ranks` for bands within peer groups."""
        written: FactorForm = (
            "points" if self.points is not None else "bands" if self.bands is not None else "share"
        )
        written = written if self.as_ is None else self.as_
        return "ranks" if written == "bands" and self.within is not None else written

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
            "ranks": {"value", "bands", "within"},
        }[kind]
        needed = allowed - {"scale"}
        keys = ("value", "scale", "ref", "points", "bands", "within")
        present = {k for k in keys if getattr(self, k) is not None}
        shown = "bands" if kind == "ranks" else kind
        if missing := sorted(needed - present):
            raise ValueError(
                f"“as: {shown}”需要 {'、'.join(missing)} / 'as: {shown}' needs {', '.join(missing)}"
            )
        if surplus := sorted(present - allowed):
            raise ValueError(
                f"“as: {shown}”不能有 {'、'.join(surplus)} / 'as: {shown}' does not take {', '.join(surplus)}"
            )
        if any(not container for container in (self.points, self.bands) if container is not None):
            raise ValueError(f"“{kind}”不能为空 / '{kind}' is empty")
        if kind == "ranks" and not quantiles(self.bands or {}):
            raise ValueError("with 'within' the edges of 'bands' are quantiles from 0 to below 1")
        if isinstance(self.value, dict) and not self.value:
            raise ValueError("value 没有写任何列 / 'value' names no column")
        return self


class Pool(Model):
    """Pooling (统筹整合): counties of a group may use a stream beyond its task direction."""

    group: Name
    """The counties that may pool, such as the pilot counties of the year."""
    uses: Annotated[Names, Field(min_length=1)] = ("all",)
    """What they may use it for besides the stream's own uses: `all` or a list."""


FUNDS = {"衔接资金": "bridging", "整合资金": "integrated"}
"""Chinese names of the funds that have one."""


def _fund(value: Any) -> Any:
    return FUNDS.get(value, value) if isinstance(value, str) else value


Fund = Annotated[Name, BeforeValidator(_fund)]
"""A fund by name; 衔接资金 and 整合资金 stand for bridging and integrated."""

Level = Literal["central", "region", "prefecture", "county"]
"""Level of government that the money comes from."""


class Stream(Model):
    """One pot of money (资金): its budget, its formula, who may get it and for what."""

    title: Title = Title()
    """Title for tables and charts."""
    source: str = ""
    """Where the money comes from (central, regional, …); groups streams in tables."""
    level: Level | None = None
    """Level of government that the money comes from; readings of shares and caps go by it."""
    fund: Fund = "bridging"
    """Fund: `bridging` (衔接资金), `integrated` (统筹整合的涉农涉牧资金), or any other name."""
    direction: str = ""
    """Task direction (任务方向) that the money is for, such as work_relief."""
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
    forbidden: Names = ()
    """Uses that it must not pay for, pooled or not."""
    pool: Pool | None = None
    """Counties that may use it for more than `uses`."""
    incentive: Incentive | None = None
    """Rewards and deductions by evaluation."""
    document: str = ""
    """Number (文号) of the notice that the money came with."""
    code: Name | Literal[""] = ""
    """Project code (项目编码) of the money in the budget system."""
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
    levels: Annotated[tuple[Level, ...], BeforeValidator(as_list)] | None = None
    """Levels of government that streams come from."""
    funds: Annotated[tuple[Fund, ...], BeforeValidator(as_list)] | None = None
    """Funds of streams, such as bridging."""
    directions: Names | None = None
    """Task directions of streams."""
    uses: Names | None = None
    """Uses."""
    tag: Name | None = None
    """Tag of uses."""
    group: Name | None = None
    """Group of counties."""
    counties: Names | None = None
    """County codes."""
