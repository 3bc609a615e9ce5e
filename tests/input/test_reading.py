"""What is accepted: encodings, number forms, workbooks, `extends`, `--set`, groups, divisions."""

from __future__ import annotations

import contextlib
import csv
import io
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import Workbook

from allocator.faults import BadInput
from allocator.flatten import flatten
from allocator.input.divisions import divisions
from allocator.input.yaml_tree import parse_yaml
from allocator.load import BUNDLED, load
from allocator.numbers import parse_number
from tests.input.test_broken_input import COUNTIES, SCENARIO


def folder(
    path: Path, scenario=SCENARIO, counties: bytes | str | None = COUNTIES, name="counties.csv"
) -> Path:
    path.mkdir(parents=True, exist_ok=True)
    (path / "scenario.yaml").write_text(scenario, encoding="utf-8")
    if counties is not None:
        (path / name).write_bytes(counties.encode() if isinstance(counties, str) else counties)
    return path


def workbook() -> bytes:
    book = Workbook()
    for row in csv.reader(io.StringIO(COUNTIES)):
        book.active.append([float(c) if c.replace(".", "").isdigit() else c for c in row])
    stored = io.BytesIO()
    book.save(stored)
    return stored.getvalue()


def test_encodings_and_workbooks_read_alike(tmp_path):
    expected = load(folder(tmp_path / "plain")).problem.formula
    for k, data in enumerate((
        COUNTIES.encode("utf-8-sig"), COUNTIES.encode("gb18030"), COUNTIES.replace("\n", "\r\n").encode(),
        COUNTIES.replace(",", "\t").encode(), COUNTIES.replace(",", ";").encode(),
        (COUNTIES + "\n\n,,,,,,,,,\n").encode(),
    )):  # fmt: skip
        assert load(folder(tmp_path / str(k), counties=data)).problem.formula == expected
    text = SCENARIO + "counties: counties.xlsx\n"
    book = load(folder(tmp_path / "book", text, workbook(), "counties.xlsx"))
    assert book.problem.formula == expected
    assert book.counties.codes[0] == "100001"


@pytest.mark.parametrize(
    ("text", "number"),
    [("1,234,567.5", "1234567.5"), ("１２３．４", "123.4"), ("　 7 ", "7"), ("1，000", "1000"), ("+3", "3"),
     ("1e3", "1000"), (".5", "0.5"), ("-2", "-2"), ("0.10", "0.10")],
)  # fmt: skip
def test_numbers_as_people_type_them(text, number):
    assert parse_number(text) == Decimal(number)


@pytest.mark.parametrize(
    "text", ["", "1,23", "12 3", "1.2.3", "NaN", "inf", "1e400", "30%", "一百", "0x10", "1_000"]
)
def test_what_is_no_number(text):
    assert parse_number(text) is None


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**14), max_value=10**14, places=6))
def test_decimals_come_through_exactly(value):
    assert parse_number(f"{value:f}") == value
    assert parse_number(f"{value:,f}") == value


@given(st.text(max_size=30))
def test_any_text_is_a_number_or_none(text):
    parse_number(text)


@given(st.text(max_size=60))
def test_any_text_is_yaml_or_a_fault(text):
    with contextlib.suppress(BadInput):
        parse_yaml(text, "x.yaml")


def test_scalars_keep_what_was_written():
    tree = parse_yaml("{a: 0.10, b: 010101, c: '5', d: true, e: null, f: 12, g: 1e3, h: 2025-01-01}", "x")
    assert tree.plain() == {
        "a": Decimal("0.10"), "b": "010101", "c": "5", "d": True, "e": None, "f": 12, "g": Decimal("1e3"),
        "h": "2025-01-01",
    }  # fmt: skip
    assert str(tree.plain()["a"]) == "0.10"


CHILD = """\
name: child
extends: ../base
streams: {grant: {budget: 2000}, extra: null}
formulas: {main: [{factor: population, weight: 0.7}, {factor: income, weight: 0.2}]}
rules:
  - {kind: change_limits, lower: 0.6}
  - {kind: linear, left: {uses: industry}, sense: ">=", plus: 1}
"""


def test_extends_merges_by_name(tmp_path):
    folder(tmp_path / "base")
    loaded = load(folder(tmp_path / "child", CHILD, None))
    scenario = loaded.scenario
    assert scenario.name == "child"
    assert list(scenario.streams) == ["grant"]
    assert scenario.streams["grant"].budget == 2000
    assert [str(f.weight) for f in scenario.formulas["main"]] == ["0.7", "0.2", "0.1"]
    assert [r.id for r in scenario.rules] == ["use_share_floor", "change_limits", "average_parity", "linear"]
    assert scenario.rule_by_id["change_limits"].lower == Decimal("0.6")
    assert scenario.rule_by_id["change_limits"].upper == Decimal("2.0")


