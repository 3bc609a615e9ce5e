"""Export: what each form of file reads back as, and what a delta does when it is applied."""

from __future__ import annotations

import csv
import io
import json
import sqlite3
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction

import frictionless
import openpyxl
import pyarrow
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from allocator.faults import BadInput
from reports.csv_files import ENCODINGS, csv_bytes
from reports.export.delta import counts, delta_table
from reports.export.files import KINDS, export_files, export_tables
from reports.export.parquet import parquet_bytes
from reports.export.rows import COLUMNS, HEADER, KEY, export_table, yuan
from reports.export.sqlite import apply_bytes, create, sqlite_bytes
from reports.export.xlsx import xlsx_bytes
from tests import builders
from tests.reports.published import HOSTILE, report

AMOUNT = HEADER.index("amount")


# --- readers of the files, none of them ours


def typed(column, text):
    """A cell of a file of text, by what the schema says of its column."""
    if text is None or text == "":
        return None
    return {"number": Decimal, "integer": int}.get(column.kind, str)(text)


def from_csv(content, columns, encoding):
    rows = list(csv.reader(io.StringIO(content.decode(encoding), newline="")))
    assert tuple(rows[0]) == tuple(column.name for column in columns)
    return [tuple(typed(c, v) for c, v in zip(columns, row, strict=True)) for row in rows[1:]]


def from_parquet(content, columns):
    table = parquet.read_table(io.BytesIO(content))
    assert tuple(table.column_names) == tuple(column.name for column in columns)
    return [tuple(row[name] for name in table.column_names) for row in table.to_pylist()]


def from_sqlite(content, name, columns, tmp_path):
    path = tmp_path / "read.sqlite"
    path.write_bytes(content)
    connection = sqlite3.connect(path)
    try:
        rows = connection.execute(f"SELECT * FROM {name} ORDER BY rowid").fetchall()
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    finally:
        connection.close()
    return [tuple(typed(c, v) for c, v in zip(columns, row, strict=True)) for row in rows]


