"""The page as a file: self-contained, escaped, the same bytes again, and its figures those of the result."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import re
from collections import Counter
from dataclasses import replace
from fractions import Fraction
from html.parser import HTMLParser

import pytest

from allocator.cli.main import run
from allocator.text import one_line
from allocator.verdict import judge
from reports.page.page import page_files, script_json
from reports.report_input import read_report
from reports.study.input import StudyFolder
from tests.builders import YAML, write_scenario
from tests.reports.page_samples import hostile_result, studied

OURS = {
    "span", "bdi", "td", "th", "tr", "button", "div", "tbody", "thead", "tfoot", "table", "caption", "dt",
    "dd", "dl", "li", "ul", "h1", "h2", "h3", "p", "label", "small", "strong", "a", "input", "option",
    "details", "summary", "section", "meta", "script", "style", "select", "dialog", "html", "head", "title",
    "body", "header", "nav", "main", "form", "fieldset", "legend", "output", "pre", "code", "figure",
    "figcaption", "article", "svg", "path", "text", "defs", "rect", "clippath", "pattern", "use", "g",
}  # fmt: skip


class Reader(HTMLParser):
    """Tags, attributes, texts and scripts of a page, read by the standard library."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: Counter[str] = Counter()
        self.attributes: list[tuple[str, str]] = []
        self.texts: list[str] = []
        self.scripts: dict[str, str] = {}
        self.rows: list[list[str]] = []
        self._script: str | None = None
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags[tag] += 1
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag == "tr":
            self.rows.append([])
        if tag in ("td", "th") and self.rows:
            self.rows[-1].append("")
        if tag in ("script", "style"):
            self._script = dict(attrs).get("id") or tag

    def handle_endtag(self, tag):
        if tag in ("script", "style"):
            self._script = None

    def handle_data(self, data):
        if self._script is not None:
            self.scripts[self._script] = self.scripts.get(self._script, "") + data
        else:
            self.texts.append(data)
            if self.rows and self.rows[-1]:
                self.rows[-1][-1] += data

    def data(self, name):
        return json.loads(self.scripts[f"data-{name}"])


@pytest.fixture(scope="module")
def result():
    return studied()


@pytest.fixture(scope="module")
def page(result):
    return page_files(read_report(result), "zh")["report.html"].decode()


@pytest.fixture(scope="module")
def hostile():
    return hostile_result()


def rows_of(path):
    return list(csv.DictReader(path.read_text("utf-8-sig").splitlines()))


def allocation(result):
    rows = rows_of(result / "allocation.csv")
    return [(r["code"], r["prefecture"], r["stream"], r["use"], int(r["amount"])) for r in rows]


def plain(rows, first):
    """The first row whose heading begins so, without spacing."""
    return next([cell.strip() for cell in row] for row in rows if row and row[0].strip().startswith(first))


def test_nothing_is_asked_from_outside_and_only_our_own_script_may_run(page):
    read = Reader(page)
    policy = next(value for name, value in read.attributes if name == "content" and "-src" in value)
    for kind, name in (("script-src", "script"), ("style-src", "style")):
        digest = base64.b64encode(hashlib.sha256(read.scripts[name].encode()).digest()).decode()
        assert f"{kind} 'sha256-{digest}'" in policy
    assert policy.startswith("default-src 'none'; ")
    assert "unsafe" not in policy
    for name, value in read.attributes:
        assert not name.startswith("on")
        assert name not in ("style", "src", "srcset", "action")
        if name == "href":
            assert value.startswith("#")
    assert "url(" not in read.scripts["style"]
    assert "http" not in read.scripts["script"].replace("http://www.w3.org/2000/svg", "")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacent|document\.write|\beval\b", read.scripts["script"]
    )


def test_same_result_gives_the_same_bytes_in_each_language(result, page):
    assert page_files(read_report(result), "zh")["report.html"].decode() == page
    english = page_files(read_report(result), "en")["report.html"].decode()
    assert '<html lang="en">' in english
    assert '<html lang="zh-CN">' in page
    assert "<title" in english
    assert ">Four counties</title>" in english
    assert ">四旗县测算</title>" in page


