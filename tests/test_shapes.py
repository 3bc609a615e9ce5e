"""County shapes from GeoJSON: matched by code, every fault at once, drawn in the study."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from allocator.faults import BadInput
from allocator.flatten import flatten
from allocator.load import BUNDLED, load
from reports.charts.change_classes import COLOURS, WORDS, class_of
from reports.charts.shapes import _middle
from reports.charts.tiles import Tile, ranked

TUTORIAL = BUNDLED / "tutorial"
RING = [[100, 40], [101, 40], [101, 41], [100, 41], [100, 40]]


def feature(code, kind="Polygon", coordinates=None, **properties):
    geometry = {"type": kind, "coordinates": [RING] if coordinates is None else coordinates}
    return {"type": "Feature", "properties": {"code": code, **properties}, "geometry": geometry}


@pytest.fixture
def scenario(tmp_path):
    folder = tmp_path / "plan"
    shutil.copytree(TUTORIAL, folder)
    text = (folder / "scenario.yaml").read_text("utf-8")
    (folder / "scenario.yaml").write_text(text + "\nshapes: map.json\n", "utf-8")
    return folder


def write(folder: Path, features):
    document = {"type": "FeatureCollection", "features": features}
    (folder / "map.json").write_text(json.dumps(document), "utf-8")


def codes():
    return load(TUTORIAL).counties.codes


def test_shapes_are_matched_by_code_whatever_holds_it(scenario):
    first, second, *rest = codes()
    features = [feature(code) for code in rest]
    features.append({**feature(""), "properties": {"adcode": int(first)}})
    many = feature("", "MultiPolygon", [[RING], [RING]])
    features.append({**many, "properties": None, "id": second})
    write(scenario, features)
    loaded = load(scenario)
    assert set(loaded.shapes) == set(codes())
    assert len(loaded.shapes[second].polygons) == 2
    assert any(name.endswith("map.json") for name in loaded.digests)
    copy = flatten(scenario)
    assert json.loads(copy["shapes.geojson"])["type"] == "FeatureCollection"
    assert b"shapes: shapes.geojson" in copy["scenario.yaml"]


def test_all_faults_at_once(scenario):
    first, second, third, *_ = codes()
    write(
        scenario,
        [
            feature(first),
            feature(first),
            feature("999999"),
            feature(None),
            feature(second, "Point", [1, 2]),
            feature(third, coordinates=[[[500000, 4000000]] * 4]),
        ],
    )
    with pytest.raises(BadInput) as caught:
        load(scenario)
    said = [fault.say("en") for fault in caught.value.faults]
    assert [sum(word in line for line in said) for word in ("stands twice", "999999", "no county code")] == [
        1,
        1,
        1,
    ]
    assert sum("no Polygon" in line for line in said) == 2
    assert sum("no shape of" in line for line in said) == len(codes()) - 3


@pytest.mark.parametrize("text", ["{", "[]", '{"type": "Topology"}', '{"type": "FeatureCollection"}'])
def test_what_is_no_geojson_is_refused(scenario, text):
    (scenario / "map.json").write_text(text, "utf-8")
    with pytest.raises(BadInput, match="FeatureCollection"):
        load(scenario)


def test_a_missing_file_is_refused(scenario):
    with pytest.raises(BadInput, match="no such file"):
        load(scenario)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (-0.2, 0),
        (-0.1, 0),
        (-0.0999, 1),
        (-0.05, 1),
        (-0.01, 2),
        (-0.0099, 3),
        (0, 3),
        (0.01, 4),
        (0.05, 5),
        (0.1, 6),
    ],
)
def test_classes_are_symmetric_and_edges_belong_outwards(change, expected):
    assert class_of(change) == expected
    assert class_of(-change) == 6 - expected


def test_letters_on_every_colour_have_contrast():
    def luminance(colour):
        parts = [int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    for colour, letters in zip(COLOURS, WORDS, strict=True):
        light, dark = sorted((luminance(colour), luminance(letters)), reverse=True)
        assert (light + 0.05) / (dark + 0.05) >= 4.5, colour


def test_names_stand_at_the_centroid_of_the_largest_part(scenario):
    small = [[0, 0], [1, 0], [1, 1], [0, 1], [0, 0]]
    large = [[10, 0], [13, 0], [13, 3], [10, 3], [10, 0]]
    write(scenario, [feature(code, "MultiPolygon", [[small], [large]]) for code in codes()])
    shape = next(iter(load(scenario).shapes.values()))
    assert _middle(shape) == pytest.approx((11.5, 1.5))


def test_counties_are_ranked_and_unknown_ones_come_last():
    tiles = [Tile("a", 0.1), Tile("b", float("nan")), Tile("c", 0.2)]
    ((_, found),) = ranked({"p": tiles})
    assert [tile.name for tile in found] == ["c", "a", "b"]
