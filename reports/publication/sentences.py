"""What the rules ask for, one plain sentence each, as a clause of a notice would say it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from fractions import Fraction
from typing import Any

from allocator.rules.amount_bounds import AmountBounds
from allocator.rules.average_parity import AverageParity
from allocator.rules.base import Rule, in_year
from allocator.rules.change_limits import ChangeLimits
from allocator.rules.group_share_floor import GroupShareFloor
from allocator.rules.pipeline import Pipeline
from allocator.rules.use_share_cap import UseShareCap
from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Text
from reports.publication.linear_sentence import linear
from reports.publication.selections import (
    ALL_MONEY,
    NOTHING,
    joined,
    money_for,
    streams_of,
    tagged,
    whose,
)
from reports.publication.words import Words

YearValue = Decimal | dict[int, Decimal] | None


def sentence(rule: Rule, words: Words) -> Text:
    """What a rule asks; empty where its title says all that can be said."""
    say = KINDS.get(rule.kind)
    return NOTHING if say is None else say(rule, words)


def counted(rule: UseShareFloor | UseShareCap, words: Words) -> Text:
    """The money that a share is taken of."""
    problem = words.loaded.problem
    inside = problem.base_mask(rule.base)[0, :, 0]
    of_base = {name for name, one in zip(problem.stream_names, inside, strict=True) if one}
    return money_for(rule.scope, of_base & streams_of(rule.scope, words), words)


def _value(value: YearValue, words: Words) -> Fraction | None:
    return None if value is None else in_year(value, words.loaded.scenario.year)


def _least(value: YearValue, words: Words) -> Fraction | None:
    """A lower limit; None where it asks for nothing."""
    return _value(value, words) or None


def _money(rule: Rule, words: Words) -> Text:
    """The money of a rule's scope."""
    return money_for(rule.scope, streams_of(rule.scope, words), words)


def _all_of(parts: list[Text], zh: str, en: str) -> Text:
    return Text(zh.join(p.zh for p in parts), en.join(p.en for p in parts))


def _shared(who: Text, money: Text, uses: Text) -> Text:
    """How sentences on shares begin: 各盟市的资金用于产业发展的比例; 'in each prefecture '."""
    of_all = "全部" if not who.zh and money == ALL_MONEY else ""
    subject = f"{who.zh}{'的' if who.zh else of_all}{money.zh}用于{uses.zh}的比例"
    return Text(subject, f"in {who.en} " if who.en else "")


def _use_share_floor(rule: UseShareFloor, words: Words) -> Text:
    floor, money, uses = _least(rule.floor, words), counted(rule, words), tagged(rule.tag, words)
    share = _shared(whose(rule.by, rule.scope, words), money, uses)
    retain = words.share(Fraction(rule.retain))
    last = Text("上年", "last year")
    if rule.retain != 1:
        last = Text(f"上年比例的{retain}", f"{retain} of last year's share")
    found = []
    if floor is not None:
        least = words.share(floor)
        en = f"{share.en}at least {least} of {money.en} goes to {uses.en}"
        found.append(Text(f"{share.zh}不低于{least}", en))
    if rule.not_below is None or not rule.retain:
        return _all_of(found, "，", ", ")
    if rule.ratchet == "county":
        own = Text(f"各{words.county_word}的比例不低于本{words.county_word}{last.zh}", "")
        found.append(Text(own.zh, f"in each county no smaller a share than in {last.en}"))
    elif found:
        found.append(Text(f"且不低于{last.zh}", f"and no smaller a share than {last.en}"))
    else:
        en = f"{share.en}no smaller a share of {money.en} than {last.en} goes to {uses.en}"
        found.append(Text(f"{share.zh}不低于{last.zh}", en))
    return _all_of(found, "，", ", ")


def _use_share_cap(rule: UseShareCap, words: Words) -> Text:
    cap, uses = words.share(in_year(rule.cap, words.loaded.scenario.year)), tagged(rule.tag, words)
    money, several = counted(rule, words), "、" in uses.zh
    share = _shared(whose(rule.by, rule.scope, words), money, uses)
    how = NOTHING
    if several:
        together = rule.counted == "joint"
        how = Text("合计" if together else "各", " together" if together else ", each by itself")
    return Text(
        f"{share.zh}{how.zh}不超过{cap}", f"{share.en}at most {cap} of {money.en} goes to {uses.en}{how.en}"
    )


def _average_parity(rule: AverageParity, words: Words) -> Text:
    times = _least(rule.times, words)
    if times is None:
        return NOTHING
    group, county = words.loaded.names.group(rule.group), words.county_word
    money = _money(rule, words)
    rest = Text(f"其他{county}", "the other counties")
    if rule.against == "all":
        rest = Text(f"全部{county}", "all counties")
    ours = Text(f"{group.zh}县均{money.zh}", f"the average of {group.en}")
    if rule.reading == "each_county":
        ours = Text(f"{group.zh}中每个{county}的{money.zh}", f"the amount of each county of {group.en}")
    part = NOTHING if times == 1 else Text(f"的{words.times(times)}倍", f"{words.times(times)} times ")
    without = NOTHING
    if rule.among == "eligible":
        without = Text(f"（不计不能得到资金的{county}）", " (counties that can receive nothing are left out)")
    of = "" if money == ALL_MONEY else f", of {money.en}"
    return Text(
        f"{ours.zh}不低于{rest.zh}县均{money.zh}{part.zh}{without.zh}",
        f"{ours.en} is no less than {part.en}the average of {rest.en}{of}{without.en}",
    )


