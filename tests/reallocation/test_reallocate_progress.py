"""The progress table of a reallocation is read with every fault at once."""

from __future__ import annotations

from datetime import date

import pytest

from allocator.faults import BadInput
from allocator.reallocation.progress import read_progress
from tests.reallocation.reallocate_cases import DAY, LATE, MONEY, money_of, scenario, write


def test_table_is_read(tmp_path):
    loaded = scenario(tmp_path / "plan")
    path = write(
        tmp_path / "p.csv",
        "code,county,stream,allocated,paid,committed,planned_start,started,exempt,batch\n"
        '150101,县0,grant,"150",100,0,2025/3/1,,季节,1\n'
        "150101,县0,grant,250,20,30,2025-04-01,2025-05-01,,1\n"
        "150102,县1,grant,,300,,,是,,1\n",
    )
    progress = read_progress(path, loaded, money_of(loaded, MONEY), DAY)
    one, two, three = progress.rows
    assert (one.allocated, one.idle, one.exempt) == (150, 50, "季节")
    assert one.dates["planned_start"] == LATE
    assert two.started == date(2025, 5, 1)
    assert (three.allocated, three.committed, three.started) == (300, 0, True)


def test_every_fault_of_the_table_is_said_at_once(tmp_path):
    loaded = scenario(tmp_path / "plan")
    path = write(
        tmp_path / "p.csv",
        "code,county,stream,use,allocated,paid,committed,planned_start\n"
        "150109,,grant,,1,0,0,\n"
        "150101,县9,grants,,400,0,0,\n"
        "150102,,grant,road,300,0,0,\n"
        "150102,,grant,,300,5%,-1,2025-02-30\n"
        "150201,,grant,,200,190,20,\n",
    )
    with pytest.raises(BadInput) as error:
        read_progress(path, loaded, money_of(loaded, MONEY), DAY)
    found = [(f.place.line, f.place.column) for f in error.value.faults]
    assert found == [
        (2, "code"), (3, "stream"), (3, "county"), (4, "use"), (5, "paid"), (5, "committed"),
        (5, "planned_start"), (6, "paid"),
    ]  # fmt: skip


def test_rows_must_add_up_to_what_was_issued(tmp_path):
    loaded = scenario(tmp_path / "plan")
    path = write(
        tmp_path / "p.csv",
        "code,stream,use,allocated,paid,committed\n"
        "150101,grant,,399,0,0\n"
        "150102,grant,industry,180,0,0\n"
        "150102,grant,roads,119,0,0\n"
        "150201,grant,industry,150,0,0\n"
        "150201,grant,,50,0,0\n",
    )
    with pytest.raises(BadInput) as error:
        read_progress(path, loaded, money_of(loaded, MONEY), DAY)
    said = [f.say("en") for f in error.value.faults]
    assert "rows add up to 399 allocated, 400 was issued" in said[0]
    assert "grant/roads: rows add up to 119 allocated, 120 was issued" in said[1]
    # 150201 does not name the use in all its rows: only the sum counts, and it fits
    assert len(said) == 2


def test_projects_stand_under_their_account(tmp_path):
    """The account has 400; its two projects 150 and 100: what they leave is 150, of which 50 paid."""
    loaded = scenario(tmp_path / "plan")
    path = write(
        tmp_path / "p.csv",
        "code,stream,project,allocated,paid,committed,planned_start,date\n"
        "150101,grant,,400,120,20,,2025-08-31\n"
        "150101,grant,,400,10,0,,2025-07-31\n"
        "150101,grant,a,150,70,0,,2025-08-31\n"
        "150101,grant,b,100,0,20,2025-03-01,2025-08-31\n"
        "150101,grant,b,100,100,0,2025-03-01,2025-10-31\n",
    )
    progress = read_progress(path, loaded, money_of(loaded, MONEY), DAY)
    shown = [(r.project, int(r.allocated), int(r.paid), int(r.committed)) for r in progress.rows]
    assert shown == [("", 150, 50, 0), ("a", 150, 70, 0), ("b", 100, 0, 20)]
    path.write_text(
        "code,stream,project,allocated,paid,committed\n150101,grant,,400,20,0\n150101,grant,a,300,30,0\n"
    )
    with pytest.raises(BadInput, match="projects add up to more than their account"):
        read_progress(path, loaded, money_of(loaded, MONEY), DAY)