def test_a_rule_is_deleted_by_null(tmp_path):
    folder(tmp_path / "base")
    text = "name: child\nextends: ../base\nrules: {average_parity: null, change_limits: {upper: 3}}\n"
    scenario = load(folder(tmp_path / "child", text, None)).scenario
    assert [r.id for r in scenario.rules] == ["use_share_floor", "change_limits"]
    assert scenario.rule_by_id["change_limits"].upper == 3


def test_faults_name_the_file_they_stand_in(tmp_path):
    folder(tmp_path / "base", SCENARIO.replace("weight: 0.1,", "weight: 0.2,"))
    with pytest.raises(BadInput) as caught:
        load(folder(tmp_path / "child", "name: child\nextends: ../base\n", None))
    assert any("base/scenario.yaml" in fault.place.file for fault in caught.value.faults)


@pytest.mark.parametrize(
    ("path", "read"),
    [
        ("rules.change_limits.lower=0.7", lambda s: s.rule_by_id["change_limits"].lower),
        ("streams.grant.budget=0.7e3", lambda s: s.streams["grant"].budget / 1000),
        ("rules.use_share_floor.floor.2025=0.7", lambda s: s.rule_by_id["use_share_floor"].floor[2025]),
        ("mix={industry: 0.7, other: 0.3}", lambda s: s.mix["industry"]),
    ],
)
def test_set(path, read, tmp_path):
    assert read(load(folder(tmp_path / "plan"), [path]).scenario) == Decimal("0.7")


def test_set_may_name_a_key_that_was_left_out(tmp_path):
    assert load(folder(tmp_path / "plan"), ["objective=proportional"]).scenario.objective == "proportional"


def test_groups(tmp_path):
    text = SCENARIO.replace("groups:\n", "groups:\n  large: {where: {population: {min: 1200, max: 1500}}}\n"
                            "  towns: {where: {county: [甲县, 丁县], poor: [true, false]}}\n")  # fmt: skip
    groups = load(folder(tmp_path / "plan", text)).counties.groups
    assert groups["large"].tolist() == [False, False, True, True]
    assert groups["towns"].tolist() == [True, False, False, True]
    assert groups["poor"].tolist() == [True, False, True, False]


def inner_mongolia(tmp_path, change):
    plan = tmp_path / "plan"
    plan.mkdir()
    for file in (BUNDLED / "inner-mongolia-2025").iterdir():
        (plan / file.name).write_bytes(file.read_bytes())
    text = (plan / "counties.csv").read_text(encoding="utf-8-sig")
    (plan / "counties.csv").write_text(change(text), encoding="utf-8")
    with pytest.raises(BadInput) as caught:
        load(plan)
    return caught.value.say("en")


def test_a_missing_division_is_named(tmp_path):
    said = inner_mongolia(tmp_path, lambda t: "\n".join(x for x in t.splitlines() if "152921" not in x))
    assert "152921 阿拉善左旗" in said


def test_a_missing_prefecture_is_named(tmp_path):
    said = inner_mongolia(tmp_path, lambda t: "\n".join(x for x in t.splitlines() if "阿拉善盟" not in x))
    assert "152923" in said


def test_a_wrong_name_is_named(tmp_path):
    assert "新城区" in inner_mongolia(tmp_path, lambda t: t.replace("150102,新城区", "150102,旧城区"))


def test_the_list_is_complete():
    assert len(divisions()) == 2846
    assert sum(code.startswith("15") for code in divisions()) == 103


def test_totals_are_exact(tmp_path):
    totals = load(folder(tmp_path / "plan")).totals
    assert totals["budget_total"] == "1100"
    assert totals["columns"]["population"] == "5700"
    assert totals["counties"] == 4


def test_flat_copy_says_the_same(tmp_path):
    folder(tmp_path / "base")
    child = folder(tmp_path / "child", CHILD, None)
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, data in flatten(child, ["rules.change_limits.lower=0.55"]).items():
        (copy / name).write_bytes(data)
    one, two = load(child, ["rules.change_limits.lower=0.55"]), load(copy)
    assert one.scenario == two.scenario
    assert one.problem.formula == two.problem.formula


def test_a_bomb_is_refused_at_once():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{k}: &a{k} [{', '.join([f'*a{k - 1}'] * 10)}]" for k in range(1, 30)]
    with pytest.raises(BadInput):
        parse_yaml("\n".join(lines), "x.yaml")  # expanded it would never end
