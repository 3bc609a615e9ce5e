"""Charts made small: the same lines within a tenth of a point, words as text, nothing else passes."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reports.page.svg import Advances, Drawing, UnknownDrawing, small_path

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" viewBox="0 0 100 50">'
)
LETTERS = """\
<g id="text_1"><!-- {words} --><g style="fill: #1a1a1a" transform="translate(10 {y}) scale(0.2 -0.2)">
<defs><path id="F-1" d="M 0 0 L 1 1 z" transform="scale(0.015625)"/></defs>
<use xlink:href="#F-1"/><use xlink:href="#F-2" transform="translate(60 0)"/>
<use xlink:href="#F-1" transform="translate(150 0)"/></g></g>"""
COORDINATE = st.floats(-2000, 2000).map(lambda x: round(x, 6))
POINT = st.tuples(COORDINATE, COORDINATE)


def ends(path):
    """End points of a path's commands in absolute coordinates, read independently of the code."""
    found, at = [], (0.0, 0.0)
    for letter, rest in re.findall(r"([MLQlz])([^MLQlz]*)", path):
        numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", rest)]
        if letter == "z":
            continue
        end = numbers[-2:]
        at = (at[0] + end[0], at[1] + end[1]) if letter == "l" else (end[0], end[1])
        found.append(at)
    return found


@settings(max_examples=50)
@given(POINT, st.lists(st.tuples(st.sampled_from("LQz"), POINT, POINT), max_size=30))
def test_paths_keep_their_points(start, steps):
    path, wanted = f"M {start[0]:f} {start[1]:f} ", [start]
    for letter, middle, end in steps:
        if letter == "z":
            path += "z\n"
            continue
        path += (
            f"{letter} "
            + (f"{middle[0]:f} {middle[1]:f} " if letter == "Q" else "")
            + f"{end[0]:f} {end[1]:f} \n"
        )
        wanted.append(end)
    found = ends(small_path(path))
    assert len(found) == len(wanted)
    for (x, y), (a, b) in zip(found, wanted, strict=True):
        assert abs(x - a) <= 0.0501
        assert abs(y - b) <= 0.0501


def drawing(body, headings=()):
    one = Drawing(f"{HEAD}{body}</svg>".encode(), "c0-")
    advances = Advances()
    for letters in one.letters():
        advances.learn(letters)
    return str(one.markup(advances, headings))


def test_words_become_text_of_the_drawn_width():
    # letter 1 moves on by 60, letter 2 by 90, so the line is 210 hundredths of its size of 20 wide
    made = drawing(LETTERS.format(words="A&lt;b&gt;&amp;", y=30))
    assert (
        made
        == (
            'viewBox="0 0 100 50" stroke-linejoin="round"><text x="10" y="30" font-size="20" textLength="42" '
            'lengthAdjust="spacingAndGlyphs" fill="#1a1a1a">A&amp;lt;b&amp;gt;&amp;amp;</text>'
        )
        or "A&lt;b&gt;&amp;</text>" in made
    )


def test_headings_that_the_page_says_itself_are_cut_off():
    body = (
        LETTERS.format(words="Two", y=10)
        + LETTERS.format(words="words", y=20)
        + LETTERS.format(words="axis", y=40)
    )
    cut = drawing(body, ("Two words", ""))
    assert "Two" not in cut
    assert "axis" in cut
    assert cut.startswith('viewBox="0 26 100 24"')
    assert "Two" in drawing(body, ("Three words",))


@pytest.mark.parametrize(
    "body",
    [
        "<script>alert(1)</script>",
        '<path d="M 0 0" onload="alert(1)" style="background: url(http://x)"/>',
        '<image href="http://x"/>',
        '<foreignObject><b xmlns="http://www.w3.org/1999/xhtml">x</b></foreignObject>',
        '<a href="javascript:alert(1)"><path d="M 0 0"/></a>',
    ],
)
def test_only_known_elements_and_attributes_pass(body):
    made = drawing(body)
    assert not re.search(r"alert|http|script|image|foreign|<a|<b", made)


@pytest.mark.parametrize("svg", [b"", b"no drawing", b"<svg xmlns='http://www.w3.org/2000/svg'/>"])
def test_what_is_no_drawing_is_refused(svg):
    with pytest.raises(UnknownDrawing):
        Drawing(svg, "c0-")
    with pytest.raises(UnknownDrawing):
        small_path("M 0 0 A 1 1 0 0 0 1 1")
