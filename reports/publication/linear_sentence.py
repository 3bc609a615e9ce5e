"""A linear rule as a sentence, from what its two sides select."""

from __future__ import annotations

from fractions import Fraction

from allocator.policy import Selection
from allocator.rules.base import in_year
from allocator.rules.linear import Linear
from allocator.text import Text
from reports.publication.selections import (
    ALL_MONEY,
    NOTHING,
    money_of,
    places_of,
    streams_of,
    uses_of,
    whose,
)
from reports.publication.words import Words

SENSES = {
    ">=": Text("不低于", "is no less than"),
    "<=": Text("不超过", "is no more than"),
    "=": Text("等于", "equals"),
}
SHARES = {
    ">=": Text("不低于", "at least"),
    "<=": Text("不超过", "at most"),
    "=": Text("为", "exactly"),
}
PARTS = {"uses": None, "tag": None}
"""What a share's part has beside its whole."""


def linear(rule: Linear, words: Words) -> Text:
    """各县用于甲的资金不低于用于乙的资金; as a share where the left side is a part of the right one."""
    year = words.loaded.scenario.year
    times, plus = in_year(rule.times, year), in_year(rule.plus, year)
    who = NOTHING if rule.for_each is None else whose(rule.for_each, rule.scope, words)
    if rule.for_each is None and rule.scope is not None:
        who = places_of(rule.scope, words)
    part = uses_of(rule.left, words)
    if rule.right is not None and not plus and part.zh and rule.left.model_copy(update=PARTS) == rule.right:
        return _share(rule, who, part, times, words)
    sense = SENSES[rule.sense]
    left = _side(rule.left, rule.scope, words)
    right = _right(rule, times, plus, words)
    return Text(
        f"{who.zh}{'的' if who.zh and not part.zh else ''}{left.zh}{sense.zh}{right.zh}",
        f"{f'in {who.en} ' if who.en else ''}{left.en} {sense.en} {right.en}",
    )


def _share(rule: Linear, who: Text, part: Text, times: Fraction, words: Words) -> Text:
    whole, how, share = _side(rule.right, rule.scope, words), SHARES[rule.sense], words.share(times)
    return Text(
        f"{who.zh}{'的' if who.zh else ''}{whole.zh}用于{part.zh}的比例{how.zh}{share}",
        f"{f'in {who.en} ' if who.en else ''}{how.en} {share} of {whole.en} goes to {part.en}",
    )


def _right(rule: Linear, times: Fraction, plus: Fraction, words: Words) -> Text:
    """The right side: a multiple of money, an amount, or both."""
    amount = words.money(abs(plus))
    if rule.right is None or not times:
        return Text(("−" if plus < 0 else "") + amount, ("−" if plus < 0 else "") + amount)
    side = _side(rule.right, rule.scope, words)
    said = words.share(times) if times < 1 else f"{words.times(times)}倍"
    of = NOTHING
    if times != 1:
        en = f"{words.share(times)} of " if times < 1 else f"{words.times(times)} times "
        of = Text(f"的{said}", en)
    more = NOTHING
    if plus:
        more = Text(f"{'加' if plus > 0 else '减'}{amount}", f" {'plus' if plus > 0 else 'less'} {amount}")
    return Text(f"{side.zh}{of.zh}{more.zh}", f"{of.en}{side.en}{more.en}")


def _side(selection: Selection | None, scope: Selection | None, words: Words) -> Text:
    """The money that one side adds up."""
    both = streams_of(selection, words) & streams_of(scope, words)
    money, place = money_of(both, words), places_of(selection, words)
    uses = NOTHING if selection is None else uses_of(selection, words)
    inside = Text(f"{place.zh}的" if place.zh else "", f" in {place.en}" if place.en else "")
    if not uses.zh:
        return Text(f"{inside.zh}{money.zh}", f"{money.en}{inside.en}")
    if money == ALL_MONEY:
        return Text(f"{inside.zh}用于{uses.zh}的资金", f"the money for {uses.en}{inside.en}")
    return Text(f"{inside.zh}{money.zh}用于{uses.zh}的部分", f"{money.en} for {uses.en}{inside.en}")
