"""Sliders of the page: differences packed as source maps pack numbers, and only of this very result."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocator.faults import BadInput
from reports.page.sliders import packed, sliders_of
from reports.report_input import read_report
from tests.reports.page_samples import studied

BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"


def unpacked(text):
    """Base 64 VLQ as the source map specification says it, then runs of zeros."""
    numbers, value, shift = [], 0, 0
    for letter in text:
        digit = BASE64.index(letter)
        value += (digit & 31) << shift
        shift += 5
        if not digit & 32:
            numbers.append(-(value >> 1) if value & 1 else value >> 1)
            value = shift = 0
    found, rest = [], iter(numbers)
    for number in rest:
        found += [0] * (next(rest) + 1) if number == 0 else [number]
    return found


@settings(max_examples=50)
@given(st.lists(st.one_of(st.just(0), st.integers(-40, 40), st.integers(-(2**40), 2**40)), max_size=60))
def test_packing_keeps_every_number(numbers):
    assert unpacked(packed(numbers)) == numbers


def test_packing_is_that_of_source_maps():
    # the example of the source map specification: 16 is gB, and -1 is D
    assert packed([16, -1, 1]) == "gBDC"


@pytest.fixture(scope="module")
def result():
    return studied()


def test_every_point_is_the_solved_one(result):
    report = read_report(result)
    read = json.loads((result / "sensitivity" / "sliders.json").read_bytes())
    made = sliders_of(report)
    base_streams = report.whole.sum(axis=2)
    base_uses = report.whole.sum(axis=1)[:, :-1]
    statuses = set()
    for lever, own in zip(read["levers"], made["levers"], strict=True):
        assert (own["path"], own["kind"], own["present"]) == (lever["path"], lever["kind"], lever["present"])
        for point, told in zip(lever["points"], own["points"], strict=True):
            statuses.add(point["status"])
            assert told["yaml"] == point["yaml"]
            if point["status"] != "solved":
                assert told["d"] is None
                assert told["rules"] == point["rules"]
                continue
            moved = np.array(unpacked(told["d"]))
            streams = moved[: base_streams.size].reshape(base_streams.T.shape).T + base_streams
            uses = moved[base_streams.size :].reshape(base_uses.T.shape).T + base_uses
            assert streams.tolist() == point["streams"]
            assert uses.tolist() == np.array(point["uses"])[:, :-1].tolist()
    assert statuses == {"solved", "infeasible"}


def test_sliders_of_another_result_are_refused(result):
    report = read_report(result)
    whole = report.whole.copy()
    whole[0, 0, 0] += 1
    with pytest.raises(BadInput, match=r"滑块的点不是这个结果算出的|not solved from this result"):
        sliders_of(replace(report, whole=whole))


def test_without_a_study_there_are_none(result):
    assert sliders_of(replace(read_report(result), study=None)) is None
