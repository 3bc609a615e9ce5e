"""The published tables and their notice, against figures added up by hand from tests/builders.py."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.text import one_line
from reports.publication.annexes import annexes, natural, pots
from reports.publication.notice import missing, notice
from reports.publication.pieces import Annex, Head, Row, header_rows, shown, split_gaps, widths
from reports.publication.words import Words, ordinal
from tests import builders
from tests.reports.published import COMPLETE, HOSTILE, report


def cells(annex):
    return [tuple(shown(cell, 0) for cell in row.cells) for row in annex.rows]


def lines(made):
    return [line.text for line in made.lines]


def test_annexes_stand_by_batch_and_source_with_total_and_subtotals():
    first, second, summary = annexes(report(COMPLETE), Words(report(COMPLETE).loaded, "zh"))
    assert (first.label, first.title) == ("附件1", "2025年中央第一批财政衔接推进乡村振兴补助资金分配表")
    assert (second.label, second.title) == ("附件2", "2025年自治区第二批财政衔接推进乡村振兴补助资金分配表")
    assert first.unit == "单位：万元"
    assert [head.title for head in first.heads] == [
        "序号",
        "地区",
        "合计",
        "产业发展",
        "民生",
        "基础设施",
        "备注",
    ]
    # 甲县 300 + 110, 乙县 200 + 90, 丙旗 155 + 45, 丁区 60 + 40
    assert cells(first) == [
        ("", "全区合计", "1,000", "715", "130", "155", ""),
        ("", "东盟小计", "700", "500", "90", "110", ""),
        ("1", "甲县", "410", "300", "–", "110", "含奖励"),
        ("2", "乙县", "290", "200", "90", "–", ""),
        ("", "西市小计", "300", "215", "40", "45", ""),
        ("3", "丙旗", "200", "155", "–", "45", ""),
        ("4", "丁区", "100", "60", "40", "–", ""),
    ]
    # 甲县 gets nothing of the second batch and is not in its table
    assert cells(second) == [
        ("", "全区合计", "100", "100", ""),
        ("", "东盟小计", "50", "50", ""),
        ("1", "乙县", "50", "50", ""),
        ("", "西市小计", "50", "50", ""),
        ("2", "丙旗", "25", "25", ""),
        ("3", "丁区", "25", "25", ""),
    ]
    # 40 were committed to 甲县 and 5 to 丁区; of the year's 790 of 东盟 540 are for industry, 60 % are 474
    assert cells(summary)[:3] == [
        ("", "", "全区合计", "1,100", "1,000", "100", "45", "1,145", "", "", ""),
        ("", "", "东盟小计", "750", "700", "50", "40", "790", "540", "474", ""),
        ("1", "150101", "甲县", "410", "410", "–", "40", "450", "", "", "含奖励"),
    ]
    assert cells(summary)[4][2:10] == ("西市小计", "350", "300", "50", "5", "355", "215", "213")
    # what is compared is the money for industry, not all of the year's
    assert [(head.over, head.title) for head in summary.heads[-3:-1]] == [
        ("用途占比下限", "全年产业发展资金"),
        ("用途占比下限", "应不低于"),
    ]


def test_a_single_prefecture_has_no_subtotal_and_its_target_stands_in_the_total():
    only = report(prefectures=("东盟",) * 4)
    *_, summary = annexes(only, Words(only.loaded, "zh"))
    assert [row.kind for row in summary.rows] == ["total", *["county"] * 4]
    # industry: 715 + 40 committed; 60 % of 1,145 are 687
    assert cells(summary)[0][-3:-1] == ("755", "687")


CELLS = [("central", use) for use in ("industry", "livelihood", "roads")] + [("regional", "livelihood")]


@given(
    st.lists(st.integers(0, 900), min_size=16, max_size=16), st.permutations(["东盟", "东盟", "西市", "北盟"])
)
@settings(max_examples=12)
def test_every_table_adds_up(amounts, prefectures):
    values = {(i, *cell): amounts[4 * i + k] for i in range(4) for k, cell in enumerate(CELLS)}
    made = report(changes=values, prefectures=tuple(prefectures), rules=[])
    tables = annexes(made, Words(made.loaded, "zh"))
    for annex in tables:
        columns = [k for k, head in enumerate(annex.heads) if head.kind == "money"]
        # the counties of a single prefecture stand under the total
        sole = all(row.kind == "county" for row in annex.rows[1:])
        blocks = [[annex.rows[0].cells]] if sole else []
        for row in annex.rows[1:]:
            if row.kind == "subtotal":
                blocks.append([row.cells])
            else:
                blocks[-1].append(row.cells)
        for k in columns:
            # each subtotal is the sum of the counties below it, the total that of the subtotals
            for head, *own in blocks:
                assert head[k] == sum(row[k] for row in own)
            assert annex.rows[0].cells[k] == sum(block[0][k] for block in blocks)
    paid = {s: sum(v for (_, stream, _), v in values.items() if stream == s) for s in ("central", "regional")}
    funded = [whole for whole in paid.values() if whole]
    assert [annex.rows[0].cells[2] for annex in tables[: len(funded)]] == funded


def test_no_county_with_money_is_missing_from_a_table():
    made = report()
    for pot, annex in zip(pots(made), annexes(made, Words(made.loaded, "zh")), strict=False):
        funded = int((made.whole[:, list(pot.streams)].sum(axis=(1, 2)) > 0).sum())
        assert sum(row.kind == "county" for row in annex.rows) == funded


def test_wide_tables_go_on_in_another_that_repeats_the_total():
    plain = ["industry", "livelihood", "roads", *(f"use{k}" for k in range(3, 15))]
    uses = {name: {"title": f"用途{k}"} for k, name in enumerate(plain)}
    streams = builders.scenario().streams
    kept = {name: stream.model_copy(update={"uses": ("all",)}) for name, stream in streams.items()}
    made = report(uses=uses, streams=kept, rules=[])
    made.whole[:] = np.arange(made.whole.size).reshape(made.whole.shape)
    tables = annexes(made, Words(made.loaded, "zh"))
    parts = [annex for annex in tables if annex.label == "附件1"]
    assert [annex.title.endswith("（续表）") for annex in parts] == [False, True]
    assert len({annex.sheet for annex in tables}) == len(tables)
    assert parts[0].rows[0].cells[2] == parts[1].rows[0].cells[2]
    shown_uses = [head.title for annex in parts for head in annex.heads if head.title.startswith("用途")]
    assert shown_uses == [f"用途{k}" for k in range(15)]


def test_the_notice_has_four_parts_and_says_what_the_scenario_says():
    documents = {
        name: stream.model_copy(update={"document": f"文〔2025〕{k}号"})
        for k, (name, stream) in enumerate(builders.scenario().streams.items())
    }
    made = notice(report(COMPLETE, streams=documents), "zh")
    heads = [line.text for line in made.lines if line.style == "heading"]
    assert heads == ["一、资金来源", "二、分配原则", "三、分配结果", "四、监督"]
    said = lines(made)
    assert made.title == "关于2025年财政衔接推进乡村振兴补助资金分配结果的公告公示"
    assert "1. 中央第一批1,000万元（文〔2025〕0号）。" in said
    assert "2. 自治区第二批100万元（文〔2025〕1号）。" in said
    assert "此前各批次已下达45万元，全年累计1,145万元。" in said
    assert "中央资金；自治区资金：按people（权重100%）测算。" in said
    assert "1．用途占比下限（三（一））：各盟市的资金用于产业发展的比例不低于60%。" in said
    assert "2．用途占比上限：各旗县的资金用于基础设施的比例不超过30%。" in said
    assert "资金分配到4个地区，合计1,100万元，详见附件。" in said
    assert "监督电话：12317、0471-0000000" in said
    assert {"地址：某路1号", "电子邮箱：office@example.org", "联系单位：农业农村科"} <= set(said)
    assert {"第一段说明。", "第二段说明。", "来信请注明地址。"} <= set(said)
    assert said[-2:] == ["某财政局", "2025年3月31日"]
    assert not any(blank for text in said for _, blank in split_gaps(text))
    assert missing(report(COMPLETE, streams=documents)) == ()


def test_rules_that_are_broken_are_not_called_kept():
    told = [
        next(text for text in lines(notice(made, "zh")) if "取整" in text)
        for made in (report(), report(changes={(0, "central", "industry"): 0}))
    ]
    assert ["全部符合" in text for text in told] == [True, False]
    assert ["不符合" in text for text in told] == [False, True]


def test_columns_share_the_page_so_that_no_number_breaks():
    """A digit takes at most 1.2 half-width characters, a cell's edges 2; 257 mm hold 162 of 4.5 pt."""
    first = (Head("No.", kind="count"), Head("Code", kind="code"), Head("Place", kind="place"))
    heads = (*first, *[Head("ethnic development")] * 7, Head("Remarks", kind="remark"))
    cells = (1, "150102", "莫力达瓦达斡尔族自治旗", *[Fraction(1234567)] * 7, None)
    annex = Annex("", "", "", "", heads, (Row("county", cells),))
    found = widths(annex, 0)
    assert annex.wide
    assert sum(found) <= 257 * 72 / 25.4 / 4.5 + 0.1
    assert found[1] >= 6 * 1.2 + 2  # the code
    assert min(found[3:-1]) >= max(len("1,234,567"), len("development")) * 1.2 + 2
    assert found[-1] >= len("Remarks") * 1.2 + 2
    few = Annex("", "", "", "", heads[:4], (Row("county", cells[:4]),))
    assert widths(few, 0)[2] == 22  # with room for all, a long name stands on one line


