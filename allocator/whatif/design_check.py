"""Whether paths name something of the scenario, and whether it accepts their values."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal, InvalidOperation
from math import isinf
from typing import Any, NamedTuple

from allocator.faults import BadInput
from allocator.input.overrides import override
from allocator.loaded import Loaded
from allocator.text import Text
from allocator.whatif.changes import Target, target_of
from allocator.whatif.design_trial import Trial

Location = tuple[str | int, ...]
"""Keys and positions within the entry of a design."""


class Complaint(NamedTuple):
    """What is wrong, where in the entry of a design, and what to do."""

    at: Location
    what: Text
    fix: Text


NUMBER = Text("这里需要数字", "a number is needed here"), Text("例如 0.3 或 1200", "such as 0.3 or 1200")
LARGE = Text("数字过大", "the number is too large"), Text("请更正", "correct it")
FITTING = Text("请写方案文件里也能写的值", "write a value that scenario.yaml could hold too")
BETWEEN = Decimal("0.618")
"""Where between its ends a range is tried."""


class Checker:
    """Checks paths and values against one scenario; remembers what paths point to."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._targets: dict[str, Target | tuple[Text, Text]] = {}
        self._trial = Trial(loaded)

    def target(self, path: str) -> Target | tuple[Text, Text]:
        """What a path points to, or what is wrong with it and what to do."""
        if path not in self._targets:
            self._targets[path] = self._find(path)
        return self._targets[path]

    def _find(self, path: str) -> Target | tuple[Text, Text]:
        unused = self._unused(path)
        if unused is not None:
            return unused
        try:
            target = target_of(self.loaded, path)
            if target.kind == "other":
                # the scenario's own file says whether --set would find the path
                override(self.loaded.tree, [f"{path}=0"])
        except BadInput as error:
            return error.faults[0].what, error.faults[0].fix
        return target

    def _unused(self, path: str) -> tuple[Text, Text] | None:
        """What to say of a column of the county table whose figures nobody reads."""
        head, _, rest = path.partition(".")
        text, numbers = self.loaded.counties.text, self.loaded.counties.numbers
        column = rest if rest in text else rest.rpartition(".")[0]
        if head != "columns" or column not in text or column in numbers or rest in numbers:
            return None
        return (
            Text(
                f"方案没有用到“{column}”这一列的数值",
                f"nothing in the scenario uses the figures of column '{column}'",
            ),
            Text(f"用到的列：{'、'.join(numbers)}", f"columns that it uses: {', '.join(numbers)}"),
        )

    def path(self, path: str, at: Location) -> Iterator[Complaint]:
        """A complaint where a path names nothing."""
        target = self.target(path)
        if not isinstance(target, Target):
            yield Complaint(at, *target)

    def values(
        self, path: str, values: Iterable[tuple[Location, Any]], beside: Mapping[str, Any] | None = None
    ) -> Iterator[Complaint]:
        """Complaints about a path, once, or else about the values it is to take.

        `beside` are other changes of the same point, without which a value may make no sense.
        """
        target = self.target(path)
        for at, value in values:
            if not isinstance(target, Target):
                yield Complaint(at[: at.index(path) + 1], *target)
                return
            wrong = self._wrong(target, value, beside or {})
            if wrong is not None:
                yield Complaint(at, *wrong)

    def ranges(
        self, at: Location, ranges: Mapping[str, tuple[Decimal, Decimal]], beside: Mapping[str, Any]
    ) -> Iterator[Complaint]:
        """Complaints about ranges: paths that take no number, or ends that they do not accept."""
        lows = {path: low for path, (low, _) in ranges.items()}
        for path, (low, high) in ranges.items():
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
                place = (*at, path)
                ends = [((*place, 0), low), ((*place, 1), high)]
                yield from self.spaced(path, ends, (place, low + (high - low) * BETWEEN), {**beside, **lows})

    def spaced(
        self,
        path: str,
        ends: Iterable[tuple[Location, Any]],
        between: tuple[Location, Any],
        beside: Mapping[str, Any],
    ) -> Iterator[Complaint]:
        """Complaints about two ends, or else about a value between them: whole numbers may fit no other."""
        found = list(self.values(path, ends, beside))
        yield from found or self.values(path, [between], beside)

    def _wrong(self, target: Target, value: Any, beside: Mapping[str, Any]) -> tuple[Text, Text] | None:
        """What is wrong with a value of a path, if anything."""
        if target.kind == "drop":
            return self._codes(value)
        if target.kind == "other":
            return NUMBER if isinstance(value, tuple) else self._refused(target.path, value, beside)
        try:
            number = Decimal(value) if not isinstance(value, tuple) else None
        except InvalidOperation:
            number = None
        if number is None or not number.is_finite():
            return NUMBER
        if isinf(float(number)):
            return LARGE
        return self._out_of_bounds(target, number)

    def _refused(self, path: str, value: Any, beside: Mapping[str, Any]) -> tuple[Text, Text] | None:
        """Why the scenario does not stand with a value, neither alone nor with the other changes."""
        faults = self._trial.faults([f"{path}={value}"])
        if not faults:
            return None
        others = [f"{other}={own}" for other, own in beside.items() if other != path and self._other(other)]
        if others and not self._trial.faults([*others, f"{path}={value}"]):
            return None
        place, what, fix = faults[0].place.path, faults[0].what, faults[0].fix
        if place not in ("", path):
            what = Text(f"{place}：{what.zh}", f"{place}: {what.en}")
        return what, fix if fix.en else FITTING

    def _other(self, path: str) -> bool:
        target = self.target(path)
        return isinstance(target, Target) and target.kind == "other"

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
        if target.kind in ("budget", "column", "figure") and number < 0:
            return (
                Text(f"不能为负，现为 {number}", f"must not be negative, got {number}"),
                Text("请写零或正数", "write zero or more"),
            )
        return None
