"""The release envelope: figures by hand, and later batches that are drawn and placed in whole money."""

from __future__ import annotations

import json
import random
from decimal import Decimal
from fractions import Fraction
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from allocator.cli.main import run
from allocator.envelope.bounds import Range, corners, read_ranges
from allocator.envelope.release import envelope, expected
from allocator.faults import BadInput, NoAllocation
from allocator.load import load
from tests import builders
from tests.envelope.release import draw, placed, split, year
from tests.oracle.generate import generate


def found_in(source, *later):
    loaded = load(source)
    ranges = read_ranges(loaded, later)
    return envelope(expected(loaded, ranges), ranges)


@pytest.fixture(scope="module")
def yangquan():
    return found_in("yangquan-2024", "provincial_3=200..500")


@pytest.fixture(scope="module")
def three():
    return found_in("yangquan-2024", "provincial_2=600..800", "provincial_3=300..400")


def steps(found):
    return {c.county: int(c.plan) for c in found.counties}


def test_ranges_of_yangquan_by_hand(yangquan):
    """Committed 374, 621, 1450, 2055; last 610, 1020, 2150, 2480: within [0.92, 1.2] · last, 200 at least.

    Largest: 1.2 · last − committed, but 平定县 and 盂县 are not above that. Smallest: what the other three
    leave of the lesser budget of 200 once each has its least. Their least of the later money, at plans of
    165, 261, 518, 636: 35 (200 in all), 57 (938.4 in the year), 10 (1978), 0.
    """
    plan, smallest, largest = zip(*((c.plan, c.smallest, c.largest) for c in yangquan.counties), strict=True)
    assert plan == (165, 261, 518, 636)
    assert largest == (732 - 374, 1224 - 621, 2580 - 1450, 2976 - 2055)
    # 矿区: 200 − 57 − 10 = 133 of its 200; 郊区: 200 − 35 − 10 = 155 of 318; 平定县: 108 of 528;
    # 盂县: 98 left of the 226.6 to 0.92 · 2480, that is 129 in whole money
    assert smallest == (200 - 133, 318 - 155, 528 - 108, 227 - 98)


@pytest.mark.parametrize("side", ["smallest", "largest"])
def test_one_step_beyond_is_not_safe(yangquan, side):
    for c in yangquan.counties:
        beyond = int(getattr(c, side)) + (1 if side == "largest" else -1)
        amounts = {**steps(yangquan), c.county: beyond}
        verdicts = [placed(year(yangquan, amounts, corner))[0].holds for corner in yangquan.corners]
        assert not all(verdicts)


def test_every_corner_of_the_box_is_safe(yangquan):
    ends = [(int(c.box_low), int(c.box_high)) for c in yangquan.counties]
    assert all(low < high for low, high in ends)
    for k, choice in enumerate(product(*ends)):
        amounts = dict(zip(steps(yangquan), choice, strict=True))
        verdict, near = placed(year(yangquan, amounts, yangquan.corners[k % 2]))
        assert verdict.holds
        assert near


@pytest.mark.parametrize("which", ["yangquan", "three"])
def test_drawn_later_batches_are_placed(which, request):
    """Thirty each; benchmarks/release.py draws a thousand."""
    found = request.getfixturevalue(which)
    for seed in range(30):
        verdict, near = placed(year(found, *draw(found, random.Random(seed))))
        assert verdict.holds
        assert near


