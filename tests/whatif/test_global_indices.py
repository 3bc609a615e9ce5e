"""What the title of the global indices claims, against made bands; the indices are tested with the study."""

from __future__ import annotations

import pytest

from allocator.text import Text
from allocator.whatif.global_indices import GlobalIndices, GroupIndex, finding
from allocator.whatif.sweep import Checks


def group(name, total, band):
    return GroupIndex(name, Text(name, name), total / 2, band, total, band)


def found(*groups):
    return GlobalIndices(groups, 32, 32, 32 * (len(groups) + 2), 1.0, Checks())


@pytest.mark.parametrize(
    ("groups", "said"),
    [
        (
            (group("a", 0.7, 0.1), group("b", 0.3, 0.1), group("c", 0.1, 0.1)),
            "'a' drives the result most: about 70% of the variance of the money moved involves it",
        ),
        (
            (group("a", 0.5, 0.1), group("b", 0.4, 0.05), group("c", 0.1, 0.1)),
            "'a', 'b' drive the result most; 32 samples cannot tell which more",
        ),
        # b is just behind, and c and d reach up to a's band too: none of them may be left out
        (
            (group("a", 0.4, 0.1), group("b", 0.31, 0.18), group("c", 0.22, 0.15), group("d", 0.05, 0.01)),
            "'a', 'b', 'c' drive the result most; 32 samples cannot tell which more",
        ),
        (
            tuple(group(name, 0.3, 0.2) for name in "abcd"),
            "32 samples cannot tell what drives the result most: the bands of the first 4 overlap",
        ),
    ],
)
def test_every_group_that_may_be_the_first_is_named(groups, said):
    assert finding(found(*groups)).en == said
