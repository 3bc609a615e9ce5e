"""What the tests of this folder share."""

from __future__ import annotations

import pytest

from tests.whatif.sweeps.cases import MIXED, sweep, written


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture
def plan(tmp_path):
    return written(tmp_path / "plan.yaml", MIXED)


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    """The result of an unbroken run in one process."""
    folder = tmp_path_factory.mktemp("whole")
    assert sweep(written(folder / "plan.yaml", MIXED), folder / "out") == 0
    return folder / "out"
