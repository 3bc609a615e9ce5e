"""The page in a real browser, offline from a file: what a meeting does with it, and what axe-core says."""

from __future__ import annotations

import csv
import importlib.util
import json
from pathlib import Path

import pytest

from reports.page.page import page_files
from reports.report_input import read_report
from tests.reports.page_browser import cell, opened_page, skip_without_browser, started
from tests.reports.page_samples import studied

skip_without_browser()


@pytest.fixture(scope="module")
def browser():
    with started() as made:
        yield made


@pytest.fixture(scope="module")
def file(tmp_path_factory):
    path = tmp_path_factory.mktemp("browser") / "report.html"
    path.write_bytes(page_files(read_report(studied()), "zh")["report.html"])
    return path


@pytest.fixture
def opened(browser, file):
    with opened_page(browser, file) as page:
        yield page


def counties(page):
    """Codes of the rows that are shown, from top to bottom."""
    return page.locator("#counties tbody tr[data-row] .code").all_inner_texts()


def written(column="amount"):
    """Amounts of the decision by code, as the CSV has them."""
    rows = csv.DictReader((studied() / "counties.csv").read_text("utf-8-sig").splitlines())
    return {row["code"]: int(row[column]) for row in rows}


def test_language_switches_everything_that_is_read(opened):
    assert opened.locator("h1").inner_text() == "四旗县测算"
    assert opened.locator("#decision-title").inner_text() == "结论"
    opened.click("#language")
    assert opened.locator("h1").inner_text() == "Four counties"
    assert opened.title() == "Four counties"
    assert opened.evaluate("document.documentElement.lang") == "en"
    assert opened.locator("#prefecture option").first.inner_text() == "all"
    assert "4 of 4 counties" in opened.locator("#count").inner_text()
    shown = opened.locator("nav").inner_text()
    assert "Decision" in shown
    assert "结论" not in shown
    opened.click("#language")
    assert opened.locator("h1").inner_text() == "四旗县测算"


def test_search_filter_and_sort_with_totals_that_follow(opened):
    amounts = written()
    assert counties(opened) == sorted(amounts)
    opened.fill("#find", "乙")
    assert counties(opened) == ["150102"]
    assert cell(opened, "小计（筛选）", "amount") == str(amounts["150102"])
    opened.fill("#find", "1502")
    assert counties(opened) == ["150201", "150202"]
    opened.fill("#find", "nobody")
    assert counties(opened) == []
    assert opened.locator("#nobody").is_visible()
    opened.fill("#find", "")
    opened.select_option("#prefecture", label="西市")
    assert counties(opened) == ["150201", "150202"]
    assert cell(opened, "西市", "amount") == str(amounts["150201"] + amounts["150202"])
    assert cell(opened, "小计（筛选）", "amount") == str(amounts["150201"] + amounts["150202"])
    opened.select_option("#prefecture", "")
    opened.select_option("#group", "exit")
    assert counties(opened) == ["150101", "150102"]
    opened.select_option("#group", "")
    opened.uncheck("#grouped")
    heading = opened.locator("th[data-column=amount]")
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "descending"
    assert counties(opened) == sorted(amounts, key=lambda code: -amounts[code])
    heading.locator("button").press("Enter")
    assert counties(opened) == sorted(amounts, key=lambda code: amounts[code])
    opened.check("input[value=uses]")
    assert opened.locator("th[data-column='use.roads']").is_visible()
    assert not opened.locator("th[data-column=due]").is_visible()


def test_a_statement_opens_by_keyboard_and_adds_up(opened):
    opened.locator("#counties button.open").nth(1).press("Enter")
    dialog = opened.locator("#statement")
    assert dialog.is_visible()
    assert "乙县 150102" in dialog.locator("h2").inner_text()
    cells = dialog.locator("table.statement tbody tr:not(.head):not(.line) td:nth-child(2)").all_inner_texts()
    figures = [int(said.replace("−", "-").replace(",", "").replace("+", "")) for said in cells]
    assert sum(figures) == written()["150102"]
    assert "四（一）" in dialog.inner_text()
    opened.evaluate("dispatchEvent(new Event('beforeprint'))")
    assert "乙县 150102" in opened.locator("#printed").text_content()
    opened.evaluate("dispatchEvent(new Event('afterprint'))")
    assert opened.locator("#printed").text_content() == ""
    opened.keyboard.press("Escape")
    assert not dialog.is_visible()
    assert opened.evaluate("document.activeElement.className") == "open"


def test_clauses_show_on_hover_and_on_focus(opened):
    tip = opened.locator("#rules .tip").first
    said = tip.locator("[role=tooltip]")
    assert not said.is_visible()
    tip.locator("button").hover()
    assert said.is_visible()
    opened.mouse.move(0, 0)
    tip.locator("button").focus()
    assert said.is_visible()
    assert "三（一）" in said.inner_text()
    opened.keyboard.press("Escape")
    assert not said.is_visible()