def test_the_table_adds_up_to_the_allocation_as_it_was_written(result, page):
    written = allocation(result)
    read = Reader(page)
    names = {"150101": "甲县", "150102": "乙县", "150201": "丙旗", "150202": "丁区"}
    for code, name in names.items():
        paid = sum(amount for c, *_, amount in written if c == code)
        assert plain(read.rows, f"{name} {code}")[2] == f"{paid:,}"
    for prefecture in ("东盟", "西市"):
        paid = sum(amount for _, p, *_, amount in written if p == prefecture)
        row = next(row for row in read.rows if row[0].strip().startswith(prefecture) and "小计" in row[0])
        assert row[2].strip() == f"{paid:,}"
    assert plain(read.rows, "合计Total")[2] == "1,100"
    columns = {column["name"]: column for column in read.data("table")["columns"]}
    codes = read.data("table")["codes"]
    for which, at in (("stream", 2), ("use", 3)):
        keys = {row[at] for row in written}
        for key in keys:
            told = columns[f"{which}.{key}"]["values"]
            assert told == [sum(r[4] for r in written if r[0] == code and r[at] == key) for code in codes]


def test_every_statement_adds_up_to_what_is_paid(result, page):
    written = allocation(result)
    read = Reader(page)
    codes, told = read.data("table")["codes"], read.data("statements")
    for code, own in zip(codes, told["counties"], strict=True):
        names = [("central", "regional")[s] for s in own["streams"]]
        paid = [sum(r[4] for r in written if (r[0], r[2]) == (code, name)) for name in names]
        assert own["paid"] == paid
        columns = list(zip(*[[cell or 0 for cell in row[1:]] for row in own["rows"]], strict=True))
        assert [sum(column) for column in columns] == [*paid, sum(paid)]
    clauses = {part["clause"] for part in told["parts"]}
    assert "三（一）" in clauses


def test_first_screen_and_rules_say_what_the_files_say(result, page):
    read = Reader(page)
    text = " ".join("".join(read.texts).split())
    rows = rows_of(result / "rules.csv")
    assert f"核验 {len(rows)} 行" in text
    assert "全部符合" in text
    assert "四个旗县都稳。" in text
    floor = [row for row in rows if row["rule"] == "use_share_floor"]
    least = min(Fraction(row["slack"]) / Fraction(row["right"]) for row in floor)
    tight = next(row for row in floor if Fraction(row["slack"]) / Fraction(row["right"]) == least)
    shown = plain(read.rows, "用途占比下限")
    assert shown[1].startswith(tight["where"])
    before, now = 1000, sum(amount for c, *_, amount in allocation(result) if c != "150202")
    assert f"{'+' if now > before else '−'}{abs(now - before)} 万元" in text


def test_a_broken_rule_is_said_first(result):
    report = read_report(result)
    whole = report.whole.copy()
    streams, uses = report.loaded.problem.stream_names, report.loaded.problem.use_names
    where = 0, streams.index("central")
    moved = whole[*where, uses.index("industry")]
    whole[*where, uses.index("industry")] -= moved
    whole[*where, uses.index("livelihood")] += moved
    verdict = judge(report.loaded.problem, report.loaded.rows, whole)
    page = page_files(replace(report, whole=whole, verdict=verdict, study=None), "zh")["report.html"].decode()
    first = page.index("不符合")
    assert first < page.index('<section id="table"')
    assert f"{len(verdict.broken)} 行不符合" in page
    assert "全部符合" not in page


def test_hostile_names_come_out_as_text(hostile):
    report = read_report(hostile)
    for lang in ("zh", "en"):
        page = page_files(report, lang)["report.html"].decode()
        read = Reader(page)
        assert set(read.tags) <= OURS - {"figure", "svg"}
        assert read.tags["script"] == 3
        assert not any(name.startswith("on") for name, _ in read.attributes)
        names = read.data("table")["names"]
        # characters that hide or turn what follows are left out
        assert names == list(map(one_line, report.loaded.counties.names))
        said = "".join(read.texts)
        for name in names:
            assert name in said
        assert not set("\u202e\u2028") & set(page)
        assert "<script>alert(1)</script>" in said
        assert "救灾" in json.dumps(read.data("statements"), ensure_ascii=False)
        for block in ("table", "statements"):
            assert not set("<>&\u2028\u2029") & set(read.scripts[f"data-{block}"])


def test_json_in_a_script_can_not_end_it_and_reads_back():
    value = {"</script>": ["<!--", "&lt;", "\u2028\u2029", '"', "\\", 2**60]}
    written = str(script_json(value))
    assert not set("<>&\u2028\u2029") & set(written)
    assert json.loads(written) == value


