"""Years one after another: the same as solving by hand; the ratchet exact; plans and their faults."""

from __future__ import annotations

import csv
import json
import shutil
from fractions import Fraction as F
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.cli.main import run
from allocator.faults import BadInput
from allocator.load import BUNDLED, load
from allocator.verdict import judge
from allocator.years.decimals import places_for, round_down
from allocator.years.plan import read_plan
from allocator.years.series import read_series, run_years
from allocator.years.sources import sources_of
from reports.charts import style
from reports.charts.years import draw_years
from reports.years.chart import chart_data
from reports.years.tables import Sequel
from tests.reports.test_charts import check_texts

CODES = ("150101", "150102", "150201", "150202")
PREFECTURES = ("东盟", "东盟", "西市", "西市")
YAML = """\
name: plan-{year}
title: {{zh: 测算, en: Plan {year}}}
year: {year}
unit: 万元
step: 1
uses: {{industry: {{tags: [industry]}}, roads: {{}}}}
mix: {{industry: {mix}, roads: {rest}}}
formulas: {{main: [{{factor: people, weight: 1, value: people, as: share}}]}}
streams: {{grant: {{budget: {budget}, formula: main}}}}
rules:
  - {{kind: use_share_floor, tag: industry, not_below: last_share,
     floor: {{2023: 0.55, 2024: 0.60, 2025: 0.65}}}}
  - {{kind: change_limits, column: last_amount, lower: 0.9, upper: 1.2}}
"""
YEARS = {
    2023: ("0.63", "0.37", 997, (4, 3, 2, 1)),
    2024: ("0.5", "0.5", 1013, (3, 4, 2, 2)),
    2025: ("0.5", "0.5", 1100, (3, 3, 3, 3)),
}


def write_year(folder: Path, year: int, last=(410, 290, 190, 110), share="0.5", **changes) -> Path:
    mix, rest, budget, people = YEARS[year]
    folder.mkdir(parents=True, exist_ok=True)
    text = YAML.format(year=year, mix=mix, rest=rest, budget=changes.get("budget", budget))
    (folder / "scenario.yaml").write_text(text.replace("万元", changes.get("unit", "万元")), encoding="utf-8")
    shares = share if isinstance(share, tuple) else (share,) * 4
    with (folder / "counties.csv").open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["code", "county", "prefecture", "people", "last_amount", "last_share"])
        for k, code in enumerate(CODES):
            out.writerow([code, f"县{k}", PREFECTURES[k], people[k], last[k], shares[k]])
    return folder


@pytest.fixture
def series(tmp_path) -> Path:
    for year in YEARS:
        write_year(tmp_path / "plans" / f"p{year}", year)
    return tmp_path / "plans"


def amounts_of(path: Path) -> dict[tuple[str, str], int]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return {(r["code"], r["use"]): int(r["amount"]) for r in csv.DictReader(file)}


def by_hand(table: dict[tuple[str, str], int]) -> tuple[list[int], list[F]]:
    """Each county's amount, and its prefecture's industry share, from an allocation.csv."""
    totals = [sum(v for (c, _), v in table.items() if c == code) for code in CODES]
    shares = []
    for prefecture in PREFECTURES:
        own = [c for c, p in zip(CODES, PREFECTURES, strict=True) if p == prefecture]
        industry = sum(v for (c, u), v in table.items() if c in own and u == "industry")
        shares.append(F(industry, sum(v for (c, _), v in table.items() if c in own)))
    return totals, shares


def cut(value: F) -> str:
    """Twelve decimals, rounded down: finer than shares of some thousand steps can lie apart."""
    return f"0.{value.numerator * 10**12 // value.denominator:012d}"


def test_feeding_is_solving_by_hand(series, tmp_path):
    """Each year solved alone from a county table edited by hand gives the same bytes."""
    out = tmp_path / "out"
    assert run(["years", str(series), "-o", str(out), "--lang", "en"]) == 0
    last, share = (410, 290, 190, 110), ("0.5",) * 4
    for year in YEARS:
        folder = write_year(tmp_path / f"hand{year}", year, tuple(last), tuple(share))
        alone = tmp_path / f"alone{year}"
        assert run(["solve", str(folder), "-o", str(alone), "--lang", "en"]) == 0
        assert (out / str(year) / "allocation.csv").read_bytes() == (alone / "allocation.csv").read_bytes()
        last, exact = by_hand(amounts_of(alone / "allocation.csv"))
        share = tuple(cut(v) for v in exact)