def test_charts_enlarge_and_show_their_tables(opened):
    opened.locator("button.enlarge").first.click()
    assert opened.locator("#enlarged svg").is_visible()
    opened.keyboard.press("Escape")
    opened.wait_for_function("document.querySelectorAll('figure svg').length === 3")
    details = opened.locator("details[data-table='weight-main.people']")
    details.locator("summary").click()
    details.locator("tbody tr").first.wait_for()
    assert details.locator("tbody tr").first.locator("td, th").all_inner_texts() == [
        *("150101", "甲县", "东盟", "250.3", "无解")
    ]


def test_sliders_show_solved_points_alone_and_save_them(opened, tmp_path):
    read = json.loads((studied() / "sensitivity" / "sliders.json").read_bytes())
    opened.click("a[data-open=whatif]")
    budget = next(k for k, lever in enumerate(read["levers"]) if lever["path"] == "streams.central.budget")
    lever = read["levers"][budget]
    slider = opened.locator(f"#lever-{budget}")
    assert slider.get_attribute("max") == str(len(lever["points"]) - 1)
    slider.press("ArrowLeft")
    point = lever["points"][lever["present"] - 1]
    for i, code in enumerate(read["codes"]):
        name = "甲乙丙丁"[i]
        assert cell(opened, name, "trial") == f"{sum(point['streams'][i]):,}"
        moved = sum(point["streams"][i]) - written()[code]
        assert cell(opened, name, "moved") == f"{moved:+,}".replace("-", "−").replace("+0", "0")
    assert cell(opened, "合计", "trial") == "1,050"
    assert opened.locator("#bars svg text").count() == 4
    opened.check("input[value=uses]")
    for u, use in enumerate(read["uses"]):
        assert cell(opened, "甲", f"use.{use}") == f"{point['uses'][0][u]:,}"
    with opened.expect_download() as download:
        opened.click("#save")
    assert download.value.suggested_filename == "scenario.yaml"
    download.value.save_as(tmp_path / "scenario.yaml")
    assert (tmp_path / "scenario.yaml").read_text("utf-8") == point["yaml"]
    opened.locator("#lever-0").press("ArrowRight")
    assert slider.input_value() == str(lever["present"])
    assert "trying" in opened.locator("#counties").get_attribute("class")
    slider.press("End")
    assert lever["points"][-1]["status"] == "infeasible"
    assert "无解" in opened.locator("#trial-said").inner_text()
    assert lever["points"][-1]["rules"] == ["change_limits"]
    assert "比上年增减幅度" in opened.locator("#trial-said").inner_text()
    assert opened.locator("#save").is_disabled()
    assert cell(opened, "合计", "amount") == "1,100"
    assert not opened.locator("th[data-column=trial]").is_visible()
    opened.click("#reset")
    assert slider.input_value() == str(lever["present"])
    assert cell(opened, "合计", "amount") == "1,100"


def test_a_slider_redraws_at_once(opened):
    opened.click("a[data-open=whatif]")
    took = opened.evaluate(
        """() => {
          const slider = document.querySelector('.lever input');
          const took = [];
          for (let k = 0; k < 30; k++) {
            slider.value = String(k % 3);
            const start = performance.now();
            slider.dispatchEvent(new Event('input', {bubbles: true}));
            document.getElementById('counties').getBoundingClientRect();
            took.push(performance.now() - start);
          }
          return took.sort((a, b) => a - b);
        }"""
    )
    assert took[15] < 100


def test_script_writes_the_very_figures_that_stand_without_it(opened, browser, file):
    context = browser.new_context(offline=True, java_script_enabled=False)
    still = context.new_page()
    still.goto(file.as_uri())
    before = still.locator("#counties td").all_text_contents()
    context.close()
    for view in ("main", "streams", "uses", "shares"):
        opened.check(f"input[value={view}]")
    opened.locator("#lever-0").evaluate(
        "(one) => { one.value = '0'; one.dispatchEvent(new Event('input')); }"
    )
    opened.locator("#reset").evaluate("(one) => one.click()")
    opened.check("input[value=main]")
    after = opened.locator("#counties td").all_text_contents()
    # the trial's three columns stay filled, hidden, after a reset
    shown = opened.locator("#counties td").evaluate_all(
        "all => all.map((one) => !one.classList.contains('trial'))"
    )
    assert [a for a, keep in zip(after, shown, strict=True) if keep] == [
        b for b, keep in zip(before, shown, strict=True) if keep
    ]


def test_axe_finds_no_serious_violation(browser, file):
    axe = Path(importlib.util.find_spec("axe_core_python").origin).with_name("axe.min.js").read_text("utf-8")
    context = browser.new_context(offline=True, bypass_csp=True, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    page.goto(file.as_uri())
    page.evaluate(axe)
    page.evaluate("document.querySelectorAll('details').forEach((one) => (one.open = true))")
    page.locator("#lever-0").press("ArrowRight")
    whole = page.evaluate("axe.run(document, {resultTypes: ['violations']})")
    page.click("#language")
    page.locator("#counties button.open").first.click()
    dialog = page.evaluate("axe.run('#statement', {resultTypes: ['violations']})")
    context.close()
    for found in (whole, dialog):
        assert found["passes"]
        assert [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")] == []