def from_xlsx(content, columns):
    sheet = openpyxl.load_workbook(io.BytesIO(content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    assert rows[0] == tuple(column.name for column in columns)
    assert not sheet.merged_cells.ranges
    read = []
    for row in rows[1:]:
        # what is no number must be text, so that a leading zero stays
        assert all(
            v is None or isinstance(v, str) for c, v in zip(columns, row, strict=True) if c.kind == "string"
        )
        read.append(tuple(typed(c, None if v is None else str(v)) for c, v in zip(columns, row, strict=True)))
    return read


# --- tables to write


TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30)
NAMES = st.one_of(
    TEXT, st.sampled_from(HOSTILE), st.sampled_from(["007", "1e5", " x ", "'", "NULL", "_x0041_", "\r"])
)
CODES = st.integers(0, 999_999).map("{:06}".format)
MONEY = st.decimals(0, 10**9, allow_nan=False, allow_infinity=False, places=4)


@st.composite
def tables(draw, money=MONEY, names=NAMES):
    """Tables as an export has them, with unique keys in order."""
    keys = draw(st.sets(st.tuples(CODES, names, names, names), max_size=4))
    rows = []
    for code, stream, batch, use in sorted(keys):
        some, other = draw(names), draw(st.none() | names)
        cells = {name: some if k % 3 == 0 else other if k % 3 == 1 else None for k, name in enumerate(HEADER)}
        cells |= {"year": 2025, "code": code, "stream": stream, "batch": batch, "use": use}
        cells |= {
            "fund": "bridging",
            "unit": "万元",
            "amount": draw(money),
            "amount_yuan": draw(st.none() | money),
        }
        rows.append(tuple(cells[name] for name in HEADER))
    made = export_table(report())
    return replace(made, rows=tuple(rows))


@given(tables(), st.sampled_from(ENCODINGS))
@settings(max_examples=20)
def test_csv_reads_back_equal(table, encoding):
    assert from_csv(csv_bytes(table, encoding), table.columns, encoding) == list(table.rows)


@given(tables(money=st.decimals(0, 10**40, allow_nan=False, allow_infinity=False, places=3)))
@settings(max_examples=15)
def test_parquet_reads_back_equal(table):
    assert from_parquet(parquet_bytes(table), table.columns) == list(table.rows)


@given(table=tables())
@settings(max_examples=12)
def test_sqlite_reads_back_equal(table, tmp_path_factory):
    read = from_sqlite(sqlite_bytes([table]), "allocation", table.columns, tmp_path_factory.mktemp("db"))
    assert read == list(table.rows)


PRINTED = st.text(st.characters(exclude_categories=["Cs", "Cc", "Cn"]), min_size=1, max_size=30)


@given(tables(names=st.one_of(PRINTED, st.sampled_from([*HOSTILE[:2], HOSTILE[3], "007", "_x0041", " x "]))))
@settings(max_examples=12)
def test_xlsx_reads_back_equal(table):
    assert from_xlsx(xlsx_bytes(table), table.columns) == list(table.rows)


def test_xlsx_refuses_what_a_spreadsheet_would_lose():
    table = export_table(report())
    first = list(table.rows[0])
    first[AMOUNT] = Decimal("1234567890123.4567")
    with pytest.raises(BadInput) as caught:
        xlsx_bytes(replace(table, rows=(tuple(first), *table.rows[1:])))
    assert "1234567890123.4567" in caught.value.say("en")
    assert "--to csv" in caught.value.say("en")


# --- rows


def test_rows_say_what_the_scenario_says():
    uses = {n: u.model_copy(update={"code": "2130505"}) for n, u in builders.scenario().uses.items()}
    known = builders.scenario().streams
    central = known["central"].model_copy(
        update={"document": "财农〔2025〕1号", "code": "Z0001", "level": "central", "direction": "relief"}
    )
    table = export_table(report(uses=uses, streams={**known, "central": central}))
    assert len(table.rows) == len(builders.STEPS)
    assert table.records()[0] == {
        "year": 2025,
        "code": "150101",
        "county": "甲县",
        "prefecture": "东盟",
        "stream": "central",
        "stream_title": "中央资金",
        "fund": "bridging",
        "source": "central",
        "level": "central",
        "direction": "relief",
        "batch": "1",
        "document": "财农〔2025〕1号",
        "project_code": "Z0001",
        "use": "industry",
        "use_title": "产业发展",
        "functional_code": "2130505",
        "amount": Decimal(300),
        "unit": "万元",
        "amount_yuan": Decimal("3000000.00"),
    }
    keys = [tuple(record[name] for name in KEY) for record in table.records()]
    assert keys == sorted(set(keys))
    assert sum(row[AMOUNT] for row in table.rows) == 1100


@pytest.mark.parametrize(
    ("amount", "unit", "expected"),
    [
        (Fraction("0.01"), "万元", "100.00"),
        (Fraction("0.0000001"), "万元", "0.001"),
        (Fraction(3), "亿元", "300000000.00"),
        (Fraction(7), "元", "7.00"),
        (Fraction(7), "£000", None),
    ],
)
def test_yuan(amount, unit, expected):
    found = yuan(amount, unit)
    assert (None if found is None else str(found)) == expected


# --- files


@pytest.mark.parametrize("kind", KINDS)
def test_files_are_the_same_every_time_and_have_their_schema(kind, tmp_path):
    def made():
        now = report(names=HOSTILE)
        pair = export_tables(now, report(changes={(0, "central", "roads"): 0, (1, "central", "roads"): 9}))
        return export_files(kind, pair, now, "utf-8", "zh")

    files = made()
    assert made() == files
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    if kind == "sqlite":
        assert sorted(files) == ["apply.sql", "export.sqlite", "schema.sql"]
        fresh = sqlite3.connect(":memory:")
        fresh.executescript(files["schema.sql"].decode())
        found = {name for (name,) in fresh.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        fresh.close()
        assert found == {"allocation", "delta"}
        return
    described = json.loads(files["datapackage.json"])
    assert [r["name"] for r in described["resources"]] == ["allocation", "delta"]
    assert [r["schema"]["primaryKey"] for r in described["resources"]] == [list(KEY)] * 2
    told = frictionless.validate(str(tmp_path / "datapackage.json"))
    if kind == "parquet":  # frictionless reads it only with a plugin
        assert parquet.read_schema(tmp_path / "allocation.parquet").field(
            "amount"
        ).type == pyarrow.decimal128(38, 0)
    else:
        assert told.valid, told.flatten(["type", "message"])


def test_another_year_or_unit_has_no_delta():
    with pytest.raises(BadInput) as caught:
        export_tables(report(), report(year=2024, unit="元"))
    assert len(caught.value.faults) == 2
    assert "2024" in caught.value.say("zh")


# --- deltas


def applied(rows, delta):
    """The documented rule, row by row in the file's order: the slow and independent way."""
    held = {tuple(row[HEADER.index(k)] for k in KEY): row for row in rows}
    for operation, *cells, _ in delta.rows:
        key = tuple(cells[HEADER.index(k)] for k in KEY)
        if operation == "delete":
            held.pop(key, None)
        else:
            assert operation in ("update", "insert")
            held[key] = tuple(cells)
    return sorted(held.values(), key=lambda row: [row[HEADER.index(k)] for k in KEY])


@st.composite
def pairs(draw):
    """Two tables that share some of their rows, some of these changed."""
    old = draw(tables())
    new = {tuple(row[HEADER.index(k)] for k in KEY): row for row in draw(tables()).rows}
    for row in old.rows:
        change = draw(st.sampled_from(["drop", "keep", "amount", "title"]))
        place = HEADER.index("amount" if change == "amount" else "county")
        cells = list(row)
        if change in ("amount", "title"):
            cells[place] = draw(MONEY if change == "amount" else NAMES)
        if change != "drop":
            new[tuple(row[HEADER.index(k)] for k in KEY)] = tuple(cells)
    return old, replace(old, rows=tuple(new[key] for key in sorted(new)))


@given(pairs())
@settings(max_examples=20)
def test_a_delta_makes_the_old_the_new_and_again_changes_nothing(pair):
    old, new = pair
    delta = delta_table(old, new)
    assert applied(old.rows, delta) == list(new.rows)
    assert applied(new.rows, delta) == list(new.rows)
    # each key once, and the operations in the order in which they apply
    places = [delta.header.index(k) for k in KEY]
    keys = [tuple(row[place] for place in places) for row in delta.rows]
    assert len(set(keys)) == len(keys)
    order = [("delete", "update", "insert").index(row[0]) for row in delta.rows]
    assert order == sorted(order)
    assert delta_table(new, new).rows == ()
    before = {tuple(row[HEADER.index(k)] for k in KEY): row[AMOUNT] for row in old.rows}
    assert [row[-1] for row in delta.rows] == [before.get(key) for key in keys]


def filled(connection, schema, table):
    """The table with its rows, in one of the databases of a connection."""
    made = create(table).replace("CREATE TABLE ", f"CREATE TABLE {schema}.", 1)
    connection.execute(made)
    marks = ", ".join("?" * len(table.columns))
    values = [[str(c) if isinstance(c, Decimal) else c for c in row] for row in table.rows]
    connection.executemany(f"INSERT INTO {schema}.{table.name} VALUES ({marks})", values)


def run_delta(old, delta):
    """The receiver's table after apply.sql, run twice, by SQLite; it has a stale delta of its own."""
    receiver = sqlite3.connect(":memory:", isolation_level=None)
    try:
        receiver.execute("ATTACH ':memory:' AS export")
        filled(receiver, "main", old)
        filled(receiver, "main", replace(delta, rows=tuple(("delete", *row, None) for row in old.rows)))
        filled(receiver, "export", delta)
        seen = []
        for _ in range(2):
            receiver.executescript(apply_bytes(old, "en").decode())
            seen.append(receiver.execute(f"SELECT * FROM allocation ORDER BY {', '.join(KEY)}").fetchall())
    finally:
        receiver.close()
    return seen


@given(pairs())
@settings(max_examples=15)
def test_apply_sql_does_what_the_rule_says(pair):
    old, new = pair
    once, twice = run_delta(old, delta_table(old, new))
    expected = [tuple(str(c) if isinstance(c, Decimal) else c for c in row) for row in new.rows]
    assert once == twice == expected


def test_delta_of_a_small_change():
    old = export_table(report())
    changes = {(0, "central", "roads"): 0, (0, "central", "industry"): 410, (3, "central", "roads"): 7}
    delta = delta_table(old, export_table(report(changes=changes)))
    names = ("operation", "code", "use", "amount", "amount_yuan", "amount_before")
    found = [tuple(row[delta.header.index(n)] for n in names) for row in delta.rows]
    assert found == [
        ("delete", "150101", "roads", None, None, 110),
        ("update", "150101", "industry", 410, Decimal("4100000.00"), 300),
        ("insert", "150202", "roads", 7, Decimal("70000.00"), None),
    ]
    assert counts(delta) == {"delete": 1, "update": 1, "insert": 1}
    assert delta.header[0] == "operation"


def test_columns_have_one_meaning_each():
    assert len(set(HEADER)) == len(COLUMNS)
    assert all(column.description.zh and column.description.en for column in COLUMNS)
