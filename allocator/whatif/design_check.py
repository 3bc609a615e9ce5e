"""Whether paths name something of the scenario, and whether it accepts their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from allocator.faults import BadInput
from allocator.input.overrides import override
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.changes import Target, target_of

Location = tuple[str | int, ...]
"""Keys and positions within the entry of a design."""


class Complaint(NamedTuple):
    """What is wrong, where in the entry of a design, and what to do."""

    at: Location
    what: Text
    fix: Text


NUMBER = Text("这里需要数字", "a number is needed here"), Text("例如 0.3 或 1200", "such as 0.3 or 1200")


class Checker:
    """Checks paths and values against one scenario; remembers what paths point to."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._targets: dict[str, Target | tuple[Text, Text]] = {}

    def target(self, path: str) -> Target | tuple[Text, Text]:
        """What a path points to, or what is wrong with it and what to do."""
        if path not in self._targets:
            self._targets[path] = self._find(path)
        return self._targets[path]

    def _find(self, path: str) -> Target | tuple[Text, Text]:
        try:
            target = target_of(self.loaded, path)
            if target.kind == "other":
                # the scenario's own file says whether --set would find the path
                override(self.loaded.tree, [f"{path}=0"])
        except BadInput as error:
            return error.faults[0].what, error.faults[0].fix
        return target

    def path(self, path: str, at: Location) -> Iterator[Complaint]:
        """A complaint where a path names nothing."""
        target = self.target(path)
        if not isinstance(target, Target):
            yield Complaint(at, *target)

    def values(self, path: str, values: Iterable[tuple[Location, Any]]) -> Iterator[Complaint]:
        """Complaints about a path, once, or else about the values it is to take."""
        target = self.target(path)
        for at, value in values:
            if not isinstance(target, Target):
                yield Complaint(at[: at.index(path) + 1], *target)
                return
            wrong = self._wrong(target, value)
            if wrong is not None:
                yield Complaint(at, *wrong)

    def ranges(
        self, at: Location, ranges: Iterable[tuple[str, tuple[Decimal, Decimal]]]
    ) -> Iterator[Complaint]:
        """Complaints about ranges: paths that take no number, or ends that they do not accept."""
        for path, ends in ranges:
            if path == "counties.drop":
                yield Complaint(
                    (*at, path),
                    Text(
                        "counties.drop 需要旗县代码，不能给范围",
                        "counties.drop takes county codes, not a range",
                    ),
                    Text("请改用 list 或 grid", "use list or grid for it"),
                )
            else:
                yield from self.values(path, [((*at, path, i), end) for i, end in enumerate(ends)])

    def _wrong(self, target: Target, value: Any) -> tuple[Text, Text] | None:
        """What is wrong with a value of a path, if anything."""
        if target.kind == "drop":
            return self._codes(value)
        if target.kind == "other":
            return NUMBER if isinstance(value, tuple) else None
        try:
            number = Decimal(value) if not isinstance(value, tuple) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            return NUMBER
        return self._out_of_bounds(target, number)

    def _codes(self, value: Any) -> tuple[Text, Text] | None:
        codes = value if isinstance(value, tuple) else (str(value),)
        unknown = [code for code in codes if code not in self.loaded.counties.index]
        if not unknown:
            return None
        listed = "、".join(unknown), ", ".join(unknown)
        return (
            Text(f"县表里没有 {listed[0]}", f"the county table has no {listed[1]}"),
            Text("请写县表 code 列中的代码", "write codes of the table's column 'code'"),
        )

    def _out_of_bounds(self, target: Target, number: Decimal) -> tuple[Text, Text] | None:
        if target.kind == "weight" and not 0 <= number <= 1:
            return (
                Text(f"权重须在 0 与 1 之间，现为 {number}", f"a weight lies between 0 and 1, got {number}"),
                Text("请写成小数，例如 0.3", "write it as a decimal, such as 0.3"),
            )
        if target.kind == "parameter":
            rule = self.loaded.scenario.rule_by_id[target.owner]
            knob = next(k for k in rule.knobs(self.loaded.scenario.year) if k.key == target.key)
            if not knob.legal(number):
                return (
                    Text(f"{knob.title.zh}不能为 {number}", f"{knob.title.en} cannot be {number}"),
                    Text(
                        "比例在 0 与 1 之间，其余不为负",
                        "shares lie between 0 and 1, others are not negative",
                    ),
                )
        if target.kind in ("budget", "column") and number < 0:
            return (
                Text(f"不能为负，现为 {number}", f"must not be negative, got {number}"),
                Text("请写零或正数", "write zero or more"),
            )
        return None
