"""Named changes of a scenario: what a sweep turns, in the words of `--set` and a few more.

`formulas.F.K.weight`      weight of one factor; the others of the formula keep their proportions
`streams.S.budget`         budget
`rules.R.KEY`              a number of a rule
`columns.COLUMN`           the whole column times this factor
`columns.COLUMN.CODE`      one county's figure
`counties.drop`            codes of counties that take no part
any other path             as `--set` takes it
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches
from typing import Any, Literal, NoReturn

from allocator.faults import BadInput, Place
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded

Kind = Literal["weight", "budget", "parameter", "column", "figure", "drop", "other"]
Value = Decimal | str | tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Target:
    """What a path points to: `owner` and `key` as the kind needs them."""

    kind: Kind
    path: str
    owner: str = ""
    """Formula, stream, rule or column."""
    key: str = ""
    """Factor, parameter or county code."""


@dataclass(frozen=True)
class Changes:
    """Parsed changes, by kind."""

    weights: Mapping[tuple[str, str], Decimal]
    budgets: Mapping[str, Decimal]
    parameters: Mapping[tuple[str, str], Decimal]
    columns: Mapping[str, Decimal]
    figures: Mapping[tuple[str, str], Decimal]
    dropped: tuple[str, ...]
    other: tuple[str, ...]
    """`path=value`."""

    @property
    def turned(self) -> list[tuple[str, str, Decimal]]:
        """Parameters as (rule, key, value)."""
        return [(rule, key, value) for (rule, key), value in self.parameters.items()]


def target_of(loaded: Loaded, path: str) -> Target:
    """What a path points to; raises BadInput where it names nothing of the scenario."""
    head, _, rest = path.partition(".")
    if path == "counties.drop":
        return Target("drop", path)
    if head == "columns":
        return _column(loaded, path, rest)
    known = _numbers(loaded)
    if path in known:
        return known[path]
    if head == "formulas" or (head == "streams" and rest.endswith(".budget")):
        _unknown(path, [name for name in known if name.startswith(head)])
    if head == "rules" and not _of_a_rule(loaded, rest):
        _unknown(path, [name for name in known if name.startswith(head)])
    return Target("other", path)


def _of_a_rule(loaded: Loaded, path: str) -> bool:
    """Whether `ID.KEY` names a key that the rule takes; an id may hold dots itself."""
    for rule in loaded.scenario.rules:
        key = path.removeprefix(f"{rule.id}.").partition(".")[0]
        if path == rule.id or (path.startswith(f"{rule.id}.") and key in type(rule).model_fields):
            return True
    return False


def _numbers(loaded: Loaded) -> dict[str, Target]:
    """Weights, budgets and parameters by path."""
    scenario = loaded.scenario
    found = {}
    for name, factors in scenario.formulas.items():
        for factor in factors:
            path = f"formulas.{name}.{factor.factor}.weight"
            found[path] = Target("weight", path, name, factor.factor)
    for name in scenario.streams:
        path = f"streams.{name}.budget"
        found[path] = Target("budget", path, name)
    for rule in scenario.rules:
        for knob in rule.knobs(scenario.year):
            path = f"rules.{rule.id}.{knob.key}"
            found[path] = Target("parameter", path, rule.id, knob.key)
    return found


def _column(loaded: Loaded, path: str, rest: str) -> Target:
    numbers = loaded.counties.numbers
    if rest in numbers:
        return Target("column", path, rest)
    column, _, code = rest.rpartition(".")
    if column not in numbers or code not in loaded.counties.index:
        _unknown(path, [f"columns.{name}" for name in numbers])
    return Target("figure", path, column, code)


def _unknown(path: str, known: Sequence[str]) -> NoReturn:
    near = get_close_matches(path, known, 3, 0.3) or list(known)[:5]
    raise BadInput(
        [
            fault(
                Place(path),
                "方案里没有这一项",
                "the scenario has no such thing",
                f"相近的有：{'、'.join(near)}",
                f"near: {', '.join(near)}",
            )
        ]
    )


def parse_changes(loaded: Loaded, changes: Mapping[str, Any]) -> Changes:
    """Changes by kind; numbers may be Decimal, int, float or text."""
    by_kind: dict[str, dict[Any, Any]] = {
        k: {} for k in ("weight", "budget", "parameter", "column", "figure")
    }
    dropped: tuple[str, ...] = ()
    other: list[str] = []
    for path, value in changes.items():
        target = target_of(loaded, path)
        if target.kind == "drop":
            dropped = _codes(loaded, value)
        elif target.kind == "other":
            other.append(f"{path}={value}")
        else:
            key = target.owner if target.kind in ("budget", "column") else (target.owner, target.key)
            by_kind[target.kind][key] = decimal_of(value)
    return Changes(
        by_kind["weight"],
        by_kind["budget"],
        by_kind["parameter"],
        by_kind["column"],
        by_kind["figure"],
        dropped,
        tuple(other),
    )


def _codes(loaded: Loaded, value: Any) -> tuple[str, ...]:
    codes = (str(value),) if isinstance(value, str | int) else tuple(str(v) for v in value)
    for code in codes:
        if code not in loaded.counties.index:
            _unknown(code, loaded.counties.codes)
    return codes


def decimal_of(value: Any) -> Decimal:
    """An exact decimal: a float by its shortest digits; raises ValueError."""
    try:
        found = Decimal(repr(float(value)) if isinstance(value, float) else str(value))
    except InvalidOperation:
        raise ValueError(f"a number is needed, got {value!r}") from None
    if not found.is_finite():
        raise ValueError(f"a number is needed, got {value!r}")
    return found
