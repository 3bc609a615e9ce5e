"""What `allocator explain` does, step by step."""

from __future__ import annotations

from dataclasses import dataclass

from allocator.cli.explain_json import explanation_json
from allocator.cli.explain_screen import print_explanation
from allocator.cli.progress_bar import Progress
from allocator.cli.screen import notices, print_json
from allocator.faults import BadInput, Place
from allocator.input.find_county import find_county
from allocator.input.yaml_tree import fault
from allocator.load import load
from allocator.text import Language
from allocator.why.explanation import Question, explain, find_rule


@dataclass(frozen=True, slots=True)
class Wish:
    """The command line, parsed."""

    scenario: str
    county: str | None = None
    rule: str | None = None
    shapley: bool = False
    gain: float | None = None
    sets: tuple[str, ...] = ()
    as_json: bool = False


def explain_and_print(wish: Wish, lang: Language) -> int:
    """Loads, solves, explains, prints."""
    if wish.gain is not None and wish.county is None:
        place = Place("--gain")
        raise BadInput(
            [
                fault(
                    place, "需要同时给出 --county", "takes --county too", "写明是哪个旗县", "say which county"
                )
            ]
        )
    loaded = load(wish.scenario, wish.sets)
    county = None if wish.county is None else find_county(loaded.counties, wish.county)
    rule = None if wish.rule is None else find_rule(loaded, wish.rule)
    question = Question(county, rule, wish.shapley, wish.gain)
    notices(loaded.notices, lang)
    with Progress(lang) as progress:
        explanation = explain(loaded, question, progress)
    if wish.as_json:
        print_json(explanation_json(explanation))
    else:
        print_explanation(explanation, question, lang)
    return 0
