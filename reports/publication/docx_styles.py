"""Fonts, styles and footer of the Word document."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any
from xml.sax.saxutils import escape

from allocator.text import Language

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
LATIN = "Times New Roman"
SONG, FANG, HEI, KAI = "方正小标宋简体", "仿宋_GB2312", "黑体", "楷体_GB2312"
SUBSTITUTES = {SONG: "华文中宋", FANG: "仿宋", HEI: "SimHei", KAI: "楷体"}
"""What stands in for a font on a system without it."""
WRITTEN = datetime(2000, 1, 1)
"""Stands in every file, so that equal input gives equal bytes."""


@dataclass(frozen=True)
class Look:
    """Font and size of a run."""

    font: str
    size: float
    bold: bool = False
    colour: str = ""

    @cache  # noqa: B019 - frozen, and few of them
    def xml(self, blank: bool = False) -> str:
        """Run properties; a blank to be filled is marked."""
        fonts = f'w:ascii="{LATIN}" w:hAnsi="{LATIN}" w:cs="{LATIN}" w:eastAsia="{self.font}"'
        bold = "<w:b/>" if self.bold else '<w:b w:val="0"/>'
        colour = f'<w:color w:val="{self.colour or "000000"}"/>'
        half = round(self.size * 2)
        mark = '<w:highlight w:val="yellow"/>' if blank else ""
        return (
            f'<w:rPr><w:rFonts w:hint="eastAsia" {fonts}/>{bold}{colour}'
            f'<w:sz w:val="{half}"/><w:szCs w:val="{half}"/>{mark}</w:rPr>'
        )


def prepared(title: str, lang: Language) -> tuple[Any, str]:
    """An empty document with fonts, page numbers and fixed properties; and the footer's relation."""
    import docx  # noqa: PLC0415 - an extra
    from docx.oxml import parse_xml  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    document: Any = docx.Document()
    _style(document, "Normal", Look(FANG, 16))
    _style(document, "Title", Look(SONG, 22, bold=True))
    _style(document, "Heading 1", Look(HEI, 16))
    _style(document, "Heading 2", Look(KAI, 16))
    for tag in document.styles.element.iter(qn("w:lang")):
        tag.set(qn("w:val"), "en-US")
        tag.set(qn("w:eastAsia"), "zh-CN" if lang == "zh" else "en-US")
    _fonts(document)
    document.core_properties.title = title[:255]
    document.core_properties.author = document.core_properties.last_modified_by = "allocator"
    document.core_properties.comments = ""
    document.core_properties.language = "zh-CN" if lang == "zh" else "en"
    document.core_properties.created = document.core_properties.modified = WRITTEN
    footer = document.sections[0].footer
    footer.is_linked_to_previous = False
    paragraph = footer.paragraphs[0]._p
    paragraph.getparent().replace(paragraph, parse_xml(_number()))
    reference = document.sections[0]._sectPr.find(qn("w:footerReference"))
    return document, reference.get(qn("r:id"))


def _style(document: Any, name: str, look: Look) -> None:
    """A style in our font, without the theme's fonts, borders and spacing."""
    from docx.oxml import parse_xml  # noqa: PLC0415
    from docx.oxml.ns import qn  # noqa: PLC0415

    element = document.styles[name].element
    for old in element.findall(qn("w:rPr")):
        element.remove(old)
    element.append(parse_xml(look.xml().replace("<w:rPr>", f"<w:rPr {W}>", 1)))
    own = element.get_or_add_pPr()
    for tag in ("w:pBdr", "w:contextualSpacing", "w:spacing"):
        for old in own.findall(qn(tag)):
            own.remove(old)
    own.insert_element_before(
        parse_xml(f'<w:spacing {W} w:before="0" w:after="0" w:line="240" w:lineRule="auto"/>'),
        *("w:ind", "w:contextualSpacing", "w:jc", "w:outlineLvl"),
    )


def _fonts(document: Any) -> None:
    """Names each East Asian font's substitute in the font table."""
    part = next(p for p in document.part.package.iter_parts() if p.partname.endswith("/fontTable.xml"))
    entries = "".join(
        f'<w:font w:name="{escape(name)}"><w:altName w:val="{escape(other)}"/>'
        '<w:charset w:val="86"/></w:font>'
        for name, other in SUBSTITUTES.items()
    )
    part._blob = part.blob.replace(b"</w:fonts>", entries.encode() + b"</w:fonts>")


def _number() -> str:
    """— 1 — in the middle."""
    look = Look(FANG, 14).xml()
    text = '<w:r>{look}<w:t xml:space="preserve">{said}</w:t></w:r>'
    field = "".join(
        f"<w:r>{look}{inner}</w:r>"
        for inner in (
            '<w:fldChar w:fldCharType="begin"/>',
            '<w:instrText xml:space="preserve"> PAGE </w:instrText>',
            '<w:fldChar w:fldCharType="separate"/>',
            "<w:t>1</w:t>",
            '<w:fldChar w:fldCharType="end"/>',
        )
    )
    before, after = (text.format(look=look, said=said) for said in ("— ", " —"))
    return f'<w:p {W}><w:pPr><w:jc w:val="center"/></w:pPr>{before}{field}{after}</w:p>'
