"""What could be forgotten when a rule is added."""

from __future__ import annotations

import importlib.util
import inspect
from pathlib import Path

import pytest

from allocator.rules import KINDS
from allocator.scenario import Scenario
from tests.rules.common import GOLDEN

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent


def test_all_kinds_are_found():
    files = {p.stem for p in (Path(inspect.getfile(Scenario)).parent / "rules").glob("*.py")}
    assert set(KINDS) == files - {"__init__", "base"}


@pytest.mark.parametrize("kind", KINDS)
def test_has_tests_a_golden_program_titles_and_a_clause(kind):
    assert (HERE / f"test_{kind}.py").is_file()
    assert (GOLDEN / f"{kind}.lp").is_file()
    assert KINDS[kind].default_title.zh
    assert KINDS[kind].default_title.en
    assert "clause" in KINDS[kind].model_fields
    assert inspect.getdoc(KINDS[kind])


@pytest.mark.parametrize("kind", KINDS)
def test_every_parameter_is_described_in_the_schema(kind):
    described = KINDS[kind].model_json_schema()["properties"]
    assert all("description" in value for value in described.values())


def test_the_page_of_rules_is_current():
    spec = importlib.util.spec_from_file_location("page", ROOT / "tools" / "make_rules_page.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == module.page()
