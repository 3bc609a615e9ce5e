"""How much some amounts rise and others fall: what is said of a difference, wherever it is said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.names import number
from allocator.text import Text

DEFINED = Text(
    "移动的资金是增加的旗县所增之和，等于减少的旗县所减之和",
    "Money moved is what the counties that gain gain, and as much as the others lose",
)
"""What "moved" means, for where it is said."""


@dataclass(frozen=True)
class Flow:
    """Gains and losses of some counties; they are told apart wherever the total changes."""

    gained: Fraction
    """Sum of what rises."""
    lost: Fraction
    """Sum of what falls, without its sign."""
    up: int
    """How many rise."""
    down: int

    @classmethod
    def of(cls, changes: Sequence[Fraction]) -> Flow:
        """Of the counties' changes."""
        ups, downs = [c for c in changes if c > 0], [-c for c in changes if c < 0]
        return cls(sum(ups, Fraction(0)), sum(downs, Fraction(0)), len(ups), len(downs))

    @property
    def net(self) -> Fraction:
        """What the total changes by."""
        return self.gained - self.lost

    @property
    def moved(self) -> Fraction | None:
        """½ Σ |change|, what goes from some to others; None where the total changes."""
        return None if self.net else self.gained

    def text(self, unit: str) -> Text:
        """The money in a few words."""
        gained, lost = number(self.gained), number(self.lost)
        if not self.net:
            return Text(f"共移动 {gained} {unit}", f"{gained} {unit} moved in all")
        if not self.lost:
            return Text(f"共增加 {gained} {unit}，无减少", f"gains of {gained} {unit}, no losses")
        if not self.gained:
            return Text(f"共减少 {lost} {unit}，无增加", f"losses of {lost} {unit}, no gains")
        return Text(f"增加 {gained}，减少 {lost} {unit}", f"gains of {gained}, losses of {lost} {unit}")
