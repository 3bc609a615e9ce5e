"""What a policy maker writes down of rewards and deductions by evaluation (奖励与扣减)."""

from __future__ import annotations

from decimal import Decimal
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from allocator.fields import Amount, Model, Name, Number, Share, quantiles
from allocator.numbers import parse_number

IncentiveMode = Literal["reward", "reward_and_deduct", "multiplier"]
Rate = Annotated[Number, Field(gt=-1, le=10)]


class Incentive(Model):
    """Rewards, and where the mode says so deductions, by an evaluation score.

    Every county of the stream has a rate by the band of its score: above zero a reward, below zero a
    deduction, as a part of its formula amount. Bands rise with the score, so that a better score never
    brings less.

    `reward`: the pool is set aside from the budget before the formula, and divided among counties with
    a positive rate in proportion to rate × formula amount. Nobody is
    below the formula amount on what the pool leaves (正向激励).
    `reward_and_deduct`: deductions, at most `cap` of the formula amount, are divided likewise, together
    with the pool. Without a pool, rewards and deductions add up to zero exactly (奖励、扣减).
    `multiplier`: formula amounts are multiplied by 1 + rate and rescaled to the budget (绩效系数).
    """

    score: Name
    """Column with the evaluation score."""
    within: Name | None = None
    """Peer groups inside which scores are ranked: `prefecture`, a column, or `all`; default: not ranked."""
    mode: IncentiveMode
    """What a rate does to the money: `reward`, `reward_and_deduct` or `multiplier`."""
    bands: Annotated[dict[str, Rate], Field(min_length=1)]
    """Lower edge of the score, or with `within` of the share ranked at or below → rate."""
    cap: Share | None = None
    """Largest deduction, as a share of the county's formula amount; default: none but the bands."""
    pool: Amount = Decimal(0)
    """Money set aside from the stream's budget for rewards."""

    @property
    def edges(self) -> list[tuple[Decimal, Decimal]]:
        """(lower edge, rate), ascending."""
        return sorted((parse_number(edge) or Decimal(0), rate) for edge, rate in self.bands.items())

    @property
    def needs_pool(self) -> bool:
        """Whether the mode cannot do without a pool, and there is none."""
        return self.mode == "reward" and not self.pool

    @model_validator(mode="after")
    def _makes_sense(self) -> Self:
        if any(parse_number(edge) is None for edge in self.bands):
            raise ValueError("the edges of 'bands' must be numbers")
        if self.within is not None and not quantiles(self.bands):
            raise ValueError("with 'within' the edges of 'bands' are quantiles from 0 to below 1")
        rates = [rate for _, rate in self.edges]
        if rates != sorted(rates):
            raise ValueError("a higher band must not have a lower rate")
        if self.mode != "multiplier" and rates[-1] <= 0:
            raise ValueError("no band brings a reward")
        if self.needs_pool:
            raise ValueError("'mode: reward' needs a 'pool'")
        if self.mode == "multiplier" and self.pool:
            raise ValueError("'mode: multiplier' takes no 'pool'")
        if self.mode != "reward_and_deduct" and self.cap is not None:
            raise ValueError(f"'mode: {self.mode}' takes no 'cap'")
        return self
