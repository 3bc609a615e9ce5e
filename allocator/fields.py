"""Kinds of value in scenario.yaml: exact numbers, names, titles, spans of years.

`Model` is the base of everything a policy maker writes: frozen, unknown keys refused, attribute
docstrings as the text of the JSON Schema.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from allocator.numbers import parse_number
from allocator.text import Text


def _no_float(value: Any) -> Any:
    if isinstance(value, bool | float):
        raise ValueError("a number is expected")
    return value


def as_list(value: Any) -> Any:
    """One value as a list of it; anything else as it is."""
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

Names = Annotated[tuple[Name, ...], BeforeValidator(as_list)]
"""One name or a list of names."""


def quantiles(edges: Iterable[str]) -> bool:
    """Whether all edges are numbers from 0 to below 1."""
    numbers = [parse_number(edge) for edge in edges]
    return all(number is not None and 0 <= number < 1 for number in numbers)


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


class Span(Model):
    """Years in which something is in force, both ends included; a missing end is open."""

    from_: Annotated[int | None, Field(alias="from")] = None
    """First budget year in which it is in force; default: from the beginning."""
    until: int | None = None
    """Last budget year in which it is in force; default: no end."""

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.from_ is not None and self.until is not None and self.from_ > self.until:
            raise ValueError("'from' is later than 'until'")
        return self

    @property
    def dated(self) -> bool:
        """Whether it is bound to years at all."""
        return self.from_ is not None or self.until is not None

    def covers(self, year: int) -> bool:
        """Whether it is in force in a year."""
        return (self.from_ is None or self.from_ <= year) and (self.until is None or year <= self.until)

    @property
    def years(self) -> Text:
        """The span in words, such as 2021–2023."""
        if not self.dated:
            return Text("各年", "every year")
        if self.from_ is None:
            return Text(f"至 {self.until} 年", f"until {self.until}")
        if self.until is None:
            return Text(f"{self.from_} 年起", f"from {self.from_}")
        return Text(f"{self.from_}–{self.until} 年", f"{self.from_}–{self.until}")