@pytest.mark.parametrize("seed", [0, 8])
def test_drawn_later_batches_of_random_scenarios(seed, tmp_path):
    generate(tmp_path, seed, small=True, infeasible=False)
    loaded = load(tmp_path)
    names = sorted(s for s, v in loaded.scenario.streams.items() if v.budget)
    budget = loaded.scenario.streams[names[-1]].budget
    ranges = (Range(names[-1], budget // 10 * 9 // loaded.scenario.step * loaded.scenario.step, budget),)
    found = envelope(expected(loaded, ranges), ranges)
    for k in range(5):
        verdict, _ = placed(year(found, *draw(found, random.Random(k))))
        assert verdict.holds


RESERVED = """\
  - {kind: linear, left: {streams: central, uses: roads}, sense: ">=", times: 0.25, right: {streams: central}}
"""


def test_a_rule_on_this_batch_alone_decides_how_its_uses_are_rounded(tmp_path):
    """No later money can help a tight rule of this batch: its uses are rounded in its favour instead."""
    yaml = builders.YAML.replace("upper: 1.02", "upper: 2").replace("lower: 0.8, ", "") + RESERVED
    yaml = yaml.replace("floor: 0.5", "floor: 0.4")
    found = found_in(builders.write_scenario(tmp_path / "plan", yaml=yaml), "regional=50..100")
    assert found.favoured
    assert any(c.smallest < c.plan or c.plan < c.largest for c in found.counties)
    for seed in range(12):
        verdict, _ = placed(year(found, *draw(found, random.Random(seed))))
        assert verdict.holds


def test_split_follows_the_mix(three):
    for c in three.counties:
        for amount in (int(c.box_low), int(c.box_high), int(c.plan)):
            table, mix = split(three, c.county, amount), three.release.mix[c.county]
            assert table.sum() == amount
            for axis in (0, 1):
                assert np.abs(table.sum(axis=axis) - amount * mix.sum(axis=axis)).max() < 1


def test_corners():
    a, b = Range("a", Decimal(1), Decimal(2)), Range("b", Decimal(5), Decimal(5))
    assert corners((a, b)) == ({"a": 1, "b": 5}, {"a": 2, "b": 5})
    assert [a.clip(Decimal(v)) for v in (0, 1, 3)] == [1, 1, 2]


def test_a_plan_that_is_not_safe_names_corner_and_rules():
    with pytest.raises(NoAllocation) as caught:
        found_in("yangquan-2024", "provincial_3=0..340")
    said = caught.value.say("en")
    assert "provincial batch 3 0 万元:" in said
    assert "provincial batch 3 340" not in said
    assert "--plan" in said
    # without later money 郊区 has 621 + 261 of 938.4, 平定县 10 too little of 1978, 矿区 22.2 of 561.2
    assert "the year's money stays stable: 郊区 short by 57 万元 and 2 more" in said


def test_every_fault_of_the_bounds_at_once():
    with pytest.raises(BadInput) as caught:
        read_ranges(
            load("yangquan-2024"),
            [
                "central_2",
                "centrl_2=1",
                "central_1=5",
                "provincial_2=9..3",
                "provincial_3=0.5",
                "central_2=x",
            ],
        )
    said = [f.what.en for f in caught.value.faults]
    assert said == [
        "it must read STREAM=LOW..HIGH",
        "the scenario has no such stream",
        "the stream is issued already",
        "it takes numbers with 0 ≤ low ≤ high, high above 0",
        "it takes multiples of the step 1",
        "it takes numbers with 0 ≤ low ≤ high, high above 0",
    ]
    with pytest.raises(BadInput, match="the stream stands twice"):
        read_ranges(load("yangquan-2024"), ["central_2=1", "central_2=2"])
    with pytest.raises(BadInput, match="this batch has no stream left"):
        read_ranges(load("yangquan-2024"), ["central_2=1", "provincial_2=2", "provincial_3=3"])


def test_the_command(tmp_path, monkeypatch, capsys, yangquan):
    monkeypatch.chdir(tmp_path)
    arguments = ["envelope", "yangquan-2024", "--later", "provincial_3=200..500", "--lang", "en"]
    assert run([*arguments, "-o", "range"]) == 0
    shown = capsys.readouterr().out
    assert "矿区     165        67      358      148" in shown
    assert "at most 8 万元 are kept free in a rule" in shown
    assert run([*arguments, "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert {**json.loads(Path("range/envelope.json").read_text(encoding="utf-8")), "out": None} == said
    assert [c["largest"] for c in said["counties"]] == [int(c.largest) for c in yangquan.counties]
    table = Path("range/envelope.csv").read_bytes()
    assert table.startswith(
        b"\xef\xbb\xbfcode,county,prefecture,plan,smallest,largest,box_low,box_high,limits_"
    )
    assert "change_limits:140303,provincial_3=200,provincial_3=200" in table.decode("utf-8-sig")
    assert run([*arguments, "-o", "again"]) == 0
    assert Path("again/envelope.csv").read_bytes() == table
    assert run(["envelope", "yangquan-2024", "--later", "provincial_3=0..340", "-o", "none"]) == 1
    assert not Path("none").exists()


def test_a_plan_of_the_meeting(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert run(["solve", "yangquan-2024", "-o", "out"]) == 0
    arguments = ["envelope", "yangquan-2024", "--later", "provincial_3=200..500", "--lang", "en", "--json"]
    capsys.readouterr()
    assert run(arguments) == 0
    own = json.loads(capsys.readouterr().out)
    assert run([*arguments, "--plan", "out/allocation.csv"]) == 0
    assert json.loads(capsys.readouterr().out) == own
    lines = Path("out/allocation.csv").read_text(encoding="utf-8-sig").splitlines()
    edited = [_moved(line) for line in lines]
    assert edited != lines
    Path("edited.csv").write_text("\n".join(edited), encoding="utf-8")
    assert run([*arguments, "--plan", "edited.csv"]) == 0
    # ten from 盂县 to 矿区
    plans = [c["plan"] for c in json.loads(capsys.readouterr().out)["counties"]]
    assert plans == [175, 261, 518, 626]
    Path("short.csv").write_text("\n".join(lines[:3]), encoding="utf-8")
    assert run([*arguments, "--plan", "short.csv"]) == 2
    said = capsys.readouterr().err
    assert "short.csv: budget central_2: is" in said
    assert "must be 860" in said


def _moved(line: str) -> str:
    """Ten of central_2's industry money from 盂县 to 矿区."""
    cells = line.split(",")
    by = {"140303": 10, "140322": -10}.get(cells[0])
    if by and cells[3:7:3] == ["central_2", "industry"]:
        cells[7] = str(Fraction(cells[7]) + by)
    return ",".join(cells)
