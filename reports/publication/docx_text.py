"""Paragraphs of the Word document as XML."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

from allocator.text import Language
from reports.publication.docx_styles import FANG, HEI, KAI, Look
from reports.publication.pieces import Line, split_gaps

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
R = 'xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"'
KEEP = "<w:keepNext/>"
"""On the same page as what follows."""

GUESS = 20
"""Paragraphs that LibreOffice first puts on a page: a heading that is the last of them stays there alone."""

BODY = Look(FANG, 16)
LOOKS = {
    "heading": Look(HEI, 16),
    "subheading": Look(KAI, 16),
    "text": BODY,
    "list": BODY,
    "item": BODY,
    "closing": BODY,
}


def gaps_before(lines: Sequence[Line], before: int) -> dict[int, int]:
    """Empty paragraphs by the line that they precede, so that no heading is the last of GUESS.

    `before` are the paragraphs above the lines.
    """
    start = 0
    for k, line in enumerate(lines):
        if line.style not in ("heading", "subheading"):
            start = k + 1
        elif before + k + 1 == GUESS:
            return {start: GUESS - before - start}
    return {}


def empty(section: str = "") -> str:
    """An empty paragraph, as small as can be; it may end a section."""
    spacing = '<w:spacing w:before="0" w:after="0" w:line="20" w:lineRule="exact"/>'
    return f"<w:p {W} {R}><w:pPr>{spacing}{section}</w:pPr></w:p>"


def line_xml(line: Line, lang: Language, keep: bool) -> str:
    """A paragraph of the notice; a heading stays with what follows, as others do with `keep`."""
    look = LOOKS[line.style]
    two = 200 if lang == "zh" else 0
    indents = {"list": (two + 400, 400), "item": (two + 400, 100), "closing": (0, 0)}
    style = {"heading": "Heading1", "subheading": "Heading2"}.get(line.style, "")
    side = {"closing": "right", "text": "both"}.get(line.style, "left")
    left, hanging = indents.get(line.style, (0, -two))
    keep = keep or bool(style)
    return paragraph(line.text, look, side, style=style, indent=(left, hanging), keep=keep)


def paragraph(
    text: str,
    look: Look,
    side: str,
    style: str = "",
    after: int = 0,
    indent: tuple[int, int] = (0, 0),
    keep: bool = False,
) -> str:
    """A paragraph; indents (left, hanging or, negative, of the first line) in hundredths of a character."""
    left, hanging = indent
    first = f'w:hangingChars="{hanging}" w:hanging="{hanging * look.size / 5:.0f}"'
    if hanging <= 0:
        first = f'w:firstLineChars="{-hanging}" w:firstLine="{-hanging * look.size / 5:.0f}"'
    right = 'w:rightChars="200" w:right="640" ' if side == "right" and look is BODY else ""
    indents = f'<w:ind w:leftChars="{left}" w:left="{left * look.size / 5:.0f}" {right}{first}/>'
    named = (f'<w:pStyle w:val="{style}"/>' if style else "") + (KEEP if keep else "")
    runs = "".join(run(part, look, blank) for part, blank in split_gaps(text))
    spacing = f'<w:spacing w:before="0" w:after="{after * 20}"/>'
    return f'<w:p {W}><w:pPr>{named}{spacing}{indents}<w:jc w:val="{side}"/></w:pPr>{runs}</w:p>'


def run(text: str, look: Look, blank: bool = False) -> str:
    """A run of text; a blank to be filled is marked."""
    return f'<w:r>{look.xml(blank)}<w:t xml:space="preserve">{escape(text)}</w:t></w:r>'