def test_ratchet_holds_exactly_and_binds(series, tmp_path):
    """2023 reaches 63 %, more than the floor of 2024; 2025's floor of 65 % is more than both."""
    out = tmp_path / "out"
    assert run(["years", str(series), "-o", str(out), "--lang", "en"]) == 0
    reached = {y: by_hand(amounts_of(out / str(y) / "allocation.csv"))[1] for y in YEARS}
    floors = {2023: F("0.55"), 2024: F("0.60"), 2025: F("0.65")}
    for k in (0, 2):
        assert reached[2023][k] > floors[2024]
        for year in (2024, 2025):
            required = max(floors[year], reached[year - 1][k])
            assert reached[year][k] >= required
            # the preferred mix is half industry, so that the floor binds; two counties round up a cell each
            whole = sum(by_hand(amounts_of(out / str(year) / "allocation.csv"))[0][k : k + 2])
            assert reached[year][k] - F(2, whole) < required
    with (out / "shares.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    ratchets = {(int(r["year"]), r["where"]): r["ratchet"] for r in rows}
    assert {ratchets[2024, p] for p in PREFECTURES} == {"true"}
    assert {ratchets[2025, p] for p in PREFECTURES} == {"false"}
    assert all(F(r["slack"]) >= 0 for r in rows)


@given(
    st.integers(1, 60), st.integers(0, 60), st.integers(1, 40), st.sampled_from([F(1), F("0.9"), F("0.95")])
)
def test_rounded_share_judges_as_the_share_itself(whole, part, most, retain):
    """For every share a/t of at most `most` steps: neither stricter nor laxer."""
    share = F(min(part, whole), whole)
    places = len(str(most * share.denominator * retain.denominator))
    written = F(round_down(share, places))
    assert written <= share
    for t in range(1, most + 1):
        for a in range(t + 1):
            assert (F(a, t) >= retain * written) is (F(a, t) >= retain * share)


def test_places_come_from_next_years_money(series):
    """2024 has 1,013 steps; a share in 997ths needs as many places as 1,013 · 997 has digits."""
    following = load(series / "p2024")
    assert places_for(following, "last_share", [F(600, 997)]) == len("1009961")
    assert places_for(following, "last_share", []) == 4
    assert str(round_down(F(3, 5), 7)) == "0.6"
    assert str(round_down(F(1, 3), 7)) == "0.3333333"
    assert str(round_down(F(1), 7)) == "1"


def test_beyond_the_last_place_shares_are_rounded_up(series):
    """In 元 with billions of steps thirteen places do not tell all shares apart: never laxer, and said."""
    for year in (2023, 2024):
        write_year(series / f"p{year}", year, last=("",) * 4, share="", budget=4_100_000_017 + year)
    shutil.rmtree(series / "p2025")
    _, second = run_years(read_series(str(series)))
    written = second.loaded.counties.numbers["last_share"]
    for code, value in zip(CODES, written, strict=True):
        share = second.fed["last_share"][code]
        assert share < F(value) < share + F(1, 10**13)
    assert any("rounded up at decimal 13" in notice.en for notice in second.loaded.notices)


def test_a_third_is_enough_for_a_third(tmp_path):
    """Last year's share is 1/3: exactly 1/3 holds, one step less does not."""
    folder = write_year(tmp_path / "p", 2024, share=f"{round_down(F(2, 3), places=9)}", budget=900)
    loaded = load(folder)
    table = [[[200, 100]], [[200, 100]], [[100, 50]], [[100, 50]]]

    def holds(cells) -> bool:
        verdict = judge(loaded.problem, loaded.rows, np.array(cells, dtype=np.int64))
        return not [row for row in verdict.broken if row.rule == "use_share_floor"]

    assert holds(table)
    table[0] = [[199, 101]]
    assert not holds(table)


def test_year_folders_stand_alone(series, tmp_path, capsys):
    """A year's folder holds the scenario that it was solved from: it can be judged and solved again."""
    out, again = tmp_path / "out", tmp_path / "again"
    assert run(["years", str(series), "-o", str(out), "--lang", "en"]) == 0
    assert run(["verify", str(out / "2024"), str(out / "2024" / "allocation.csv")]) == 0
    assert run(["solve", str(out / "2024"), "-o", str(again), "--lang", "en"]) == 0
    for name in ("allocation.csv", "counties.csv", "rules.csv", "formula.csv", "allocation.xlsx"):
        assert (again / name).read_bytes() == (out / "2024" / name).read_bytes(), name
    # written again over itself, the same bytes but for run.json
    kept = {p: p.read_bytes() for p in out.rglob("*") if p.is_file() and p.name != "run.json"}
    assert run(["years", str(series), "-o", str(out), "--lang", "en"]) == 0
    assert {p: p.read_bytes() for p in out.rglob("*") if p.is_file() and p.name != "run.json"} == kept


def test_an_infeasible_year_stops(series, tmp_path, monkeypatch, capsys):
    """2025 with a tenth of the money cannot keep nine tenths of last year's."""
    write_year(series / "p2025", 2025, budget=110)
    monkeypatch.chdir(tmp_path)
    before = sorted(tmp_path.rglob("*"))
    assert run(["years", str(series), "--lang", "en"]) == 1
    said = capsys.readouterr()
    assert "2025 has no allocation" in said.err
    assert "change_limits" in said.err or "last year" in said.err
    assert "2024" in said.out
    assert f"allocator years {series} -o OUT" in said.err
    assert "same arguments" not in said.err
    assert sorted(tmp_path.rglob("*")) == before
    assert run(["years", str(series), "--json", "--lang", "en"]) == 1
    assert json.loads(capsys.readouterr().out)["error"] == "NoYear"


def test_json(series, capsys):
    assert run(["years", str(series), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [y["year"] for y in found["years"]] == [2023, 2024, 2025]
    assert [y["fed"] for y in found["years"]] == [
        [],
        ["last_amount", "last_share"],
        ["last_amount", "last_share"],
    ]
    assert len(found["counties"]) == 12


def plan(series: Path, text: str) -> str:
    (series / "years.yaml").write_text(text, encoding="utf-8")
    return str(series)


def test_feed_can_be_written_down(series):
    """null leaves a column as the file has it; `keep: highest` remembers the best of all years."""
    source = plan(series, "years: [p2023, p2024]\nfeed: {last_amount: null}\n")
    _, second = run_years(read_series(source))
    assert set(second.fed) == {"last_share"}
    assert [int(v) for v in second.loaded.counties.numbers["last_amount"]] == [410, 290, 190, 110]
    shutil.rmtree(series / "p2024")
    write_year(series / "p2024", 2024, share="0.5")
    write_year(series / "p2023", 2023, share="0.64")
    feed = "feed: {last_share: {of: share, tag: industry, by: prefecture, keep: highest}}\n"
    best = run_years(read_series(plan(series, "years: [p2023, p2024]\n" + feed)))[1]
    # 2023 had to reach 64 %: what it reached is the highest so far
    assert best.fed["last_share"][CODES[0]] >= F("0.64")
    own = run_years(read_series(plan(series, "years: [p2023, p2024]\n")))[1]
    assert best.fed["last_share"] == own.fed["last_share"]


def test_highest_keeps_an_earlier_year(series):
    """With shares 63 % in 2023 and no ratchet in 2024 the third year still remembers 2023."""
    text = (series / "p2024" / "scenario.yaml").read_text(encoding="utf-8")
    (series / "p2024" / "scenario.yaml").write_text(
        text.replace("not_below: last_share", "not_below: last_share, retain: 0"), encoding="utf-8"
    )
    years = "years: [p2023, p2024, p2025]\n"
    _, two, three = run_years(
        read_series(plan(series, years + "feed: {last_share: {of: share, tag: industry, keep: highest}}\n"))
    )
    assert three.fed["last_share"] == two.fed["last_share"]
    last = run_years(read_series(plan(series, years)))[2]
    assert all(last.fed["last_share"][c] < three.fed["last_share"][c] for c in CODES)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("years: [p2023, p2022]\n", "there is no scenario 'p2022'"),
        ("years: [p2023]\n", "too short|must not be empty|at least"),
        ("years: [p2023, p2025]\n", "after .*p2023 .2023. comes 2024, not .*p2025"),
        ("years: [p2024, p2023]\n", "after .*p2024 .2024. comes 2025"),
        ("years: [p2023, p2024]\nfeeds: {}\n", "unknown key 'feeds'. allowed keys: years, feed"),
        ("years: [p2023, p2024]\nfeed: {last_amounts: {of: amount}}\n", "reads no numbers from a column"),
        ("years: [p2023, p2024]\nfeed: {last_share: {of: share}}\n", "a share needs 'tag'"),
        ("years: [p2023, p2024]\nfeed: {last_share: {of: share, tag: farms}}\n", "no tag farms"),
        ("years: [p2023, p2024]\nfeed: {last_amount: {of: amount, scope: {group: g}}}\n", "no group g"),
    ],
)
def test_faults_of_a_plan(series, text, said):
    with pytest.raises(BadInput, match=said):
        run_years(read_series(plan(series, text)))


def test_faults_of_all_years_at_once(series):
    for year in (2023, 2025):
        file = series / f"p{year}" / "counties.csv"
        file.write_text(file.read_text(encoding="utf-8").replace("150102", "15010"), encoding="utf-8")
    with pytest.raises(BadInput) as error:
        read_series(str(series))
    assert [f"p{y}" in str(error.value) for y in YEARS] == [True, False, True]


def test_units_must_agree(series):
    write_year(series / "p2024", 2024, unit="元")
    with pytest.raises(BadInput, match="units differ"):
        read_series(str(series))


def test_a_name_that_leads_nowhere(tmp_path):
    with pytest.raises(BadInput, match=r"found 0.*inner-mongolia"):
        read_plan("inner-mongoli")
    with pytest.raises(BadInput, match="found 0"):
        read_plan(str(tmp_path))


def test_two_rules_that_mean_different_money_must_be_told_apart(series):
    file = series / "p2024" / "scenario.yaml"
    more = "  - {kind: change_limits, column: last_amount, lower: 0.5, scope: {uses: roads}}\n"
    file.write_text(file.read_text(encoding="utf-8") + more, encoding="utf-8")
    with pytest.raises(BadInput, match="both read this column and mean different money"):
        read_series(str(series))
    found = sources_of(
        read_plan(plan(series, "years: [p2023, p2024]\nfeed: {last_amount: {of: amount}}\n")),
        load(series / "p2024"),
    )
    assert found["last_amount"].rule.scope is None


def test_a_new_county_keeps_its_file(series):
    """2023 does not know the fourth county: its last amount stays, and that is said."""
    file = series / "p2023" / "counties.csv"
    file.write_text(
        "".join(file.read_text(encoding="utf-8").splitlines(keepends=True)[:-1]), encoding="utf-8"
    )
    write_year(series / "p2024", 2024, last=(280, 370, 185, 99))
    shutil.rmtree(series / "p2025")
    with pytest.raises(BadInput, match="differs within the prefecture"):
        run_years(read_series(str(series)))
    plan(series, "years: [p2023, p2024]\nfeed: {last_share: null}\n")
    second = run_years(read_series(str(series)))[1]
    assert second.loaded.counties.numbers["last_amount"][3] == 99
    assert any("1 counties are new" in notice.en for notice in second.loaded.notices)


@pytest.fixture(scope="module")
def mongolia():
    return run_years(read_series("inner-mongolia"))


def test_inner_mongolia(mongolia):
    """Four floors and the ratchet, recomputed from whole money; budgets spent whole."""
    floors = {2022: F("0.55"), 2023: F("0.60"), 2024: F("0.65"), 2025: F("0.70")}
    last: dict[str, F] = {}
    assert [y.number for y in mongolia] == list(floors)
    for year in mongolia:
        problem, steps = year.loaded.problem, year.allocation.steps
        industry = [u for u, use in enumerate(problem.uses.values()) if "industry" in use.tags]
        reached = {}
        for name, rows in problem.counties.prefecture_members.items():
            reached[name] = F(int(steps[rows][:, :, industry].sum()), int(steps[rows].sum()))
            assert reached[name] >= max(floors[year.number], last.get(name, F(0)))
        last = reached
        assert year.verdict.holds
        assert int(steps.sum()) == sum(problem.budgets)
    # the stated totals of each year, SOURCES.md
    assert [int(y.allocation.steps.sum()) for y in mongolia] == [330_000, 360_000, 388_000, 410_000]


def test_chart(mongolia):
    for lang in ("zh", "en"):
        data = chart_data(Sequel(mongolia), lang)
        assert len(data.rows) == 12
        for size in (style.SLIDE, style.A4):
            check_texts(draw_years(data, lang, size), size)


COMMON = ("code", "county", "prefecture", "poverty_exit", "exit_year", "key_support", "population",
          "rural_population", "minority_population", "exit_population", "monitored_population")  # fmt: skip


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_bundled_years_differ_only_where_they_say(year):
    """Real columns are those of 2025; the scenario differs in name, title, year and budgets."""
    tables = []
    for y in (year, 2025):
        with (BUNDLED / f"inner-mongolia-{y}" / "counties.csv").open(
            encoding="utf-8-sig", newline=""
        ) as file:
            tables.append([[row[c] for c in COMMON] for row in csv.DictReader(file)])
    assert tables[0] == tables[1]
    one, two = (load(f"inner-mongolia-{y}").tree.plain() for y in (year, 2025))
    for tree in (one, two):
        for key in ("name", "title", "year"):
            del tree[key]
        for stream in tree["streams"].values():
            del stream["budget"]
    assert one == two
