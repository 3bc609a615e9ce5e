"""sliders.json of a study: what the sliders of the page move along."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from allocator.input.overrides import nested
from allocator.input.yaml_write import yaml_bytes
from allocator.loaded import Loaded
from allocator.numbers import plain
from allocator.whatif.sliders import Slider, SliderPoint

BASE = "../scenario"
"""Where a saved scenario finds its base: beside it, in the result folder."""


def slider_bytes(loaded: Loaded, made: Sequence[Slider]) -> bytes:
    """The file; amounts are whole steps, counties in order of code."""
    record = {
        "codes": list(loaded.counties.codes),
        "streams": list(loaded.problem.stream_names),
        "uses": list(loaded.problem.use_names),
        "step": plain(loaded.scenario.step),
        "levers": [_lever(loaded, slider) for slider in made],
    }
    return (json.dumps(record, ensure_ascii=False, separators=(",", ":")) + "\n").encode()


def _lever(loaded: Loaded, slider: Slider) -> dict[str, Any]:
    return {
        "path": slider.path,
        "kind": slider.kind,
        "title": {"zh": slider.title.zh, "en": slider.title.en},
        "present": slider.present,
        "points": [_point(loaded, slider, point) for point in slider.points],
    }


def _point(loaded: Loaded, slider: Slider, point: SliderPoint) -> Mapping[str, Any]:
    shown = {"zh": point.shown.zh, "en": point.shown.en}
    head = {"value": plain(point.value), "shown": shown, "yaml": saved(loaded, slider, point)}
    if point.steps is None:
        return {**head, "status": "infeasible", "rules": list(point.rules)}
    streams, uses = point.steps.sum(axis=2).tolist(), point.steps.sum(axis=1).tolist()
    return {**head, "status": "solved", "rules": [], "streams": streams, "uses": uses}


def saved(loaded: Loaded, slider: Slider, point: SliderPoint) -> str:
    """scenario.yaml of a point: it extends the base and goes into a new folder beside it."""
    comment = (
        f"{slider.title.zh}：{point.shown.zh}。请放进与 scenario 同级的新文件夹\n"
        f"{slider.title.en}: {point.shown.en}. Put it into a new folder beside `scenario`"
    )
    return yaml_bytes({"extends": BASE, **nested(loaded.tree, point.sets)}, comment).decode()
