"""Money follows projects: 内政发〔2022〕9号 五（一）."""

from __future__ import annotations

from decimal import Decimal

from tests.rules.common import check_golden, judged


def test_golden(tmp_path):
    check_golden("pipeline", tmp_path, columns={"industry": "pipe"})


def test_on_the_line_and_above_it():
    line = judged(
        "pipeline", {(0, "a", "industry"): 40, (0, "b", "industry"): 20}, columns={"industry": "pipe"}
    )
    assert line["100001/industry"].slack == 0  # with 10 committed
    above = judged("pipeline", {(0, "a", "industry"): 61}, columns={"industry": "pipe"})
    assert not above["100001/industry"].holds


def test_blank_is_no_limit():
    assert "100002/industry" not in judged("pipeline", {}, columns={"industry": "pipe"})
    assert Decimal(25) == judged("pipeline", {}, columns={"industry": "pipe"})["100003/industry"].right