def test_english():
    made = notice(report(COMPLETE), "en")
    heads = [line.text for line in made.lines if line.style == "heading"]
    assert heads[0] == "1. Where the money comes from"
    assert made.annexes[0].title.startswith("2025 central bridging funds for rural revitalisation, batch 1")
    assert [head.title for head in made.annexes[-1].heads[-3:-1]] == [
        "Money of the year for Industry",
        "Must be at least",
    ]
    assert not any("】" in text for text in lines(made))


def test_functional_codes_and_directions_stand_in_the_headings():
    uses = {n: u.model_copy(update={"code": "2130505"}) for n, u in builders.scenario().uses.items()}
    streams = {
        n: s.model_copy(update={"direction": "relief", "source": "central", "batch": 1})
        for n, s in builders.scenario().streams.items()
    }
    made = report({"directions": {"relief": "以工代赈任务"}}, uses=uses, streams=streams)
    table = annexes(made, Words(made.loaded, "zh"))[0]
    titles = [head.title for head in table.heads]
    # two streams of one direction keep their own titles
    assert titles[3:5] == ["中央资金", "自治区资金"]
    assert titles[5] == "产业发展（2130505）"
    apart = {**streams, "regional": builders.scenario().streams["regional"]}
    one = report({"directions": {"relief": "以工代赈任务"}}, streams=apart)
    assert "以工代赈任务" in [head.title for head in annexes(one, Words(one.loaded, "zh"))[0].heads]


