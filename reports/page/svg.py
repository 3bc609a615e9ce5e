"""Charts of a study made small enough for one page: outlines of letters become text again.

A chart's letters are outlines of a font, most of its bytes. The words stand beside them as comments,
and where each letter lies; so every line of words is set as text that is stretched to the width it was
drawn with, in the page's own fonts. Only elements and attributes that are named here pass.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise
from xml.etree import ElementTree as ET

from markupsafe import Markup, escape

SVG = "{http://www.w3.org/2000/svg}"
HREF = "{http://www.w3.org/1999/xlink}href"
KEPT = {
    "path": ("d", "clip-path"),
    "rect": ("x", "y", "width", "height", "fill"),
    "use": ("x", "y", "clip-path"),
    "g": ("clip-path",),
    "clipPath": (),
    "pattern": ("patternUnits", "x", "y", "width", "height"),
    "defs": (),
}
"""Elements that pass, with their attributes; style is read apart, ids only where they are referred to."""
STYLES = {
    "fill", "fill-opacity", "stroke", "stroke-width", "stroke-linecap", "stroke-linejoin",
    "stroke-dasharray", "stroke-opacity", "opacity",
}  # fmt: skip
DEFAULTS = {"stroke-linecap": "butt", "stroke-linejoin": "round"}
"""As matplotlib's style sheet sets them for everything."""
PLACED = re.compile(r"translate\(([-\d.]+) ([-\d.]+)\)(?: rotate\(([-\d.]+)\))? scale\(([\d.]+) -[\d.]+\)")
SHIFT = re.compile(r"translate\(([-\d.]+) ")
LOCAL = re.compile(r"^url\(#([\w.-]+)\)$")
TOKEN = re.compile(r"[A-Za-z]|-?\d*\.?\d+(?:e-?\d+)?")
EM = 100
"""A letter's size in the units that letters are placed in."""
DESCENT = 0.3
"""What a line of words takes below its baseline, as a part of its size."""


class UnknownDrawing(ValueError):
    """The file is no drawing of the kind that charts are saved as."""


@dataclass
class Line:
    """A line of words on a chart."""

    words: str
    left: float
    baseline: float
    turn: float
    size: float
    width: float
    fill: str


@dataclass
class Advances:
    """How far each letter moves the next one, learnt from all charts."""

    known: dict[str, float] = field(default_factory=dict)

    def learn(self, letters: Iterable[tuple[str, float]]) -> None:
        """Letters of one line with their places."""
        rows = list(letters)
        for (glyph, at), (_, after) in pairwise(rows):
            self.known.setdefault(glyph, after - at)

    def width(self, letters: list[tuple[str, float]]) -> float:
        """Width of a line; a last letter that was never followed counts as most Latin ones."""
        glyph, at = letters[-1]
        return at + self.known.get(glyph, 0.56 * EM)


class Drawing:
    """One chart, read."""

    def __init__(self, svg: bytes, prefix: str) -> None:
        parser = ET.XMLParser(target=ET.TreeBuilder(insert_comments=True))  # noqa: S314 – our own file, by digest
        try:
            self.root = ET.fromstring(svg, parser)  # noqa: S314 – as above
            self.box = [float(part) for part in self.root.attrib["viewBox"].split()]
        except (ET.ParseError, KeyError, ValueError) as error:
            raise UnknownDrawing(str(error)) from error
        self.prefix = prefix
        self._words = tuple(_words_of(self.root))

    def letters(self) -> Iterator[list[tuple[str, float]]]:
        """Letters of each line of words, with their places."""
        for _, group in self._words:
            yield _letters(group)

    def markup(self, advances: Advances, headings: tuple[str, ...]) -> Markup:
        """The chart as an SVG element without its headings, which the page says itself."""
        lines = {id(group): self._line(words, group, advances) for words, group in self._words}
        known = list(lines.values())
        heads = _heads(known, headings) or _heads(known, headings[:1])
        top = max((line.baseline + DESCENT * line.size for line in heads), default=0.0)
        dropped = {key for key, line in lines.items() if any(line is head for head in heads)}
        body = "".join(self._children(self.root, lines, dropped))
        left, above, width, height = self.box
        box = f"{_n(left)} {_n(above + top)} {_n(width)} {_n(height - top)}"
        return Markup(f'viewBox="{box}" stroke-linejoin="round">{body}')  # noqa: S704 – built from known parts

    def _line(self, words: str, group: ET.Element, advances: Advances) -> Line:
        placed = PLACED.fullmatch(group.attrib["transform"])
        if placed is None:
            raise UnknownDrawing(group.attrib["transform"])
        left, baseline, turn, scale = (float(part or 0) for part in placed.groups())
        letters = _letters(group)
        width = advances.width(letters) * scale if letters else 0.0
        return Line(words, left, baseline, turn, scale * EM, width, _style(group).get("fill", "#000000"))

    def _children(self, parent: ET.Element, lines: Mapping[int, Line], dropped: set[int]) -> Iterator[str]:
        for element in parent:
            if not isinstance(element.tag, str):
                continue
            if id(element) in lines:
                if id(element) not in dropped:
                    yield _text(lines[id(element)])
                continue
            tag = element.tag.removeprefix(SVG)
            if tag not in KEPT:
                continue
            yield self._element(tag, element, "".join(self._children(element, lines, dropped)))

    def _element(self, tag: str, element: ET.Element, inner: str) -> str:
        attributes = dict(self._attributes(tag, element))
        if (tag == "g" and not attributes) or (tag in ("g", "defs") and not inner):
            return inner
        written = "".join(f' {name}="{escape(value)}"' for name, value in attributes.items())
        return f"<{tag}{written}>{inner}</{tag}>" if inner else f"<{tag}{written}/>"

    def _attributes(self, tag: str, element: ET.Element) -> Iterator[tuple[str, str]]:
        if "id" in element.attrib and tag in ("clipPath", "pattern", "path"):
            yield "id", f"{self.prefix}{element.attrib['id']}"
        if tag == "use":
            yield "href", f"#{self.prefix}{element.attrib[HREF].removeprefix('#')}"
        for name in KEPT[tag]:
            if name in element.attrib:
                value = element.attrib[name]
                yield name, small_path(value) if name == "d" else self._value(value)
        for name, value in _style(element).items():
            if value != DEFAULTS.get(name):
                yield name, self._value(value)

    def _value(self, value: str) -> str:
        local = LOCAL.match(value)
        if local:
            return f"url(#{self.prefix}{local[1]})"
        try:
            return _n(float(value))
        except ValueError:
            return value


