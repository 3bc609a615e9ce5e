"""The pictures of the sensitivity sheet: in the workbook's language, and of one size everywhere."""

from __future__ import annotations

import io
import re
import struct
import zipfile

SCREEN = 96
"""Pixels an inch."""
DRAWINGS = "xl/drawings/drawing"
_STRETCHING = re.compile(
    rb"<xdr:twoCellAnchor[^>]*>(<xdr:from>.*?</xdr:from>)<xdr:to>.*?</xdr:to>"
    rb'(.*?<a:ext (cx="\d+" cy="\d+")/>.*?)</xdr:twoCellAnchor>',
    re.DOTALL,
)
"""A picture tied to two cells, and the size that it says it has."""


def size_of(content: bytes) -> tuple[float, float]:
    """Width and height of a PNG in pixels of the screen, as its own resolution says."""
    width, height = struct.unpack(">II", content[16:24])
    at, per_inch = content.find(b"pHYs", 0, 4096), float(SCREEN)
    if at > 0:
        per_metre, _, unit = struct.unpack(">IIB", content[at + 4 : at + 13])
        per_inch = round(per_metre * 0.0254) if unit == 1 and per_metre else per_inch
    return width * SCREEN / per_inch, height * SCREEN / per_inch


def unstretched(workbook: bytes) -> bytes:
    """The workbook with each picture tied to one cell and of its own size.

    xlsxwriter ties a picture to the cells under its corners: where columns come out wider, as they do for
    a program without the font that they are measured in, the picture does too.
    """
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for member in old.infolist():
            data = old.read(member)
            if member.filename.startswith(DRAWINGS):
                data = _STRETCHING.sub(
                    rb"<xdr:oneCellAnchor>\1<xdr:ext \3/>\2</xdr:oneCellAnchor>",
                    data,
                )
            new.writestr(member, data)
    return out.getvalue()