def _change_limits(rule: ChangeLimits, words: Words) -> Text:
    lower, upper = _least(rule.lower, words), _value(rule.upper, words)
    found = []
    if lower is not None:
        found.append(Text(f"不低于上年的{words.times(lower)}倍", f"at least {words.times(lower)} times"))
    if upper is not None:
        whose_last = "" if found else "上年的"
        found.append(Text(f"不超过{whose_last}{words.times(upper)}倍", f"at most {words.times(upper)} times"))
    if not found:
        return NOTHING
    gets, limits = _gets("county", rule, words), _all_of(found, "、", " and ")
    scaled = NOTHING
    if rule.relative_to == "total":
        scaled = Text("（上年金额先按总额的增减同比例调整）", ", scaled by the change of the total")
    return Text(f"{gets.zh}{limits.zh}{scaled.zh}", f"{gets.en} {limits.en} last year's amount{scaled.en}")


def _gets(by: str, rule: ChangeLimits | AmountBounds, words: Words, can: bool = False) -> Text:
    """各旗县全年金额, or each county gets; `can`: those alone that can receive money."""
    who, money = whose(by, rule.scope, words, can), _money(rule, words)
    who = Text(who.zh or f"全部{words.county_word}", who.en or "all counties")
    each = by in ("county", "prefecture")
    named = "全年金额" if money == ALL_MONEY else f"的{money.zh}"
    together = "" if each and "、" not in money.zh else "合计"
    of = "" if money == ALL_MONEY else f", of {money.en},"
    return Text(f"{who.zh}{named}{together}", f"{who.en} {'gets' if each else 'together get'}{of}")


def _amount_bounds(rule: AmountBounds, words: Words) -> Text:
    least, most = _least(rule.min, words), _value(rule.max, words)
    least_share, most_share = _least(rule.min_share, words), _value(rule.max_share, words)
    found = []
    if least is not None:
        found.append(Text(f"不少于{words.money(least)}", f"at least {words.money(least)}"))
    if most is not None:
        found.append(Text(f"不超过{words.money(most)}", f"at most {words.money(most)}"))
    if least_share is not None:
        said = words.share(least_share)
        found.append(Text(f"不低于总额的{said}", f"at least {said} of the total"))
    if most_share is not None:
        said = words.share(most_share)
        found.append(Text(f"不超过总额的{said}", f"at most {said} of the total"))
    if not found:
        return NOTHING
    # who can receive nothing is asked for nothing
    can = any(row.vacuous is not None for row in words.loaded.rows[rule.id])
    gets, limits = _gets(rule.by, rule, words, can), _all_of(found, "、", " and ")
    return Text(f"{gets.zh}{limits.zh}", f"{gets.en} {limits.en}")


def _pipeline(rule: Pipeline, words: Words) -> Text:
    names = [name for name in words.loaded.scenario.uses if name in rule.columns]
    uses, several = joined([words.loaded.names.use(name) for name in names]), len(names) > 1
    times = in_year(rule.times, words.loaded.scenario.year)
    who = whose("county", rule.scope, words)
    money = _money(rule, words)
    part = NOTHING if times == 1 else Text(f"的{words.times(times)}倍", f"{words.times(times)} times ")
    end = ", each by itself" if several else ""
    return Text(
        f"{who.zh}用于{uses.zh}的{money.zh}{'分别' if several else ''}不超过其项目储备{part.zh}",
        f"in {who.en} {money.en} for {uses.en} is no more than {part.en}what its projects need{end}",
    )


def _group_share_floor(rule: GroupShareFloor, words: Words) -> Text:
    floor = _least(rule.floor, words)
    if floor is None:
        return NOTHING
    group = words.loaded.names.group(rule.group)
    money = _money(rule, words)
    whole = Text("总额", "the total") if money == ALL_MONEY else money
    return Text(
        f"{group.zh}合计不低于{whole.zh}的{words.share(floor)}",
        f"{group.en} together get at least {words.share(floor)} of {whole.en}",
    )


KINDS: Mapping[str, Callable[[Any, Words], Text]] = {
    "use_share_floor": _use_share_floor,
    "use_share_cap": _use_share_cap,
    "average_parity": _average_parity,
    "change_limits": _change_limits,
    "amount_bounds": _amount_bounds,
    "pipeline": _pipeline,
    "group_share_floor": _group_share_floor,
    "linear": linear,
}
"""Kind of rule → its sentence."""
