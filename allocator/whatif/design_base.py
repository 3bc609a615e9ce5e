"""What every design of a sweep shares: values, ranges, fixed changes, a name, and points by number."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Annotated, Any, ClassVar

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Discriminator,
    Field,
    PlainValidator,
    Tag,
    model_validator,
)

from allocator.loaded import Loaded
from allocator.policy import Model, Name, Number
from allocator.text import Text
from allocator.whatif.design_check import Checker, Complaint, Location

DESIGNS = (
    "grid",
    "list",
    "one_at_a_time",
    "latin_hypercube",
    "dirichlet",
    "sobol",
    "morris",
    "noise",
)
"""Keys that a design goes by."""
BESIDE = ("with", "name")
"""Keys that stand beside the design's own."""


class Refusal(ValueError):
    """A finding of a validator in both languages, with what to do."""

    def __init__(self, what: Text, fix: Text, at: Location | None = None) -> None:
        super().__init__(what.en)
        self.what, self.fix, self.at = what, fix, at
        """`at` is where it stands within the design's entry, if not where the validator was called."""


def _from_float(value: Any) -> Any:
    # code may say 0.1; a file never holds a float
    return Decimal(repr(value)) if isinstance(value, float) else value


def _value(value: Any) -> Any:
    value = _from_float(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return Decimal(value)
    if isinstance(value, str) or (isinstance(value, Decimal) and value.is_finite()):
        return value
    plain = isinstance(value, list | tuple) and all(isinstance(v, str | int | Decimal) for v in value)
    if plain and not any(isinstance(v, bool) for v in value):
        return tuple(str(v) for v in value)
    raise Refusal(
        Text("这里需要数字、文字或旗县代码的列表", "a number, text or a list of county codes is needed here"),
        Text("每个值写一个数字或文字", "write one number or text for each value"),
    )


def _pair(value: Any) -> Any:
    if isinstance(value, list | tuple) and len(value) == 2:
        return value
    raise Refusal(
        Text("范围应写成 [最低, 最高]", "a range is [lowest, highest]"),
        Text("例如 [0.9, 1.1]", "such as [0.9, 1.1]"),
    )


def _ordered(value: tuple[Decimal, Decimal]) -> tuple[Decimal, Decimal]:
    low, high = value
    if low < high:
        return value
    raise Refusal(
        Text(
            f"范围的最低值 {low} 不小于最高值 {high}",
            f"the lowest value {low} is not below the highest {high}",
        ),
        Text(f"例如 [{high}, {low}]", f"such as [{high}, {low}]")
        if high < low
        else Text("固定的值请写在 with 里", "put a fixed value under 'with'"),
    )


Real = Annotated[Number, BeforeValidator(_from_float)]
"""An exact decimal; code may give a float, which counts by its shortest digits."""

Count = Annotated[int, Field(strict=True, ge=1)]
"""How many."""

Value = Annotated[Decimal | str | tuple[str, ...], PlainValidator(_value)]
"""What a path is set to: a number, text, or county codes."""

Range = Annotated[tuple[Real, Real], AfterValidator(_ordered), BeforeValidator(_pair)]
"""Lowest and highest value."""

Ranges = Annotated[dict[Name, Range], Field(min_length=1)]
"""Path → range."""


class Steps(Model):
    """Evenly spaced values, both ends among them."""

    from_: Annotated[Real, Field(alias="from")]
    """First value."""
    to: Real
    """Last value."""
    steps: Annotated[int, Field(strict=True, ge=2)]
    """How many values."""

    def __len__(self) -> int:
        return self.steps

    def __getitem__(self, position: int) -> Decimal:
        """The value at a position; the ends exactly as written, the others to 15 digits."""
        last = self.steps - 1
        if position in (0, last):
            return self.to if position else self.from_
        between = (self.from_ * (last - position) + self.to * position) / last
        return Decimal(f"{between:.15g}")


def _shape(value: Any) -> str:
    return "{}" if isinstance(value, dict | Steps) else "[]"


Values = Annotated[
    Annotated[Steps, Tag("{}")] | Annotated[tuple[Value, ...], Field(min_length=1), Tag("[]")],
    Discriminator(_shape),
]
"""A list of values, or {from, to, steps}."""


def count(values: Steps | tuple[Value, ...]) -> int:
    """How many values; `len` would refuse more than a machine word."""
    return values.steps if isinstance(values, Steps) else len(values)


def change(path: str, value: Decimal | str | tuple[str, ...]) -> Decimal | str | tuple[str, ...]:
    """The value as a change takes it: a single county code becomes a list of one."""
    return (str(value),) if path == "counties.drop" and not isinstance(value, tuple) else value


class Design(Model):
    """One design: so many points, each a pure function of seed, design and position."""

    design: ClassVar[str]
    """The key that the design goes by in a file."""
    body: ClassVar[str] = ""
    """Field that takes all that stands under the key; empty where the keys are the fields."""
    example: ClassVar[str]
    """A small example, for messages."""

    with_: Annotated[dict[Name, Value], Field(alias="with")] = Field(default_factory=dict)
    """Fixed changes that every point of the design has too."""
    name: Name = ""
    """Name in the results; default: the key of the design."""

    @model_validator(mode="before")
    @classmethod
    def _flatten(cls, value: Any) -> Any:
        """`{grid: …, with: …}` as the fields of the design."""
        if not isinstance(value, dict) or cls.design not in value:
            return value
        inner = value[cls.design]
        beside = {key: child for key, child in value.items() if key != cls.design}
        for key in beside:
            if key not in BESIDE:
                raise _stray(key, cls.design)
        for key in BESIDE:
            if isinstance(inner, dict) and key in inner:
                raise _inside(key, cls.design)
        if cls.body:
            return {cls.body: inner, **beside}
        if not isinstance(inner, dict):
            raise Refusal(
                Text(f"{cls.design} 需要键值对", f"'{cls.design}' needs keys and values"),
                Text(f"例如 {cls.example}", f"such as {cls.example}"),
            )
        return {**inner, **beside}

    @abstractmethod
    def size(self) -> int:
        """How many points the design has."""

    @abstractmethod
    def at(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """Changes of the point at a position, without the fixed ones; `seed` is (plan's, design's number)."""

    @abstractmethod
    def own_complaints(self, checker: Checker) -> Iterator[Complaint]:
        """What is wrong with the design under this scenario."""

    @abstractmethod
    def turns(self, path: str) -> bool:
        """Whether the design itself sets this path."""

    def first(self) -> Mapping[str, Any]:
        """Changes of one of the points where they are written in the file, without the fixed ones."""
        return {}

    @property
    def too_large(self) -> bool:
        """Whether the design is beyond what it can hold, and says so itself."""
        return False

    def point(self, loaded: Loaded, seed: tuple[int, int], position: int) -> dict[str, Any]:
        """Changes of the point at a position."""
        fixed = {path: change(path, value) for path, value in self.with_.items()}
        return {**fixed, **self.at(loaded, seed, position)}

    def complaints(self, checker: Checker) -> Iterator[Complaint]:
        """What is wrong with the design and its fixed changes under this scenario."""
        yield from self.own_complaints(checker)
        for path, value in self.with_.items():
            beside = {**self.first(), **self.with_}
            yield from checker.values(path, [(("with", path), value)], beside)
            if self.turns(path):
                yield Complaint(
                    ("with", path),
                    Text(
                        f"{self.design} 已经改变这一项，with 不能再固定它",
                        f"'{self.design}' already changes this; 'with' cannot fix it too",
                    ),
                    Text("请删除其中一处", "remove one of the two"),
                )


def _stray(key: str, design: str) -> Refusal:
    if key in DESIGNS:
        return Refusal(
            Text(
                f"一项设计只能有一种，这里有 {design} 和 {key}",
                f"one design each, here are '{design}' and '{key}'",
            ),
            Text(f"请把 {key} 另起一项（- {key}: …）", f"give {key} an item of its own (- {key}: …)"),
            (key,),
        )
    return Refusal(
        Text(f"{design} 旁边有未知的键“{key}”", f"unknown key '{key}' beside '{design}'"),
        Text(
            f"{design} 旁边只能有 with、name；其余的键缩进到 {design} 之下",
            f"only with and name stand beside {design}; indent other keys to stand under it",
        ),
        (key,),
    )


def _inside(key: str, design: str) -> Refusal:
    return Refusal(
        Text(f"{key} 应在 {design} 旁边，不在其下", f"'{key}' stands beside '{design}', not under it"),
        Text(f"请把 {key} 的缩进减到与 {design} 对齐", f"indent {key} like {design}"),
        (design, key),
    )
