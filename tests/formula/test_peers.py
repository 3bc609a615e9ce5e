"""Ranks inside peer groups: by counting, exact and in floats."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocator.counties import Counties
from allocator.faults import BadInput
from allocator.formula.peers import float_reached, peer_labels, ranks, reached
from allocator.load import load
from tests.policy_scenario import TABLE, document, write

SCORES = st.lists(
    st.tuples(st.integers(0, 12).map(lambda k: Decimal(k) / 10), st.sampled_from("abc")),
    min_size=1,
    max_size=30,
)
EDGES = st.lists(st.integers(0, 99).map(lambda k: Decimal(k) / 100), min_size=1, max_size=4, unique=True)


@given(SCORES, EDGES)
def test_a_band_is_reached_by_more_than_its_share_of_peers(scored, edges):
    edges = sorted(edges)
    values, labels = [v for v, _ in scored], [label for _, label in scored]
    own = ranks(values, labels)
    for (below, size), value, label in zip(own, values, labels, strict=True):
        peers = [v for v, other in scored if other == label]
        share = Fraction(sum(v <= value for v in peers), len(peers))
        expected = max((k for k, edge in enumerate(edges) if share > Fraction(edge)), default=-1)
        assert reached(edges, below, size) == expected
    found = float_reached(
        edges, np.array([float(v) for v in values]), np.array(["abc".index(label) for label in labels]), 1e-13
    )
    assert found.tolist() == [reached(edges, *one) for one in own]


def test_the_best_fifth_ties_and_a_county_alone():
    scores = [Decimal(v) for v in (10, 20, 30, 40, 50, 7, 9, 9)]
    labels = ["five"] * 5 + ["one"] + ["pair"] * 2
    edges = [Decimal(0), Decimal("0.8")]
    bands = [reached(edges, *one) for one in ranks(scores, labels)]
    assert bands == [0, 0, 0, 0, 1, 1, 1, 1]  # 1 of 5; alone; two that tie at the top


def test_peer_groups_are_told_by_prefecture_column_or_all():
    counties = Counties(
        ("100001", "100002", "100003"),
        ("甲", "乙", "丙"),
        ("东市", "西市", "东市"),
        {"kind": ("1", "1.0", ""), "prefecture": ("东市", "西市", "东市")},
    )
    assert peer_labels(counties, "prefecture") == ("东市", "西市", "东市")
    assert peer_labels(counties, "kind") == ("1", "1", "")
    assert len(set(peer_labels(counties, "all"))) == 1


RANKED = {"factor": "grade", "weight": 1, "value": "score", "as": "bands", "within": "kind"}


def ranked(tmp_path, table=TABLE, **changed):
    made = document(formulas={"main": [RANKED | {"bands": {"0": 1, "0.5": 2, "0.8": 4}} | changed]})
    return load(write(tmp_path, made, table))


def test_a_factor_grades_ranks_inside_peer_groups(tmp_path):
    """脱贫: 60 < 82 < 95, 其他: 71 < 82 < 88. Shares 1/3, 2/3 and 1 reach 1, 2 and 4, of 14 together."""
    loaded = ranked(tmp_path)
    shares = {f.county: Decimal(f.share) for f in loaded.factors if f.stream == "central"}
    assert [round(share * 14) for _, share in sorted(shares.items())] == [4, 2, 1, 4, 1, 2]
    assert loaded.problem.formula[0][0] == loaded.problem.formula[3][0]
    tied = ranked(tmp_path, TABLE.replace("300,88,其他", "300,82,其他"))  # 82 twice: both at the top
    shares = {f.county: Decimal(f.share) for f in tied.factors if f.stream == "central"}
    assert shares[3] == shares[5] == shares[0]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"within": "nothing"}, "no column 'nothing'"),
        ({"bands": {"80": 1, "0": 2}}, "quantiles"),
        ({"bands": {"优": 1, "0": 2}}, "quantiles"),
        ({"bands": {"0.5": 1}}, "below the lowest band"),
        ({"as": "share", "bands": None}, "does not take within"),
        ({"scale": "people"}, "does not take scale"),
    ],
)
def test_ranks_that_make_no_sense_are_refused(tmp_path, changed, words):
    with pytest.raises(BadInput, match=words):
        ranked(tmp_path, **changed)


def test_a_county_without_peer_group_is_named(tmp_path):
    with pytest.raises(BadInput, match="peer group is missing") as caught:
        ranked(tmp_path, TABLE.replace("82,脱贫", "82,"))
    assert {(f.place.line, f.place.column) for f in caught.value.faults} == {(3, "kind")}