def _words_of(root: ET.Element) -> Iterator[tuple[str, ET.Element]]:
    """Each line of words with the group of its letters, which stands after the comment that says it."""
    for parent in root.iter(f"{SVG}g"):
        for said, group in pairwise(parent):
            if not isinstance(said.tag, str) and "transform" in group.attrib:
                yield (said.text or "").strip(), group


def _letters(inner: ET.Element) -> list[tuple[str, float]]:
    found = []
    for use in inner.iter(f"{SVG}use"):
        shift = SHIFT.match(use.attrib.get("transform", ""))
        found.append((use.attrib[HREF], float(shift[1]) if shift else 0.0))
    return found


def _style(element: ET.Element) -> dict[str, str]:
    pairs = (part.partition(":") for part in element.attrib.get("style", "").split(";") if part.strip())
    return {name.strip(): value.strip() for name, _, value in pairs if name.strip() in STYLES}


def _heads(lines: list[Line], headings: tuple[str, ...]) -> list[Line]:
    """The lines that say the headings, one after another; none where they do not add up to them."""
    wanted = "".join("".join(headings).split())
    found: list[Line] = []
    for line in lines:
        words = "".join(line.words.split())
        if words and wanted.startswith(words):
            found.append(line)
            wanted = wanted[len(words) :]
    return found if not wanted else []


def _text(line: Line) -> str:
    place = f'x="{_n(line.left)}" y="{_n(line.baseline)}"'
    if line.turn:
        place = f'transform="translate({_n(line.left)} {_n(line.baseline)}) rotate({_n(line.turn)})"'
    return (
        f'<text {place} font-size="{_n(line.size)}" textLength="{_n(line.width)}" '
        f'lengthAdjust="spacingAndGlyphs" fill="{escape(line.fill)}">{escape(line.words)}</text>'
    )


def small_path(path: str) -> str:
    """The same path to a tenth of a point, its lines relative; curves and the rest stay absolute."""
    out: list[str] = []
    at: tuple[int, int] | None = None
    parts = iter(TOKEN.findall(path))
    for command in parts:
        if command in "Zz":
            out.append("z")
            at = None
            continue
        count = {"M": 2, "L": 2, "Q": 4, "C": 6}.get(command)
        if count is None:
            raise UnknownDrawing(path[:80])
        numbers = [round(float(next(parts)) * 10) for _ in range(count)]
        end = (numbers[-2], numbers[-1])
        if command == "L" and at is not None:
            out.append("l" + _joined([end[0] - at[0], end[1] - at[1]]))
        else:
            out.append(command + _joined(numbers))
        at = end
    return "".join(out)


def _joined(tenths: list[int]) -> str:
    """Numbers in tenths, with a blank only where it is needed."""
    text = ""
    for tenth in tenths:
        said = _n(tenth / 10)
        text += said if not text or said[0] == "-" else f" {said}"
    return text


def _n(value: float) -> str:
    """A number to a tenth (a hundredth below one), without what can be left out."""
    said = f"{value:.2f}" if abs(value) < 1 else f"{value:.1f}"
    said = said.rstrip("0").rstrip(".") if "." in said else said
    if said in ("-0", ""):
        return "0"
    return said.replace("0.", ".", 1) if said.lstrip("-").startswith("0.") else said