def test_without_a_study_the_page_says_how_to_make_one(hostile):
    page = page_files(read_report(hostile), "zh")["report.html"].decode()
    read = Reader(page)
    assert "allocator sensitivity RESULT -o RESULT/sensitivity" in "".join(read.texts)
    assert read.tags["svg"] == 0
    assert "data-sliders" not in read.scripts
    assert 'id="whatif"' not in page


def test_charts_keep_their_words_and_stand_under_their_findings(result, page):
    read = Reader(page)
    svg = (result / "sensitivity" / "tornado.svg").read_text("utf-8")
    words = [w for w in re.findall(r"<!-- (.*?) -->", svg) if w]
    text = "".join(read.texts)
    assert read.tags["svg"] == 3
    assert read.tags["figcaption"] == 3
    assert [word for word in words if word.strip() not in text] == []
    # the drawing loses its heading, which the page says
    title = re.findall(r"<!-- (产业占比.*?) -->", svg)[0]
    drawings = re.findall(r'<svg class="chart".*?</svg>', page, re.S)
    assert len(drawings) == 3
    assert title in page
    assert not any(title in drawing for drawing in drawings)
    assert len(page.encode()) < 400_000


def test_a_chart_that_can_not_be_made_small_stands_as_its_picture(result, monkeypatch):
    report = read_report(result)
    strange = (
        b'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M 0 0 A 1 1 0 0 0 1 1"/></svg>'
    )
    pictures = {"svg": strange, "png": b"\x89PNG of ours"}
    monkeypatch.setattr(StudyFolder, "picture", lambda self, chart, ending: pictures[ending])
    read = Reader(page_files(report, "zh")["report.html"].decode())
    wanted = f"data:image/png;base64,{base64.b64encode(pictures['png']).decode()}"
    assert [value for name, value in read.attributes if name == "src"] == [wanted] * 3
    assert read.tags["svg"] == 0
    assert "四个旗县都稳" in [value for name, value in read.attributes if name == "alt"]


def test_tables_behind_charts_show_the_csv_and_what_is_impossible(page):
    tables = Reader(page).data("charts")
    sweep = tables["weight-main.people"]
    assert sweep["head"][3:] == ["0", "1"]
    assert sweep["rows"] == [
        ["150101", "甲县", "东盟", "250.3", ["无解", "impossible"]],
        ["150102", "乙县", "东盟", "1,749.8", ["无解", "impossible"]],
    ]
    tornado = tables["tornado"]
    assert tornado["rows"][1] == [
        *(["上限", "cap"], ["参数", "parameter"], "0.3", ["升", "raised"], "0.31"),
        *(["无解", "impossible"], ""),
    ]
    assert "uncertainty" not in tables


def test_report_command_writes_the_page_beside_the_result_and_elsewhere(result, tmp_path, capsys):
    out = tmp_path / "elsewhere"
    assert run(["report", str(result), "--to", "html", "-o", str(out), "--lang", "zh"]) == 0
    assert (out / "report.html").read_bytes() == page_files(read_report(result), "zh")["report.html"]


def test_rewards_and_deductions_have_their_own_line(tmp_path):
    incentive = "incentive: {score: people, mode: reward_and_deduct, bands: {'0': -0.02, '3': 0.02}}"
    text = YAML.replace("budget: 1000, formula", f"budget: 1000, {incentive}, formula")
    assert text != YAML
    folder = write_scenario(tmp_path / "plan", yaml=text)
    assert run(["solve", str(folder), "-o", str(tmp_path / "out")]) == 0
    page = page_files(read_report(tmp_path / "out"), "zh")["report.html"].decode()
    assert "奖励与扣减" in page


def test_charts_drawn_in_both_languages_switch_with_the_page(result, monkeypatch):
    monkeypatch.setattr(
        StudyFolder, "in_language", lambda self, chart, ending, lang: self.picture(chart, ending)
    )
    page = page_files(read_report(result), "zh")["report.html"].decode()
    read = Reader(page)
    assert [value for name, value in read.attributes if name == "class"].count("chart zh") == 3
    assert [value for name, value in read.attributes if name == "class"].count("chart en") == 3
    ids = [value for name, value in read.attributes if name == "id"]
    assert len(ids) == len(set(ids))
    assert "Words inside the pictures" not in page
