"""Whether a result was decided from a scenario as it is today."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from allocator.comparison.differences import differences
from allocator.loaded import Loaded
from allocator.scenario import Scenario
from allocator.text import Text

WORDS = frozenset(
    {"title", "clause", "publication", "alternatives", "committed", "counties", "shapes", "extends"}
)
"""What decides nothing: names of files, other readings, and what is printed beside the money."""


def changed_since(solved: Loaded, today: Loaded) -> tuple[Text, ...]:
    """What differs between the scenario that a result was solved from and today's, in a few words each.

    What was issued meanwhile is left out, and so is all that only names things.
    """
    one, other = solved.counties, today.counties
    if (one.codes, one.names) != (other.codes, other.names):
        return (Text("旗县名单", "the counties"),)
    if one.text == other.text and _decisive(solved.scenario) == _decisive(today.scenario):
        return ()
    stages = differences(replace(solved, issued={}), replace(today, issued={}))
    said = tuple(text for stage in stages.values() for text in stage)
    return said or (Text("scenario.yaml 的其他内容", "other parts of scenario.yaml"),)


def _decisive(scenario: Scenario) -> Any:
    return _without_words(scenario.model_dump())


def _without_words(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_words(held) for key, held in value.items() if key not in WORDS}
    if isinstance(value, list | tuple):
        return [_without_words(held) for held in value]
    return value
