"""The page on paper, on a narrow screen, and with names that turn the direction of writing."""

from __future__ import annotations

import json
import re

import pytest

from allocator.cli.main import run
from allocator.text import one_line
from reports.page.page import page_files
from reports.report_input import read_report
from tests.builders import write_scenario
from tests.reports.page_browser import NARROW, WIDE, cell, opened_page, skip_without_browser, started
from tests.reports.page_samples import HOSTILE, TWO_FACTORS, add_study, hostile_result, make_result, studied

skip_without_browser()

TURNING = ("\u202e甲县", "乙\u202e县", "قەشقەر", "丁区")
"""Names that turn what follows, and one of a script that is written from right to left."""
ORDER = """(element) => {
  const places = [];
  const walk = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    for (let k = 0; k < node.length; k++) {
      const range = document.createRange();
      range.setStart(node, k);
      range.setEnd(node, k + 1);
      const box = range.getBoundingClientRect();
      if (box.width) places.push([Math.round(box.bottom / 12), box.left, node.data[k]]);
    }
  }
  return places.sort((a, b) => a[0] - b[0] || a[1] - b[1]).map((one) => one[2]).join("");
}"""
"""What is read on the screen from left to right and from top to bottom."""
BROKEN_WORDS = """() => {
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    if (!node.parentElement.closest("th, td, caption") || !node.parentElement.checkVisibility()) continue;
    for (const word of node.data.matchAll(/[A-Za-z]+/g)) {
      const range = document.createRange();
      range.setStart(node, word.index);
      range.setEnd(node, word.index + word[0].length);
      const lines = new Set([...range.getClientRects()].map((box) => Math.round(box.top)));
      if (lines.size > 1) found.push(word[0]);
    }
  }
  return found;
}"""


def write(result, folder, lang="zh"):
    """The page of a result as a file."""
    path = folder / "report.html"
    path.write_bytes(page_files(read_report(result), lang)["report.html"])
    return path


@pytest.fixture(scope="module")
def browser():
    with started() as made:
        yield made


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    return write(studied(), tmp_path_factory.mktemp("paper"))


@pytest.fixture
def opened(browser, file):
    with opened_page(browser, file) as page:
        yield page


@pytest.fixture
def narrow(browser, file):
    with opened_page(browser, file, NARROW) as page:
        yield page


@pytest.fixture(scope="module")
def unusual(tmp_path_factory):
    """One prefecture, names that turn, uses in another order than that of their keys, a study."""
    folder = tmp_path_factory.mktemp("unusual")
    uses = re.search(r"uses:\n((?:  .*\n)+)", TWO_FACTORS)[1]
    turned = TWO_FACTORS.replace(uses, "".join(reversed(uses.splitlines(keepends=True))))
    scenario = write_scenario(folder / "base", TURNING, turned)
    table = scenario / "counties.csv"
    table.write_text(table.read_text("utf-8").replace("西市", "东盟"), "utf-8")
    assert run(["solve", str(scenario), "-o", str(folder / "out")]) == 0
    add_study(folder / "out")
    return folder / "out"


@pytest.fixture(scope="module")
def unusual_file(unusual, tmp_path_factory):
    return write(unusual, tmp_path_factory.mktemp("unusual-page"))


