"""The rules of a notice in plain sentences: every kind, every turn, no title of a parameter."""

from __future__ import annotations

from typing import Any

import pytest

from allocator.rules import KINDS as RULES
from reports.publication.annexes import annexes
from reports.publication.sentences import KINDS, sentence
from reports.publication.words import Words, clause_text
from tests import builders
from tests.reports.published import COMPLETE, report


def words(lang="zh", **keys: Any) -> Words:
    return Words(report(**keys).loaded, lang)


def said(rule: dict[str, Any], lang="zh", **keys: Any) -> str:
    """The sentence of one rule of the four counties."""
    spoken = words(lang, rules=[{"id": "one", **rule}], **keys)
    return sentence(spoken.loaded.scenario.rules[0], spoken).say(lang)


FLOOR = {"kind": "use_share_floor", "tag": "industry", "floor": "0.7"}
CAP = {"kind": "use_share_cap", "tag": "capped", "cap": "0.3"}
PARITY = {"kind": "average_parity", "group": "exit"}
LIMITS = {"kind": "change_limits", "column": "last_amount"}
BOUNDS = {"kind": "amount_bounds"}
LINEAR = {"kind": "linear", "left": {"uses": ["industry"]}, "sense": ">="}
CENTRAL = {"scope": {"streams": "central"}}
LAST = {"not_below": "last_amount"}


@pytest.mark.parametrize(
    ("rule", "zh", "en"),
    [
        (
            FLOOR,
            "各盟市的资金用于产业发展的比例不低于70%",
            "in each prefecture at least 70% of the money goes to Industry",
        ),
        (
            FLOOR | {"by": "all"} | CENTRAL,
            "中央资金用于产业发展的比例不低于70%",
            "at least 70% of central money goes to Industry",
        ),
        (
            FLOOR | {"by": "county", "scope": {"group": "exit"}},
            "exit中各旗县的资金用于产业发展的比例不低于70%",
            "in each county of exit at least 70% of the money goes to Industry",
        ),
        (
            CAP,
            "各旗县的资金用于基础设施的比例不超过30%",
            "in each county at most 30% of the money goes to Roads",
        ),
        (
            PARITY,
            "exit县均资金不低于其他旗县县均资金",
            "the average of exit is no less than the average of the other counties",
        ),
        (
            PARITY | {"times": "0.9", "against": "all", "reading": "each_county", "among": "eligible"},
            "exit中每个旗县的资金不低于全部旗县县均资金的0.9倍（不计不能得到资金的旗县）",
            "the amount of each county of exit is no less than 0.9 times the average of all counties "
            "(counties that can receive nothing are left out)",
        ),
        (
            LIMITS | {"lower": "0.85", "upper": "1.3"},
            "各旗县全年金额不低于上年的0.85倍、不超过1.3倍",
            "each county gets at least 0.85 times and at most 1.3 times last year's amount",
        ),
        (
            LIMITS | {"lower": "0", "upper": "1.3", "relative_to": "total"},
            "各旗县全年金额不超过上年的1.3倍（上年金额先按总额的增减同比例调整）",
            "each county gets at most 1.3 times last year's amount, scaled by the change of the total",
        ),
        (
            {"kind": "pipeline", "columns": {"industry": "people", "roads": "people"}, "times": "1.2"},
            "各旗县用于产业发展、基础设施的资金分别不超过其项目储备的1.2倍",
            "in each county the money for Industry and Roads is no more than 1.2 times what its projects "
            "need, each by itself",
        ),
        (
            BOUNDS | {"min": "150", "max_share": "0.035"},
            "各旗县全年金额不少于150万元、不超过总额的3.5%",
            "each county gets at least 150 万元 and at most 3.5% of the total",
        ),
        (
            BOUNDS | {"by": "exit", "max": "900", "min_share": "0.1"} | CENTRAL,
            "exit的中央资金合计不超过900万元、不低于总额的10%",
            "exit together get, of central money, at most 900 万元 and at least 10% of the total",
        ),
        (
            BOUNDS | {"min": "1"} | {"scope": {"streams": "regional"}},
            "每个可以得到资金的旗县的自治区资金不少于1万元",
            "each county that can receive money gets, of regional money, at least 1 万元",
        ),
        (
            {"kind": "group_share_floor", "group": "exit", "floor": "0.22"},
            "exit合计不低于总额的22%",
            "exit together get at least 22% of the total",
        ),
        (
            LINEAR | {"right": {"uses": ["roads"]}, "for_each": "county"},
            "各旗县用于产业发展的资金不低于用于基础设施的资金",
            "in each county the money for Industry is no less than the money for Roads",
        ),
        (
            LINEAR
            | {
                "left": {"streams": "central", "uses": ["roads", "industry"]},
                "right": {"streams": "central"},
                "times": "0.6",
            },
            "中央资金用于产业发展、基础设施的比例不低于60%",
            "at least 60% of central money goes to Industry and Roads",
        ),
        (
            LINEAR | {"left": {"group": "exit"}, "sense": "<=", "plus": "500"},
            "exit的资金不超过500万元",
            "the money in exit is no more than 500 万元",
        ),
        (
            LINEAR
            | {
                "left": {"counties": ["150101"]},
                "right": {"counties": "150102"},
                "times": "1.5",
                "plus": "-5",
            },
            "甲县的资金不低于乙县的资金的1.5倍减5万元",
            "the money in 甲县 is no less than 1.5 times the money in 乙县 less 5 万元",
        ),
    ],
)
def test_sentences(rule, zh, en):
    assert said(rule) == zh
    assert said(rule, "en") == en


