"""The page on publications: its example is a scenario that can be read, with every key in it."""

from __future__ import annotations

import re
from pathlib import Path

from allocator.input.yaml_tree import parse_yaml
from allocator.load import load
from allocator.publication import Publication
from allocator.scenario import Scenario


def test_the_example_names_every_key_and_is_read():
    page = (Path(__file__).parents[2] / "docs" / "publication.md").read_text(encoding="utf-8")
    (example,) = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    read = parse_yaml(example, "page").plain()
    assert set(read["publication"]) == set(Publication.model_fields)
    made = Publication.model_validate(read["publication"])
    assert made.local_telephone
    assert made.date is not None
    base = load("inner-mongolia-2025").scenario.model_dump(by_alias=True, exclude_unset=True)
    for part in ("streams", "uses"):
        for name, keys in read[part].items():
            base[part][name] |= keys
    assert Scenario.model_validate({**base, "publication": read["publication"]}).publication == made
