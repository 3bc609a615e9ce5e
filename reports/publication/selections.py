"""How sentences of a notice call the money, the uses and the places that a rule speaks of."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from allocator.policy import Selection
from allocator.text import Text
from reports.publication.words import Words

NOTHING = Text("", "")
ALL_MONEY = Text("资金", "the money")
NAMED = 3
"""Counties of a list that are named; of more, how many they are."""


def joined(texts: Sequence[Text]) -> Text:
    """甲、乙、丙; A, B and C."""
    english = [text.en for text in texts]
    last = " and ".join(part for part in (", ".join(english[:-1]), *english[-1:]) if part)
    return Text("、".join(text.zh for text in texts), last)


def uses_of(selection: Selection, words: Words) -> Text:
    """The uses that a selection takes in, by title; empty where it takes in all of them."""
    problem = words.loaded.problem
    inside = dict(zip(problem.use_names, problem.use_mask(selection), strict=True))
    payable = [name for name, use in words.loaded.scenario.uses.items() if not use.forbidden]
    chosen = [name for name in payable if inside[name]]
    return NOTHING if chosen == payable else joined([words.loaded.names.use(name) for name in chosen])


def tagged(tag: str, words: Words) -> Text:
    """Every use that bears a tag, by title."""
    uses = words.loaded.scenario.uses.items()
    bearing = [name for name, use in uses if tag in use.tags and not use.forbidden]
    return joined([words.loaded.names.use(name) for name in bearing])


def streams_of(selection: Selection | None, words: Words) -> frozenset[str]:
    """Names of the streams that a selection takes in."""
    problem = words.loaded.problem
    inside = problem.stream_mask(selection)
    return frozenset(name for name, one in zip(problem.stream_names, inside, strict=True) if one)


def money_of(chosen: Collection[str], words: Words) -> Text:
    """What the money of some streams is called: 资金 for all, 中央资金 for a source, else their titles."""
    streams = words.loaded.scenario.streams
    if len(chosen) == len(streams):
        return ALL_MONEY
    sources = dict.fromkeys(streams[name].source for name in streams if name in chosen)
    if all(name in chosen for name, stream in streams.items() if stream.source in sources):
        by = joined([words.source(source) for source in sources])
        return Text(f"{by.zh}资金", f"{by.en} money")
    funds = dict.fromkeys(streams[name].fund for name in streams if name in chosen)
    if all(name in chosen for name, stream in streams.items() if stream.fund in funds):
        return joined([words.fund(fund) for fund in funds])
    titles = joined([words.loaded.names.stream(name) for name in streams if name in chosen])
    return Text(titles.zh.removesuffix("资金") + "资金", f"the money of {titles.en}")


def money_for(selection: Selection | None, chosen: Collection[str], words: Words) -> Text:
    """The money of some streams, cut down to the uses of a selection."""
    money = money_of(chosen, words)
    uses = NOTHING if selection is None else uses_of(selection, words)
    if not uses.zh:
        return money
    return Text(f"用于{uses.zh}的{money.zh}", f"{money.en} for {uses.en}")


def whose(by: str, scope: Selection | None, words: Words, can: bool = False) -> Text:
    """Whom a rule speaks of: 各旗县, 各盟市, a group; empty for everyone together.

    With `can`, those counties alone that can receive money.
    """
    within = places_of(scope, words)
    if by == "county":
        inside = Text(f"{within.zh}中" if within.zh else "", f" of {within.en}" if within.en else "")
        each = Text("每个可以得到资金的", " that can receive money") if can else Text("各", "")
        return Text(f"{inside.zh}{each.zh}{words.county_word}", f"each county{inside.en}{each.en}")
    if by == "prefecture":
        names = list(words.loaded.counties.prefecture_members)
        sole = Text(names[0], names[0])
        several = Text(f"各{words.prefecture_word}", "each prefecture")
        own = sole if len(names) == 1 else several
        return Text(f"{own.zh}的{within.zh}", f"{within.en} of {own.en}") if within.zh else own
    return within if by == "all" else words.loaded.names.group(by)


def places_of(selection: Selection | None, words: Words) -> Text:
    """The counties that a selection takes in; empty where it takes in all of them."""
    if selection is None:
        return NOTHING
    if selection.counties is None:
        return NOTHING if selection.group is None else words.loaded.names.group(selection.group)
    index, codes = words.loaded.counties.index, selection.counties
    if len(codes) > NAMED:
        return Text(f"所列{len(codes)}个{words.county_word}", f"{len(codes)} counties")
    return joined([Text(name, name) for name in (words.loaded.names.county(index[code]) for code in codes)])