@pytest.mark.parametrize(
    ("rule", "zh"),
    [
        (LAST, "各盟市的资金用于产业发展的比例不低于70%，且不低于上年"),
        (LAST | {"floor": None}, "各盟市的资金用于产业发展的比例不低于上年"),
        (LAST | {"floor": None, "retain": "0.98"}, "各盟市的资金用于产业发展的比例不低于上年比例的98%"),
        (
            LAST | {"ratchet": "county"},
            "各盟市的资金用于产业发展的比例不低于70%，各旗县的比例不低于本旗县上年",
        ),
    ],
)
def test_last_years_share(rule, zh):
    last = words().loaded.counties.numbers["last_amount"]
    assert last  # a column of the four counties
    assert said(FLOOR | rule) == zh


def test_every_use_of_a_tag_is_named():
    uses = {
        name: use.model_copy(update={"tags": ("capped",)}) if name != "industry" else use
        for name, use in builders.scenario().uses.items()
    }
    assert said(CAP, uses=uses) == "各旗县的资金用于民生、基础设施的比例合计不超过30%"
    assert said(CAP | {"counted": "each"}, uses=uses) == "各旗县的资金用于民生、基础设施的比例各不超过30%"
    assert said(CAP | {"counted": "each"}, "en", uses=uses).endswith("Livelihood and Roads, each by itself")


def test_a_share_of_several_uses_names_them_below_the_table():
    known = builders.scenario().uses
    uses = known | {"roads": known["roads"].model_copy(update={"tags": ("industry", "capped")})}
    made = report(COMPLETE, uses=uses)
    *first, summary = annexes(made, Words(made.loaded, "zh"))
    assert summary.heads[-3].title == "全年产业发展资金"
    # 300 + 110 + 40 and 200 of 东盟, 155 + 45 and 60 of 西市
    assert [row.cells[-3] for row in summary.rows if row.kind == "subtotal"] == [650, 260]
    assert "注：全年产业发展资金包括产业发展、基础设施。" in summary.notes
    assert not any(annex.notes for annex in first)
    *_, english = annexes(made, Words(made.loaded, "en"))
    assert "Note: 'Money of the year for Industry' adds up Industry and Roads." in english.notes
    only = report(COMPLETE)
    assert len(annexes(only, Words(only.loaded, "zh"))[-1].notes) == 1


@pytest.mark.parametrize(
    "rule",
    [
        FLOOR | {"floor": "0"},
        PARITY | {"times": "0"},
        LIMITS | {"lower": "0"},
        BOUNDS | {"min": "0"},
        {"kind": "group_share_floor", "group": "exit", "floor": "0"},
    ],
)
def test_what_asks_for_nothing_has_its_title_alone(rule):
    assert said(rule) == said(rule, "en") == ""


def test_every_kind_of_rule_has_a_sentence():
    assert set(KINDS) == set(RULES)


@pytest.mark.parametrize(
    ("clause", "zh", "en"),
    [
        ("示例 / illustrative", "示例", "illustrative"),
        (
            "内政发〔2022〕9号 四（一）；幅度为示例 / limits illustrative",
            "内政发〔2022〕9号 四（一）；幅度为示例",
            "内政发〔2022〕9号 四（一）; limits illustrative",
        ),
        ("财农〔2021〕22号 / 内政发〔2022〕9号", *["财农〔2021〕22号 / 内政发〔2022〕9号"] * 2),
        ("财农〔2021〕22号；新财振〔2024〕1号 一", *["财农〔2021〕22号；新财振〔2024〕1号 一"] * 2),
        ("办法 3/4", "办法 3/4", "办法 3/4"),
        ("GB/T 2260 / ISO 3166", "GB/T 2260 / ISO 3166", "GB/T 2260 / ISO 3166"),
        ("", "", ""),
    ],
)
def test_clauses_in_one_language(clause, zh, en):
    assert clause_text(clause) == (zh, en)
