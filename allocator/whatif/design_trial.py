"""Whether the scenario stands with some of its values replaced, as far as no table need be read again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pydantic import ValidationError

from allocator.faults import BadInput, Fault, Place
from allocator.input.extends import named
from allocator.input.overrides import override
from allocator.input.pydantic_faults import scenario_faults, shorten
from allocator.input.references import numeric_columns, scenario_references
from allocator.input.yaml_tree import fault
from allocator.loaded import Loaded
from allocator.scenario import Scenario
from allocator.text import Text
from allocator.versions import in_force, version_faults

MOST_TRIED = 2000
"""Trials for one plan; what is wrong with values beyond them shows at their points."""


class Trial:
    """Tries changes in the words of `--set` on one scenario, each once."""

    def __init__(self, loaded: Loaded) -> None:
        self.loaded = loaded
        self._found: dict[tuple[str, ...], tuple[Fault, ...]] = {}

    def faults(self, sets: Sequence[str]) -> tuple[Fault, ...]:
        """What is wrong with the scenario so changed."""
        key = tuple(sets)
        if key not in self._found:
            self._found[key] = _faults(self.loaded, key) if len(self._found) < MOST_TRIED else ()
        return self._found[key]


def _faults(loaded: Loaded, sets: tuple[str, ...]) -> tuple[Fault, ...]:
    try:
        tree = named(override(loaded.tree, sets))
        scenario = Scenario.model_validate(tree.plain())
    except BadInput as error:
        return error.faults
    except ValidationError as error:
        return (*_fractions(error), *scenario_faults(error, tree))
    faults = version_faults(scenario, tree)
    scenario = in_force(scenario)
    return (*faults, *scenario_references(scenario, tree), *_no_columns(loaded, scenario))


def whole_number(value: Any) -> Text:
    """What to say where a value should be a whole number."""
    shown = shorten(value)
    return Text(f"这里需要整数，现为 {shown}", f"a whole number is needed here, got {shown}")


def _fractions(error: ValidationError) -> list[Fault]:
    """Values that should be whole numbers."""
    return [
        Fault(Place(path=".".join(map(str, item["loc"]))), whole_number(item["input"]), Text("", ""))
        for item in error.errors()
        if item["type"].startswith("int_")
    ]


def _no_columns(loaded: Loaded, scenario: Scenario) -> list[Fault]:
    """Columns that the changed scenario asks for and the county table does not have."""
    present = {*loaded.counties.text, *loaded.counties.numbers}
    return [
        fault(
            Place(path=asker),
            f"县表没有“{column}”这一列",
            f"the county table has no column '{column}'",
            "请写县表里有的列",
            "name a column of the county table",
        )
        for column, asker in numeric_columns(scenario).items()
        if column not in present
    ]
