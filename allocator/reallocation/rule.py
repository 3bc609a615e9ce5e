"""What a clawback adds to the year's rules: what stays where it is, and where money may go."""

from __future__ import annotations

from typing import Any, ClassVar, Literal

from allocator.names import Names
from allocator.problem import Problem
from allocator.reallocation.triggers import CLAUSE
from allocator.rows import Row
from allocator.rules.base import Rule
from allocator.text import Text

TAKEN, STAYS = "taken_back", "stays_in_prefecture"


class Held(Rule):
    """Rows made beforehand: money paid and contracted stays, no use grows where money is taken back."""

    default_title: ClassVar[Text] = Text("已支付和已签约的资金不收回", "Money paid or contracted stays")

    kind: Literal["held"] = "held"
    """Kind of rule; not for scenario files."""
    law: bool = True
    """Never offered as a repair."""
    clause: str = CLAUSE
    """Document and clause."""
    held: tuple[Any, ...] = ()
    """The rows."""

    def rows(self, problem: Problem) -> list[Row]:
        """The rows as they were made."""
        return list(self.held)

    def demand(self, row: Row, names: Names) -> Text:
        """What the row asks for."""
        who, amount = names.place(row.where), names.money(row.plus)
        least = {">=": ("不少于", "at least"), "<=": ("不多于", "at most"), "=": ("为", "exactly")}[row.sense]
        return Text(f"{who.zh}调整后{least[0]} {amount}", f"{who.en} has {least[1]} {amount} afterwards")

    def governing(self, row: Row, year: int) -> str:
        """No parameter: the progress table says it."""
        return ""

    def governs(self, row: Row, year: int) -> tuple[str, ...]:
        """No parameter."""
        return ()