def test_hostile_names_are_cleaned_text():
    made = notice(report(names=HOSTILE), "zh")
    places = [row.cells[1] for row in made.annexes[0].rows if row.kind == "county"]
    assert places == [HOSTILE[0], HOSTILE[1], "甲 县A1\N{REPLACEMENT CHARACTER}", HOSTILE[3]]


def test_money_of_a_finer_step_keeps_its_places():
    made = report(step=Decimal("0.05"))
    assert made.places == 2
    table = notice(made, "zh").annexes[0]
    assert shown(table.rows[0].cells[2], made.places) == "50.00"


def test_no_money_no_annex():
    made = report()
    made.whole[:] = 0
    told = notice(made, "zh")
    assert [annex.label for annex in told.annexes] == ["附件"]  # what earlier batches issued
    bare = report()
    bare.whole[:] = 0
    object.__setattr__(bare.loaded.problem, "committed", {})
    assert notice(bare, "zh").annexes == ()
    assert "本次没有分配资金。" in lines(notice(bare, "zh"))


@pytest.mark.parametrize(
    ("batch", "zh"),
    [
        (1, "第一批"),
        (10, "第十批"),
        (11, "第十一批"),
        (20, "第二十批"),
        (34, "第三十四批"),
        ("追加", "追加"),
        ("2", "第二批"),
        (0, "0"),
    ],
)
def test_ordinal(batch, zh):
    assert ordinal(batch).zh == zh


def test_batches_in_the_order_people_count():
    assert sorted([10, 2, "2b", 1], key=natural) == [1, 2, "2b", 10]


def test_clean_keeps_text_and_drops_what_acts():
    assert one_line(" 甲\r\n县\u2028\u200b\u202eabc\ufeff\x00 ") == "甲  县 abc\N{REPLACEMENT CHARACTER}"


def test_shown():
    assert shown(Fraction(1234567), 0) == "1,234,567"
    assert shown(Fraction(5, 2), 0) == "2.5"
    assert shown(Fraction(5, 2), 2) == "2.50"
    assert shown(Fraction(0), 2) == "–"
    assert shown(None, 2) == ""
    assert shown(3, 2) == "3"


def test_header_rows_share_a_cell_over_neighbours():
    heads = (Head("序号"), Head("甲", "其中"), Head("乙", "其中"), Head("丙", "另"), Head("备注"))
    upper, lower = header_rows(heads)
    assert [(t.text, t.column, t.across, t.down) for t in upper] == [
        ("序号", 0, 1, 2),
        ("其中", 1, 2, 1),
        ("另", 3, 1, 1),
        ("备注", 4, 1, 2),
    ]
    assert [(t.text, t.column) for t in lower] == [("甲", 1), ("乙", 2), ("丙", 3)]
    assert len(header_rows(heads[:1])) == 1
