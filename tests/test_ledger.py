"""The ledger: what is appended can be read back and proved; any later edit is found in its row."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.committed import read_committed
from allocator.input.tables import Record, Table, read_table
from allocator.ledger import (
    COLUMNS,
    chained,
    decided,
    entries,
    entry_rows,
    is_ledger,
    ledger_faults,
    opening_rows,
    without_decided,
)
from reports.ledger_file import appended, fresh_ledger
from tests import builders

COMMON = {"year": "2025", "unit": "万元", "step": "1", "date": "2025-03-01"}
TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00\r\n"), max_size=8).map(str.strip)
ROW = st.fixed_dictionaries(
    {
        "code": st.sampled_from(builders.CODES),
        "county": TEXT,
        "source": TEXT,
        "stream": st.sampled_from(["central", "regional"]),
        "batch": st.sampled_from(["1", "2", "提前"]),
        "use": st.sampled_from(["industry", "roads"]),
        "amount": st.integers(0, 10**9).map(str),
    }
)


def rows_of(amounts, number=1, result="", previous=""):
    """Rows of one entry with their chain."""
    rows = [
        {"code": code, "stream": stream, "use": use, "amount": str(amount)}
        for (code, stream, use), amount in amounts.items()
    ]
    return chained(entry_rows(rows, number, {**COMMON, "result": result}), previous)


def table_of(rows, columns=COLUMNS):
    return Table("ledger.csv", tuple(columns), tuple(Record(k, dict(r)) for k, r in enumerate(rows, 2)))


TWO = [
    *(first := rows_of({("150101", "central", "industry"): 40, ("150202", "regional", "livelihood"): 5})),
    *rows_of({("150101", "central", "industry"): 60}, 2, "ab" * 32, first[-1]["chain"]),
]


def test_chain_is_what_the_docstring_says():
    previous = ""
    for row in TWO:
        cells = [row[c] for c in COLUMNS if c != "chain"]
        text = json.dumps([previous, *cells], ensure_ascii=False, separators=(",", ":"))
        previous = hashlib.sha256(text.encode()).hexdigest()
        assert row["chain"] == previous


def test_rows_of_a_ledger_add_up():
    found, faults = read_committed(table_of(TWO), builders.scenario(), builders.counties())
    assert faults == []
    assert found == {(0, "central", "industry"): Fraction(100), (3, "regional", "livelihood"): Fraction(5)}


def test_a_plain_table_still_refuses_two_rows_of_one_cell():
    columns = ("code", "stream", "use", "amount")
    row = {"code": "150101", "stream": "central", "use": "industry", "amount": "1"}
    _, faults = read_committed(table_of([row, row], columns), builders.scenario(), builders.counties())
    assert [f.what.en for f in faults] == ["this county, stream and use stand twice, first in row 2"]
    assert not is_ledger(table_of([row], columns))


def test_entries_and_what_results_decided():
    first, second = entries(table_of(TWO))
    assert (first.number, first.result, first.streams) == (1, "", ("central", "regional"))
    assert second.total("central") == 60
    assert list(decided(table_of(TWO))) == ["central"]


def test_decided_streams_have_nothing_left_to_decide():
    scenario = builders.scenario()
    changed, said = without_decided(scenario, table_of(TWO))
    assert changed.streams["central"].budget == 0
    assert changed.streams["regional"].budget == 100
    (notice,) = said
    assert "entry 2" in notice.en
    assert "budget in the scenario is 1000" in notice.en
    plain, nothing = without_decided(scenario, table_of(rows_of({("150101", "central", "roads"): 1})))
    assert (plain, nothing) == (scenario, ())


def test_adjustments_of_decided_streams_go_with_them():
    items = [
        {"county": code, "stream": stream, "amount": Decimal(amount), "reason": "灾后"}
        for stream in ("central", "regional")
        for code, amount in (("150201", 1), ("150202", -1))
    ]
    scenario = builders.scenario(adjustments={"limit": Decimal("0.1"), "items": items})
    changed, _ = without_decided(scenario, table_of(TWO))
    assert [item.stream for item in changed.adjustments.items] == ["regional", "regional"]


def test_opening_rows_keep_money_and_fill_in_names():
    columns = ("code", "stream", "use", "amount")
    rows = [dict(zip(columns, v, strict=True)) for v in (("150101", "central", "roads", "1,200.50"),
                                                         ("150102", "central", "roads", "0"))]  # fmt: skip
    known = {"150101": {"county": "甲县"}, "central": {"source": "central", "batch": "1"}}
    (row,) = opening_rows(table_of(rows, columns), known)
    assert row == {
        "county": "甲县",
        "source": "central",
        "batch": "1",
        "code": "150101",
        "stream": "central",
        "use": "roads",
        "amount": "1200.5",
    }


@settings(max_examples=40)
@given(st.lists(st.lists(ROW, min_size=1, max_size=4), min_size=1, max_size=3), st.data())
def test_any_edit_of_any_cell_is_found_in_its_row(batches, data):
    rows = []
    for number, batch in enumerate(batches, 1):
        rows += chained(entry_rows(batch, number, COMMON), rows[-1]["chain"] if rows else "")
    scenario = builders.scenario()
    assert ledger_faults(table_of(rows), scenario) == []
    k = data.draw(st.integers(0, len(rows) - 1))
    column = data.draw(st.sampled_from(COLUMNS))
    other = data.draw(TEXT.filter(lambda text: text != rows[k][column]))
    edited = [dict(row) for row in rows]
    edited[k][column] = other
    broken = [f.place for f in ledger_faults(table_of(edited), scenario) if f.place.column == "chain"]
    assert broken[0].line == k + 2
    # an edited digest breaks the row after it as well, and nothing else is accused
    assert [place.line for place in broken] == ([k + 2, k + 3] if column == "chain" else [k + 2])[
        : len(rows) - k
    ]


@settings(max_examples=40)
@given(st.lists(ROW, min_size=2, max_size=6), st.data())
def test_rows_taken_away_put_in_or_moved_are_found(batch, data):
    rows = chained(entry_rows(batch, 1, COMMON), "")
    k = data.draw(st.integers(0, len(rows) - 1))
    kind = data.draw(st.sampled_from(["drop", "repeat", "swap"]))
    changed = list(rows)
    if kind == "drop":
        del changed[k]
    elif kind == "repeat":
        changed.insert(k, rows[k])
    else:
        changed[k], changed[k - 1] = changed[k - 1], changed[k]
    assert ledger_faults(table_of(changed), builders.scenario())


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("last", [True, False])
def test_appending_keeps_bytes_line_ends_encoding_and_order(tmp_path, end, encoding, separator, last):
    columns = [*reversed(COLUMNS)]
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=separator, lineterminator=end)
    writer.writerow(columns)
    writer.writerows([row[c] for c in columns] for row in TWO)
    before = text.getvalue().encode(encoding)
    before = before if last else before.removesuffix(end.encode())
    more = rows_of({("150201", "regional", "livelihood"): 7}, 3, "cd" * 32, TWO[-1]["chain"])
    content = appended(before, "ledger.csv", more)
    assert content.startswith(before)
    assert content.endswith(end.encode())
    assert content.replace(b"\r\n", b"").count(b"\n") == (0 if end == "\r\n" else 5)
    path = tmp_path / "ledger.csv"
    path.write_bytes(content)
    table = read_table(path, "ledger.csv")
    assert [r.cells for r in table.records] == [{**row} for row in [*TWO, *more]]
    assert ledger_faults(table, builders.scenario()) == []


def test_a_new_ledger_is_utf8_with_bom_and_reads_back(tmp_path):
    path = tmp_path / "ledger.csv"
    path.write_bytes(fresh_ledger(TWO))
    assert path.read_bytes().startswith(b"\xef\xbb\xbfentry,rows,date,year,code")
    table = read_table(path, "ledger.csv")
    assert table.columns == COLUMNS
    assert ledger_faults(table, builders.scenario()) == []


@pytest.mark.parametrize(
    ("changes", "column", "what"),
    [
        ({"year": 2024}, "year", "the ledger says ‘2025’, the scenario 2024"),
        ({"unit": "元"}, "unit", "the ledger says ‘万元’, the scenario 元"),
    ],
)
def test_another_year_or_unit(changes, column, what):
    (fault,) = ledger_faults(table_of(TWO), builders.scenario(**changes))
    assert (fault.place.column, fault.place.line, fault.what.en) == (column, 2, what)


def test_a_missing_column_is_named():
    columns = [c for c in COLUMNS if c != "result"]
    (fault,) = ledger_faults(table_of(TWO, columns), builders.scenario())
    assert fault.place.column == "result"


def test_a_soundly_chained_double_entry_is_refused_all_the_same():
    again = rows_of({("150201", "central", "roads"): 1}, 3, "ef" * 32, TWO[-1]["chain"])
    (fault,) = ledger_faults(table_of([*TWO, *again]), builders.scenario())
    assert fault.what.en == "entry 2 holds the stream central already"


def test_an_entry_cut_short_or_misnumbered_is_named():
    rows = entry_rows([dict(r) for r in TWO[:2]], 7, COMMON)
    first, second = ledger_faults(table_of(chained(rows[:1], "")), builders.scenario())
    assert first.what.en == "this should be entry 1"
    assert second.what.en == "entry 7 says ‘2’ rows and has 1"
