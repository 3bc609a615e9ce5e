"""What is known of later money: each later stream's budget within bounds, and the corners of all of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from difflib import get_close_matches
from fractions import Fraction
from itertools import product

from allocator.faults import BadInput, Fault, Place
from allocator.loaded import Loaded
from allocator.numbers import parse_number, plain
from allocator.text import Text
from allocator.variant import with_scenario

MOST_LATER = 6
"""Later streams with a range: the corners are two to the power of them."""


@dataclass(frozen=True, slots=True)
class Range:
    """A later stream's budget: `low` ≤ budget ≤ `high`, whole multiples of the step."""

    stream: str
    low: Decimal
    high: Decimal

    def clip(self, budget: Decimal) -> Decimal:
        """The budget within the bounds that is next to this one."""
        return min(max(budget, self.low), self.high)


Budgets = Mapping[str, Decimal]
"""Stream → budget."""


def corners(ranges: Sequence[Range]) -> tuple[dict[str, Decimal], ...]:
    """Every choice of a bound for each later stream, the lower ones first."""
    sides = [tuple(dict.fromkeys((r.low, r.high))) for r in ranges]
    return tuple(dict(zip((r.stream for r in ranges), choice, strict=True)) for choice in product(*sides))


def read_ranges(loaded: Loaded, later: Sequence[str]) -> tuple[Range, ...]:
    """`STREAM=LOW..HIGH` or `STREAM=BUDGET` for each; raises BadInput with every fault."""
    faults: list[Fault] = []
    found: dict[str, Range] = {}
    for text in later:
        name, equals, value = text.partition("=")
        name = name.strip()
        one = _range(loaded, name, value, text, faults) if equals else None
        if not equals:
            faults.append(_fault(text, "需要写成 资金=下限..上限", "it must read STREAM=LOW..HIGH"))
        elif name in found:
            faults.append(_fault(text, "这笔资金写了两次", "the stream stands twice"))
        elif one is not None:
            found[name] = one
    if sum(r.low < r.high for r in found.values()) > MOST_LATER:
        what = f"最多 {MOST_LATER} 笔资金可以有上下限", f"at most {MOST_LATER} streams may have a range"
        faults.append(_fault("", *what))
    rest = [s for s, stream in loaded.scenario.streams.items() if stream.budget and s not in found]
    if not faults and not rest:
        faults.append(_fault("", "本批没有资金：全部资金都列为以后批次", "this batch has no stream left"))
    if faults:
        raise BadInput(faults)
    return tuple(found[name] for name in sorted(found))


def _range(loaded: Loaded, name: str, value: str, text: str, faults: list[Fault]) -> Range | None:
    known = loaded.scenario.streams
    if name not in known:
        near = get_close_matches(name, known, 3, 0.5) or list(known)
        faults.append(
            Fault(
                Place(f"--later {text}"),
                Text("方案中没有这个资金", "the scenario has no such stream"),
                Text(f"有：{'、'.join(near)}", f"there are: {', '.join(near)}"),
            )
        )
        return None
    if not known[name].budget and any(s == name for _, s, _ in loaded.issued):
        faults.append(_fault(text, "这笔资金已下达", "the stream is issued already"))
        return None
    low, dots, high = value.partition("..")
    ends = [parse_number(v) for v in ((low, high) if dots else (value, value))]
    if ends[0] is None or ends[1] is None or ends[0] < 0 or not 0 < ends[1] >= ends[0]:
        faults.append(
            _fault(
                text,
                "需要 0 ≤ 下限 ≤ 上限，上限大于 0",
                "it takes numbers with 0 ≤ low ≤ high, high above 0",
            )
        )
        return None
    step = loaded.problem.step
    if any((Fraction(end) / step).denominator != 1 for end in (ends[0], ends[1])):
        faults.append(
            _fault(
                text,
                f"须为 step {plain(loaded.scenario.step)} 的整数倍",
                f"it takes multiples of the step {plain(loaded.scenario.step)}",
            )
        )
        return None
    return Range(name, ends[0], ends[1])


def _fault(text: str, zh: str, en: str) -> Fault:
    example = Text("例如 --later provincial_3=200..500", "such as --later provincial_3=200..500")
    return Fault(Place(f"--later {text}".strip()), Text(zh, en), example)


def at_budgets(loaded: Loaded, budgets: Budgets) -> Loaded:
    """The scenario with other budgets; adjustments of streams whose budget changes are left out."""
    scenario = loaded.scenario
    changed = {s: b for s, b in budgets.items() if scenario.streams[s].budget != b}
    streams = {
        name: stream.model_copy(update={"budget": changed[name]}) if name in changed else stream
        for name, stream in scenario.streams.items()
    }
    update: dict[str, object] = {"streams": streams}
    if scenario.adjustments is not None:
        items = tuple(item for item in scenario.adjustments.items if item.stream not in changed)
        update["adjustments"] = scenario.adjustments.model_copy(update={"items": items})
    return with_scenario(loaded, scenario.model_copy(update=update))