def test_the_page_reads_without_script_and_prints(browser, file, tmp_path):
    context = browser.new_context(offline=True, java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    assert page.locator("#counties tfoot tr").is_visible()
    assert "1,100" in page.locator("#counties tfoot tr").inner_text()
    assert page.locator("#counties tfoot th").inner_text() == "合计"
    assert not page.locator("#filters").is_visible()
    page.emulate_media(media="print")
    assert page.locator("#rules [role=tooltip]").first.is_visible()
    assert not page.locator("header").is_visible()
    assert not page.locator(".noscript").is_visible()
    page.pdf(path=tmp_path / "report.pdf", prefer_css_page_size=True)
    assert (tmp_path / "report.pdf").read_bytes().startswith(b"%PDF")
    context.close()


def test_a_filtered_table_says_so_on_paper_and_on_screen(opened):
    told, total = opened.locator("#filtered"), opened.locator("#counties tfoot th")
    opened.emulate_media(media="print")
    assert not told.is_visible()
    opened.emulate_media(media="screen")
    opened.select_option("#group", "small")
    opened.fill("#find", "150")
    assert total.inner_text() == "小计（筛选）"
    assert opened.locator("#counties .sub th").inner_text() == "西市 小计（筛选）"
    assert not told.is_visible()
    opened.emulate_media(media="print")
    assert told.is_visible()
    assert "分组“小县”、查找“150”" in told.inner_text()
    assert "共 4 个，列出 1 个" in told.inner_text()
    opened.emulate_media(media="screen")
    opened.click("#language")
    assert total.inner_text() == "Subtotal (filtered)"
    opened.emulate_media(media="print")
    assert "group 'Small ones', search '150'): 1 of 4 counties" in told.inner_text()
    opened.emulate_media(media="screen")
    opened.fill("#find", "")
    opened.select_option("#group", "")
    opened.select_option("#prefecture", label="西市")
    # the prefecture is whole, the table is not
    assert opened.locator("#counties .sub th").inner_text() == "西市 subtotal"
    assert total.inner_text() == "Subtotal (filtered)"
    opened.select_option("#prefecture", "")
    assert total.inner_text() == "Total"
    opened.emulate_media(media="print")
    assert not told.is_visible()


def test_paper_has_the_definitions_and_no_advice_for_the_mouse(opened, browser, tmp_path):
    mouse = ("点旗县名", "指到或选中", "点“放大”", "allocator sensitivity", "--sliders")
    on_screen = opened.locator("main").inner_text()
    assert {advice for advice in mouse if advice in on_screen} >= {"点旗县名", "指到或选中", "点“放大”"}
    opened.emulate_media(media="print")
    on_paper = opened.locator("main").inner_text()
    assert "余量为最紧一处离界限还差多少" in on_paper
    assert "影子价格：界限每收紧 100 万元" in on_paper
    assert "单位：万元。" in on_paper
    assert [advice for advice in mouse if advice in on_paper] == []
    with opened_page(browser, write(hostile_result(), tmp_path, "en")) as unstudied:
        assert unstudied.locator("main").inner_text().count("allocator sensitivity RESULT") == 2
        unstudied.emulate_media(media="print")
        bare = unstudied.locator("main").inner_text()
        assert "allocator sensitivity" not in bare
        assert "No sensitivity study yet." in bare
        assert "Charts" not in bare


def test_figures_of_the_study_are_said_to_be_before_rounding(opened):
    assert "都是取整前的数" in opened.locator("#charts .basis").inner_text()
    # charts out of sight are not laid out, so that their captions have no inner text
    assert opened.locator("figcaption .tag").all_text_contents() == ["取整前before rounding"] * 3
    opened.locator("button.enlarge").first.click()
    assert opened.locator("#enlarged-title").inner_text().endswith("（取整前）")
    opened.keyboard.press("Escape")
    opened.click("#language")
    assert opened.locator("figcaption .tag").first.inner_text() == "before rounding"
    opened.emulate_media(media="print")
    assert opened.locator("#charts .basis").is_visible()


@pytest.mark.parametrize(("viewport", "least"), [(NARROW, 56 * 16), (WIDE, 1200)])
def test_an_enlarged_chart_is_larger_on_a_telephone_too(browser, file, viewport, least):
    with opened_page(browser, file, viewport) as page:
        page.locator("button.enlarge").first.click()
        assert page.locator("#enlarged svg.chart").bounding_box()["width"] >= least
        body = page.locator("#enlarged .dialog-body")
        assert body.evaluate("(one) => one.scrollWidth > one.clientWidth") == (viewport is NARROW)
        body.press("ArrowRight")
        page.wait_for_function("document.documentElement.scrollWidth <= innerWidth")


def test_no_word_breaks_in_the_middle_on_a_telephone(narrow):
    narrow.click("#language")
    narrow.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    assert narrow.evaluate(BROKEN_WORDS) == []
    narrow.locator("#counties button.open").first.click()
    assert narrow.evaluate(BROKEN_WORDS) == []
    narrow.keyboard.press("Escape")
    narrow.click("#language")
    narrow.locator("#counties button.open").first.click()
    factors = narrow.locator("#statement table").nth(1).locator("tbody tr").first
    for place in ("th", "td >> nth=0"):
        assert factors.locator(place).bounding_box()["width"] >= 6 * 16
    narrow.keyboard.press("Escape")
    caption = narrow.locator("#counties-caption").bounding_box()
    assert caption["x"] + caption["width"] <= NARROW["width"]
    assert narrow.locator("#counties tbody th").first.bounding_box()["width"] >= 7 * 16
    assert narrow.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_hostile_names_run_nothing_and_turn_nothing(browser, tmp_path):
    with opened_page(browser, write(hostile_result(), tmp_path, "en"), NARROW) as page:
        names = page.locator("#counties button.open")
        assert [text.replace("\n", " ") for text in names.all_text_contents()] == list(map(one_line, HOSTILE))
        for k in range(4):
            names.nth(k).click()
            assert page.locator("#statement h2").text_content().startswith(one_line(HOSTILE[k]))
            page.keyboard.press("Escape")
        assert page.evaluate("document.querySelectorAll('img, svg, b, i').length") == 0
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_sentences_with_names_that_turn_read_in_order(browser, unusual_file):
    with opened_page(browser, unusual_file) as page:
        page.click("a[data-open=whatif]")
        page.locator("#lever-0").press("ArrowLeft")
        spots = [page.locator("#trial-said"), page.locator(".sentences"), page.locator(".departures")]
        assert not any("\u202e" in spot.text_content() for spot in spots)
        for spot in spots[:2]:
            read = spot.evaluate(ORDER).replace(" ", "")
            said = "".join(spot.evaluate("(one) => one.innerText").split())
            # the word of the other script itself runs backwards, and nothing else does
            assert read == said.replace(TURNING[2], TURNING[2][::-1])
        assert TURNING[2] in page.locator("#trial-said").text_content()


def test_one_prefecture_opens_by_county_and_uses_stand_in_order(browser, unusual, unusual_file):
    read = json.loads((unusual / "sensitivity" / "sliders.json").read_bytes())
    with opened_page(browser, unusual_file) as page:
        headings = page.locator("#counties th[data-column^='use.']").evaluate_all(
            "(all) => all.map((one) => one.dataset.column)"
        )
        assert headings == ["use.roads", "use.livelihood", "use.industry"]
        page.locator("#counties button.open").first.click()
        uses = page.locator("#statement table").last.locator("tbody th").all_inner_texts()
        assert uses == ["基础设施", "民生", "产业发展"]
        page.keyboard.press("Escape")
        page.click("a[data-open=whatif]")
        assert page.locator("input[name=bars]:checked").get_attribute("value") == "counties"
        lever = read["levers"][0]
        page.locator("#lever-0").press("ArrowLeft")
        assert page.locator("#bars svg text").count() > 2
        point = lever["points"][lever["present"] - 1]
        page.check("input[value=uses]")
        for u, use in enumerate(read["uses"]):
            assert cell(page, "丁区", f"use.{use}") == f"{point['uses'][3][u]:,}"


def test_a_county_that_is_not_eligible_is_told_so(browser, tmp_path):
    yaml = re.sub(r"(formula: main)", r"\1, eligible: exit", TWO_FACTORS).split("rules:")[0] + "rules: []\n"
    result = make_result(tmp_path, yaml=yaml)
    with opened_page(browser, write(result, tmp_path)) as page:
        dialog = page.locator("#statement")
        for k, said in ((0, "没有规则改变该旗县的金额"), (2, "该旗县不符合本次资金的分配条件")):
            page.locator("#counties button.open").nth(k).click()
            assert said in dialog.inner_text()
            assert dialog.locator("table").count() == (0 if k else 3)
            page.keyboard.press("Escape")
