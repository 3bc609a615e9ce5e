"""Which streams a run decides: some batches of the year, while the others wait."""

from __future__ import annotations

import json
from collections.abc import Collection, Sequence
from difflib import get_close_matches

from allocator.faults import BadInput, Fault, Place
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.text import Text


def named_streams(loaded: Loaded, batches: Sequence[str], streams: Sequence[str]) -> frozenset[str]:
    """The streams of some batches, and streams by name; raises BadInput for names that match nothing."""
    known = loaded.scenario.streams
    by_batch: dict[str, list[str]] = {}
    for name, stream in known.items():
        by_batch.setdefault(str(stream.batch), []).append(name)
    faults = [
        _unknown("--batch", name, by_batch, "批次", "batch") for name in batches if name not in by_batch
    ]
    faults += [_unknown("--stream", name, known, "资金", "stream") for name in streams if name not in known]
    if faults:
        raise BadInput(faults)
    return frozenset([*(s for b in batches for s in by_batch[b]), *streams])


def _unknown(option: str, name: str, known: Collection[str], zh: str, en: str) -> Fault:
    near = get_close_matches(name, known, 3, 0.5) or sorted(known)
    return fault(
        Place(f"{option} {name}"),
        f"方案中没有这个{zh}",
        f"the scenario has no such {en}",
        f"有：{'、'.join(near)}",
        f"there are: {', '.join(near)}",
    )


def deciding(loaded: Loaded, chosen: Collection[str]) -> tuple[str, ...]:
    """`--set` changes after which only the chosen streams are left to decide.

    Raises BadInput where nothing is: their money is issued already, or they have no budget.
    """
    scenario = loaded.scenario
    if not any(scenario.streams[name].budget for name in chosen):
        raise BadInput([_nothing(loaded, chosen)])
    return _without(loaded, [name for name in scenario.streams if name not in chosen])


def waiting_as(solved: Loaded, today: Loaded) -> tuple[str, ...]:
    """`--set` changes after which today's scenario leaves waiting what a result left waiting."""
    left = [name for name, stream in solved.scenario.streams.items() if not stream.budget]
    return _without(today, [name for name in left if name in today.scenario.streams])


def deciding_nothing(loaded: Loaded) -> tuple[str, ...]:
    """`--set` changes after which the year stands as it was issued so far."""
    return _without(loaded, list(loaded.scenario.streams))


def _without(loaded: Loaded, waiting: Sequence[str]) -> tuple[str, ...]:
    scenario = loaded.scenario
    sets = [f"streams.{name}.budget=0" for name in waiting if scenario.streams[name].budget]
    items = () if scenario.adjustments is None else scenario.adjustments.items
    if any(item.stream in waiting for item in items):
        # an adjustment of money that is not decided would exceed its limit
        kept = [
            f"{{county: {json.dumps(item.county)}, stream: {json.dumps(item.stream, ensure_ascii=False)}, "
            f"amount: {plain(item.amount)}, reason: {json.dumps(item.reason, ensure_ascii=False)}}}"
            for item in items
            if item.stream not in waiting
        ]
        sets.append(f"adjustments.items=[{', '.join(kept)}]")
    return tuple(sets)


def _nothing(loaded: Loaded, chosen: Collection[str]) -> Fault:
    issued = sorted({s for (_, s, _) in loaded.issued if s in chosen})
    empty = sorted(set(chosen) - set(issued))
    zh, en = [], []
    if issued:
        zh.append(f"已下达：{'、'.join(issued)}")
        en.append(f"issued already: {', '.join(issued)}")
    if empty:
        zh.append(f"预算为零：{'、'.join(empty)}")
        en.append(f"without a budget: {', '.join(empty)}")
    open_streams = [name for name, stream in loaded.scenario.streams.items() if stream.budget]
    return Fault(
        Place("--batch / --stream"),
        Text(f"没有可分配的资金（{'；'.join(zh)}）", f"nothing is left to decide ({'; '.join(en)})"),
        Text(
            f"尚待分配的资金：{'、'.join(open_streams)}",
            f"streams still to decide: {', '.join(open_streams)}",
        )
        if open_streams
        else Text("当年资金已全部下达", "the year's money is all issued"),
    )
