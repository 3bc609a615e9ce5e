"""What a column of last year's figures means: whose money, and which share of it."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from allocator.faults import Fault, Place
from allocator.input.county_table import stop
from allocator.loaded import Loaded
from allocator.rules.change_limits import ChangeLimits
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from allocator.years.plan import Feed, YearsPlan


@dataclass(frozen=True)
class Source:
    """What a column is fed from: a rule whose money and share are meant, and what is remembered."""

    rule: ChangeLimits | UseShareFloor
    keep: str = "last"


def sources_of(plan: YearsPlan, following: Loaded) -> dict[str, Source]:
    """Column → source for the next year's scenario; raises BadInput where two rules disagree."""
    found: dict[str, Source] = {}
    faults: list[Fault] = []
    for rule in following.scenario.rules:
        for column, source in _read_by(rule):
            if column in plan.feeds:
                continue
            if column in found and _meaning(found[column]) != _meaning(source):
                faults.append(_twice(following, column, found[column], source))
            found.setdefault(column, source)
    for column, feed in plan.feeds.items():
        if feed is not None:
            faults += _unread(following, column, plan.places.get(column, Place(plan.shown)))
            found[column] = Source(_rule_of(column, feed), feed.keep)
    if faults:
        stop(faults)
    return found


def _read_by(rule: object) -> list[tuple[str, Source]]:
    """The columns of last year's figures that a rule reads, each with what it means."""
    if isinstance(rule, ChangeLimits):
        return [(rule.column, Source(rule))]
    if not isinstance(rule, UseShareFloor) or rule.not_below is None:
        return []
    each = Source(rule.model_copy(update={"by": "county"}))
    if rule.own_share is not None:
        return [(rule.not_below, Source(rule)), (rule.own_share, each)]
    return [(rule.not_below, each if rule.ratchet == "county" else Source(rule))]


def _meaning(source: Source) -> dict[str, object]:
    """What of a rule says which money is meant; how much is asked for does not."""
    aside = {"id", "title", "clause", "law", "lower", "upper", "relative_to", "floor", "retain"}
    return source.rule.model_dump(exclude=aside | {"not_below", "own_share", "ratchet"})


def _rule_of(column: str, feed: Feed) -> ChangeLimits | UseShareFloor:
    if feed.of == "amount":
        return ChangeLimits(
            kind="change_limits", id=column, column=column, lower=Decimal(0), scope=feed.scope
        )
    return UseShareFloor(
        kind="use_share_floor",
        id=column,
        tag=feed.tag or "",
        by=feed.by,
        not_below=column,
        scope=feed.scope,
    )


def _twice(following: Loaded, column: str, first: Source, second: Source) -> Fault:
    names = first.rule.id, second.rule.id
    return Fault(
        Place(following.counties.file, column=column),
        Text(
            f"规则 {names[0]} 和 {names[1]} 都读这一列，但所指的资金不同",
            f"rules {names[0]} and {names[1]} both read this column and mean different money",
        ),
        Text(
            "请让它们读不同的列，或在 years.yaml 的 feed 中写明来源",
            "let them read different columns, or say in years.yaml under feed where it comes from",
        ),
    )


def _unread(following: Loaded, column: str, place: Place) -> list[Fault]:
    if column in following.counties.numbers:
        return []
    read = list(following.counties.numbers)
    return [
        Fault(
            place,
            Text(
                f"方案 {following.scenario.name} 没有用到“{column}”这一列的数字",
                f"scenario {following.scenario.name} reads no numbers from a column '{column}'",
            ),
            Text(f"用到的列：{'、'.join(read)}", f"columns that it reads: {', '.join(read)}"),
        )
    ]
