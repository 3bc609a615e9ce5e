"""What the chart of several years shows, from their tables."""

from __future__ import annotations

from fractions import Fraction

from allocator.text import Language, Text
from reports.charts.style import Heading
from reports.charts.years import Reached, YearsData
from reports.figures import fixed
from reports.years.tables import Sequel, ShareLine

SOURCE = Text("allocator years", "allocator years")


def chart_data(sequel: Sequel, lang: Language) -> YearsData:
    """The first rule on a least share, place by place; `sequel.shares` must not be empty."""
    rule = sequel.shares[0].rule
    lines = [one for one in sequel.shares if one.rule == rule]
    years = [year.number for year in sequel.years]
    known = {(one.where, one.year): one for one in lines}
    names = {one.where: one.name for one in lines}
    rows = tuple(
        (names[where].say(lang), tuple(_reached(known.get((where, year))) for year in years))
        for where in dict.fromkeys(one.where for one in lines)
    )
    title = lines[0].title
    span = f"{years[0]}–{years[-1]}"
    subtitle = Text(f"{title.zh}，{span} 年，实际 ≥ 要求", f"{title.en}, {span}, reached ≥ required")
    heading = Heading(_finding(lines, span, _noun(sequel, rule)), subtitle, SOURCE)
    return YearsData(heading, "", tuple(map(str, years)), rows)


def _reached(one: ShareLine | None) -> Reached | None:
    if one is None or one.share is None:
        return None
    return Reached(_percent(one.share), _percent(one.required), one.ratchet)


def _percent(share: Fraction) -> str:
    return f"{fixed(share * 100, 2)}%"


def _noun(sequel: Sequel, rule: str) -> Text:
    """What the rule's rows speak of."""
    by = getattr(sequel.years[-1].loaded.scenario.rule_by_id.get(rule), "by", "")
    known = {"prefecture": Text("个盟市", "prefectures"), "county": Text("个旗县", "counties")}
    return known.get(by, Text("处", "places"))


def _finding(lines: list[ShareLine], span: str, noun: Text) -> Text:
    """That all are kept, and the year in which last year's share asked for more most often."""
    places = len({one.where for one in lines})
    kept = Text(
        f"{span} 年 {places} {noun.zh}每年都达到要求",
        f"All {places} {noun.en} reached what was required, {span}",
    )
    counts: dict[int, int] = {}
    for one in lines:
        counts[one.year] = counts.get(one.year, 0) + one.ratchet
    year = max(counts, key=lambda y: (counts[y], -y))
    if not counts[year]:
        return kept
    return Text(
        f"{kept.zh}；{year} 年“不低于上年”对其中 {counts[year]} {noun.zh}更严",
        f"{kept.en}; in {year} last year's share was the stricter bound for {counts[year]}",
    )
