"""Charts in the Word document: each picture with its caption below, as wide and high as it may be."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator
from typing import Any
from xml.sax.saxutils import quoteattr

from reports.publication.docx_styles import FANG, Look
from reports.publication.docx_text import KEEP, R, W, paragraph
from reports.publication.pieces import CHART, Chart

SPACES = (
    f"{W} {R} "
    'xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing" '
    'xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main" '
    'xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"'
)
PICTURE = "http://schemas.openxmlformats.org/drawingml/2006/picture"
EMU = 36000
"""English metric units in a millimetre."""


def chart_xml(part: Any, number: int, chart: Chart) -> Iterator[str]:
    """The picture, put into the package, then its caption on the same page."""
    relation, _ = part.get_or_add_image(io.BytesIO(chart.picture))
    across, down = size(chart.picture)
    extent = f'cx="{round(across * EMU)}" cy="{round(down * EMU)}"'
    said = f'id="{number}" name="chart-{number}" descr={quoteattr(chart.alt)}'
    yield (
        f'<w:p {SPACES}><w:pPr>{KEEP}<w:spacing w:before="120" w:after="40"/><w:jc w:val="center"/></w:pPr>'
        f'<w:r><w:drawing><wp:inline distT="0" distB="0" distL="0" distR="0"><wp:extent {extent}/>'
        f'<wp:docPr {said}/><wp:cNvGraphicFramePr><a:graphicFrameLocks noChangeAspect="1"/>'
        f'</wp:cNvGraphicFramePr><a:graphic><a:graphicData uri="{PICTURE}"><pic:pic><pic:nvPicPr>'
        f"<pic:cNvPr {said}/><pic:cNvPicPr/></pic:nvPicPr><pic:blipFill>"
        f'<a:blip r:embed="{relation}"/><a:stretch><a:fillRect/></a:stretch></pic:blipFill><pic:spPr>'
        f'<a:xfrm><a:off x="0" y="0"/><a:ext {extent}/></a:xfrm><a:prstGeom prst="rect"><a:avLst/>'
        "</a:prstGeom></pic:spPr></pic:pic></a:graphicData></a:graphic></wp:inline></w:drawing></w:r></w:p>"
    )
    yield paragraph(chart.caption, Look(FANG, 10.5), "center", after=6)


def size(picture: bytes) -> tuple[float, float]:
    """Millimetres across and down that a PNG takes, in its own proportions."""
    width, height = struct.unpack(">II", picture[16:24])
    scale = min(CHART[0] / width, CHART[1] / height)
    return width * scale, height * scale
