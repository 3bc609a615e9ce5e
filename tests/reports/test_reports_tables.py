"""The four tables of the result folder; expected figures are worked out by hand from builders.STEPS."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from fractions import Fraction

import frictionless
import pytest

from allocator.verdict import judge
from reports.allocation_table import allocation_table
from reports.county_table import county_table
from reports.csv_files import ENCODINGS, csv_bytes
from reports.formula_table import formula_table
from reports.outcome import Outcome
from reports.result import result_files
from reports.rules_table import place_label, rules_table
from tests import builders

HOSTILE = ("=cmd|' /C calc'!A0", "<script>\"x\",'y'</script>", "丙\n旗", "\u202e丁区" + "长" * 200)


def outcome_of(loaded=None, changes=None):
    source = loaded or builders.loaded()
    decided = builders.allocation(source, changes)
    return Outcome(source, decided, judge(source.problem, source.rows, decided.steps))


@pytest.fixture
def outcome():
    return outcome_of()


def test_allocation_has_a_row_for_each_cell_with_money(outcome):
    records = allocation_table(outcome).records()
    assert len(records) == len(builders.STEPS)
    assert records[0] == {
        "code": "150101",
        "county": "甲县",
        "prefecture": "东盟",
        "stream": "central",
        "source": "central",
        "batch": "1",
        "use": "industry",
        "amount": Decimal(300),
    }


def test_counties_columns_are_the_contract(outcome):
    assert county_table(outcome).header == (
        "code",
        "county",
        "prefecture",
        "formula",
        "adjustment",
        "entitlement",
        "amount",
        "departure",
        "committed",
        "total",
        "last_amount",
        "change",
        "share_of_total",
        "stream.central",
        "stream.regional",
        "use.industry",
        "use.livelihood",
        "use.roads",
        "share.industry",
        "share.capped",
    )


def test_counties_figures(outcome):
    first, _, _, last = county_table(outcome).records()
    assert first["formula"] == first["entitlement"] == Decimal("400.000000")
    assert (first["amount"], first["committed"], first["total"]) == (410, 40, 450)
    assert first["departure"] == Decimal("0.025")
    assert (first["last_amount"], first["change"]) == (450, 0)
    # 340 of 450 for industry, with 40 committed; 110 of 450 for roads
    assert (first["share.industry"], first["share.capped"]) == (Decimal("0.755556"), Decimal("0.244444"))
    assert first["share_of_total"] == Decimal("0.393013")  # 450 / 1145
    assert last["last_amount"] is None
    assert last["change"] is None


def test_ratios_are_blank_without_a_denominator():
    nothing = {cell: 0 for cell in builders.STEPS if cell[0] == 1}
    record = county_table(outcome_of(changes=nothing)).records()[1]
    assert record["share.industry"] is None
    assert record["departure"] == -1


def test_two_rules_on_a_tag_share_a_column_unless_their_scope_differs():
    rules = [
        {"kind": "use_share_cap", "id": "one", "tag": "industry", "cap": Decimal("0.9")},
        {"kind": "use_share_floor", "id": "two", "tag": "industry", "floor": Decimal("0.1")},
        {
            "kind": "use_share_cap",
            "id": "three",
            "tag": "industry",
            "cap": Decimal("0.9"),
            "scope": {"streams": ["central"]},
        },
    ]
    table = county_table(outcome_of(builders.loaded(builders.scenario(rules=rules))))
    assert [name for name in table.header if name.startswith("share.")] == ["share.industry", "share.three"]
    first = table.records()[1]
    # 乙县: 200 of 340 in all, 200 of 290 within central
    assert (first["share.industry"], first["share.three"]) == (Decimal("0.588235"), Decimal("0.689655"))
    assert "last_amount" in table.header  # the column exists though no rule names it


def test_rules_rows_line_up_with_verdict_and_prices(outcome):
    records = rules_table(outcome).records()
    assert len(records) == len(outcome.verdict.rows)
    assert [r["rule"] for r in records[:8]] == [
        "budget",
        "budget",
        "eligibility",
        "permitted_use",
        "eligibility",
        "permitted_use",
        "sign",
        "step",
    ]
    assert all(r["binding"] is None and r["dual"] is None for r in records[:8])
    floor = next(r for r in records if r["rule"] == "use_share_floor" and r["where"] == "西市")
    assert (floor["left"], floor["sense"], floor["right"], floor["slack"]) == (215, ">=", 213, 2)
    assert (floor["clause"], floor["unit"], floor["binding"], floor["level"]) == (
        "三（一）",
        "万元",
        False,
        None,
    )
    assert [r["binding"] for r in records if r["rule"] == "change_limits"] == [True] + [False] * 5


def test_slack_tells_exactly_whether_a_row_holds():
    outcome = outcome_of(changes={(3, "central", "industry"): 57, (3, "central", "livelihood"): 43})
    for record, row in zip(rules_table(outcome).records(), outcome.verdict.rows, strict=True):
        assert (record["slack"] >= 0) == (row.slack >= 0)
    assert not outcome.verdict.holds


def test_places_are_said_by_name(outcome):
    said = {(r.rule, r.where): place_label(outcome.loaded, r).zh for r in outcome.verdict.rows}
    assert said["budget", "central"] == "中央资金"
    assert said["use_share_cap", "150101"] == "甲县"
    assert said["use_share_floor", "东盟"] == "东盟"


def test_formula_is_what_loading_found(outcome):
    records = formula_table(outcome.loaded).records()
    assert records[0]["factor"] == "people"
    assert sum(Fraction(r["amount"]) for r in records) == 1100


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_csv_text_stays_as_it_is(encoding):
    outcome = outcome_of(builders.loaded(at=builders.counties(HOSTILE)))
    content = csv_bytes(county_table(outcome), encoding)
    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content.decode(encoding), newline="")))
    assert tuple(r["county"] for r in rows) == HOSTILE
    assert b"\r\n" in content


def test_amounts_show_the_decimals_of_the_step():
    outcome = outcome_of(builders.loaded(builders.scenario(step=Decimal("0.01"))))
    amounts = csv_bytes(allocation_table(outcome), "utf-8").decode().splitlines()[1].rsplit(",", 1)[1]
    assert amounts == "3.00"
    tens = outcome_of(builders.loaded(builders.scenario(step=Decimal(10))))
    assert allocation_table(tens).records()[0]["amount"] == 3000
    assert ",3000" in csv_bytes(allocation_table(tens), "utf-8").decode()


@pytest.mark.parametrize("encoding", ENCODINGS)
@pytest.mark.parametrize("names", [builders.NAMES, HOSTILE])
@pytest.mark.filterwarnings("ignore")
def test_datapackage_is_valid(tmp_path, encoding, names):
    outcome = outcome_of(builders.loaded(at=builders.counties(names)))
    for name, content in result_files(outcome, encoding=encoding).items():
        (tmp_path / name).write_bytes(content)
    report = frictionless.validate(str(tmp_path / "datapackage.json"))
    assert report.valid, report.flatten(["type", "message"])
    described = {r["path"] for r in json.loads((tmp_path / "datapackage.json").read_bytes())["resources"]}
    assert described == {"allocation.csv", "counties.csv", "rules.csv", "formula.csv"}


@pytest.mark.filterwarnings("ignore")
def test_datapackage_would_notice_a_wrong_code(tmp_path, outcome):
    for name, content in result_files(outcome, encoding="utf-8").items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "allocation.csv").write_bytes(
        (tmp_path / "allocation.csv").read_bytes().replace(b"150101", b"999999")
    )
    assert not frictionless.validate(str(tmp_path / "datapackage.json")).valid


def test_same_input_same_bytes(outcome):
    again = outcome_of()
    assert result_files(outcome) == result_files(again)


def test_language_changes_titles_only(outcome):
    zh, en = result_files(outcome, lang="zh"), result_files(outcome, lang="en")
    assert {name for name in zh if zh[name] != en[name]} == {
        "allocation.xlsx",
        "datapackage.json",
        "run.json",
    }


def test_run_record_holds_what_an_auditor_needs(outcome):
    record = json.loads(result_files(outcome)["run.json"])
    assert record["kind"] == "allocator-result"
    assert record["inputs"]["counties.csv"] == {"sha256": "1" * 64}
    assert record["verdict"] == {"rows": 21, "broken": 0, "vacuous": 0, "binding": 4}
    assert record["solving"]["levels"][0]["value"] == 0.025
    assert {"python", "highspy", "pulp", "numpy", "pydantic", "allocator"} <= record["versions"].keys()
    assert record["control_totals"]["counties"] == 4
    assert set(record["files"]) == {
        "allocation.csv",
        "counties.csv",
        "rules.csv",
        "formula.csv",
        "allocation.xlsx",
        "datapackage.json",
    }
