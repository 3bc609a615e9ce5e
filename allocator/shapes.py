"""County shapes for maps: a GeoJSON feature collection, matched to the county table by code (RFC 7946)."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocator.counties import Counties
from allocator.faults import BadInput, Fault, Place
from allocator.input.files import read_text
from allocator.text import Text

MOST = 200 << 20
KEYS = ("code", "adcode", "id")
"""Properties that may hold a county's code, tried in this order; then the feature's own id."""
Ring = tuple[tuple[float, float], ...]
"""Longitude and latitude in degrees, from corner to corner."""


@dataclass(frozen=True)
class Shape:
    """One county: its polygons, each an outer ring and its holes."""

    polygons: tuple[tuple[Ring, ...], ...]


def read_shapes(path: Path, shown: str, counties: Counties) -> dict[str, Shape]:
    """Code → shape, every county's; raises BadInput with all faults at once."""
    found: dict[str, Shape] = {}
    faults: list[Fault] = []
    for number, feature in enumerate(_features(path, shown), start=1):
        code = _code(feature)
        where = f"features[{number - 1}]"
        if code is None:
            faults.append(_fault(shown, where, *_NO_CODE))
        elif code in found:
            faults.append(_fault(shown, where, *_twice(code)))
        elif code not in counties.index:
            faults.append(_fault(shown, where, *_unknown(code)))
        else:
            shape = _shape(feature)
            if shape is None:
                faults.append(_fault(shown, where, *_bad_geometry(counties.label(counties.index[code]))))
            found[code] = shape or Shape(())
    for i, code in enumerate(counties.codes):
        if code not in found:
            said = Text(f"没有 {counties.label(i)} 的图形", f"no shape of {counties.label(i)}")
            faults.append(_fault(shown, "", said, Text("请补上这个旗县", "add this county")))
    if faults:
        raise BadInput(faults)
    return found


_NO_CODE = (
    Text("没有区划代码", "no county code"),
    Text(
        "请在 properties 中写明 code（或 adcode）：六位区划代码",
        "give the six-digit code as `code` (or `adcode`) in its properties",
    ),
)


def _twice(code: str) -> tuple[Text, Text]:
    return Text(f"代码 {code} 重复", f"code {code} stands twice"), Text(
        "请合并成一个 MultiPolygon", "merge them into one MultiPolygon"
    )


def _unknown(code: str) -> tuple[Text, Text]:
    return Text(f"县表中没有代码 {code}", f"the county table has no code {code}"), Text(
        "请核对代码，或删去这个图形", "check the code, or delete the feature"
    )


def _bad_geometry(label: str) -> tuple[Text, Text]:
    return Text(
        f"{label} 的图形不是经纬度的 Polygon 或 MultiPolygon",
        f"the geometry of {label} is no Polygon or MultiPolygon in degrees",
    ), Text("请导出为 WGS 84（EPSG:4326）的 GeoJSON", "export it as GeoJSON in WGS 84 (EPSG:4326)")


def _features(path: Path, shown: str) -> Iterator[Mapping[str, Any]]:
    text = read_text(path, shown, MOST, gb18030=False)
    try:
        document = json.loads(text)
        features = document["features"]
        if document["type"] != "FeatureCollection" or not isinstance(features, list):
            raise ValueError(document["type"])
    except (ValueError, KeyError, TypeError, RecursionError):
        what = Text("不是 GeoJSON 的 FeatureCollection", "no FeatureCollection of GeoJSON")
        fix = Text("请给出 GeoJSON 文件", "give a GeoJSON file")
        raise BadInput([_fault(shown, "", what, fix)]) from None
    return (feature if isinstance(feature, dict) else {} for feature in features)


def _code(feature: Mapping[str, Any]) -> str | None:
    own = feature.get("properties")
    places = (
        [*(own.get(key) for key in KEYS), feature.get("id")] if isinstance(own, dict) else [feature.get("id")]
    )
    for value in places:
        text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
        if len(text) == 6 and text.isascii() and text.isdigit():
            return text
    return None


def _shape(feature: Mapping[str, Any]) -> Shape | None:
    geometry = feature.get("geometry")
    if not isinstance(geometry, dict):
        return None
    parts = geometry.get("coordinates")
    if geometry.get("type") == "Polygon":
        parts = [parts]
    elif geometry.get("type") != "MultiPolygon":
        return None
    try:
        polygons = tuple(tuple(_ring(ring) for ring in polygon) for polygon in parts or ())
    except (TypeError, ValueError, IndexError):
        return None
    return Shape(polygons) if polygons and all(polygons) else None


def _ring(ring: Any) -> Ring:
    found = tuple((float(point[0]), float(point[1])) for point in ring)
    inside = all(math.isfinite(x) and abs(x) <= 180 and abs(y) <= 90 for x, y in found)
    if len(found) < 4 or not inside:
        raise ValueError("no ring in degrees")
    return found


def _fault(shown: str, where: str, what: Text, fix: Text) -> Fault:
    return Fault(Place(shown, path=where), what, fix)
