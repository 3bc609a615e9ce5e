"""The annex of charts: asked for by the scenario, from the study, in the document's language."""

from __future__ import annotations

import io
import re
import subprocess

import docx
import pytest
from docx.oxml.ns import qn

from reports.publication import docx as publication_docx
from reports.publication import pdf as publication_pdf
from reports.publication import xlsx as publication_xlsx
from reports.publication.notice import missing, notice
from reports.report_input import of_streams
from tests.reports.published import CHARTS, COMPLETE, picture, report, study

ASKED = {**COMPLETE, "charts": True}
KEY = [CHARTS[0], CHARTS[2], CHARTS[3]]
"""All but the chart of a weight."""


def document(made, lang="zh"):
    content = publication_docx.publication_files(made, lang)["publication.docx"]
    return content, docx.Document(io.BytesIO(content))


def pictures(read):
    """Bytes of each picture, its alt text, and its size, in order."""
    found = []
    for drawing in read.element.body.iter(qn("w:drawing")):
        relation = next(drawing.iter(qn("a:blip"))).get(qn("r:embed"))
        extent, said = next(drawing.iter(qn("wp:extent"))), next(drawing.iter(qn("wp:docPr")))
        size = int(extent.get("cx")), int(extent.get("cy"))
        found.append((read.part.related_parts[relation].blob, said.get("descr"), size))
    return found


@pytest.mark.parametrize("asked", [COMPLETE, {**COMPLETE, "charts": False}])
def test_nobody_gets_charts_unasked(tmp_path, asked):
    with_study, without = report(asked, study=study(tmp_path)), report(asked)
    for module in (publication_docx, publication_pdf, publication_xlsx):
        assert module.publication_files(with_study, "zh") == module.publication_files(without, "zh")
    assert missing(with_study) == missing(without)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_docx_has_the_key_charts_in_its_language(tmp_path, lang):
    made = report(ASKED, study=study(tmp_path))
    content, read = document(made, lang)
    assert document(report(ASKED, study=study(tmp_path)), lang)[0] == content
    found = pictures(read)
    assert [blob for blob, _, _ in found] == [picture(name, lang) for name in KEY]
    ending = {"zh": "的结论 <&> 说明", "en": "what it shows"}[lang]
    assert all(name in alt and alt.endswith(ending) for name, (_, alt, _) in zip(KEY, found, strict=True))
    # two fit on a page, and neither is stretched
    assert all(abs(across / down - 160 / 90) < 0.001 and down <= 82 * 36000 for _, _, (across, down) in found)
    said = [p.text for p in read.paragraphs]
    label, title = {"zh": ("附件4", "说明图"), "en": ("Annex 4", "Charts")}[lang]
    assert said[said.index(label) + 1] == title
    assert any(f"4. {title}" in text for text in said[: said.index(label)])
    assert said[-1].startswith({"zh": "图3　frontier", "en": "Figure 3. finding of frontier"}[lang])
    assert any({"zh": "取整之前", "en": "before rounding"}[lang] in text for text in said)


def test_a_chart_and_its_caption_stay_together(tmp_path):
    _, read = document(report(ASKED, study=study(tmp_path)))
    drawn = [p for p in read.paragraphs if next(p._p.iter(qn("w:drawing")), None) is not None]
    assert len(drawn) == 3
    assert all(p._p.pPr.find(qn("w:keepNext")) is not None for p in drawn)


def test_a_study_of_one_language_is_shown_as_it_is(tmp_path):
    _, read = document(report(ASKED, study=study(tmp_path, other=False)), "en")
    assert [blob for blob, _, _ in pictures(read)] == [picture(name, "zh") for name in KEY]
    assert any("drawn in Chinese alone" in p.text for p in read.paragraphs)
    _, read = document(report(ASKED, study=study(tmp_path / "en", "en", other=False)), "zh")
    assert any("有的图只有英文" in p.text for p in read.paragraphs)


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_pdf_has_the_charts_with_captions(tmp_path, lang):
    made = report(ASKED, study=study(tmp_path))
    content = publication_pdf.publication_files(made, lang)["publication.pdf"]
    assert publication_pdf.publication_files(made, lang)["publication.pdf"] == content
    (tmp_path / "publication.pdf").write_bytes(content)
    done = subprocess.run(
        ["pdftotext", str(tmp_path / "publication.pdf"), "-"], capture_output=True, check=True
    )
    said = re.sub(r"\s", "", done.stdout.decode("utf-8"))
    captions = [chart.caption for chart in notice(made, lang, "svg").charts.charts]
    assert len(captions) == 3
    assert all(re.sub(r"\s", "", caption) in said for caption in captions)
    assert {"zh": "取整之前", "en": "beforerounding"}[lang] in said


def test_the_drawings_of_the_pdf_are_those_of_its_language(tmp_path):
    made = report(ASKED, study=study(tmp_path))
    for lang, low in (("zh", 'cy="45"'), ("en", 'cy="60"')):
        charts = notice(made, lang, "svg").charts.charts
        assert all(low in chart.picture.decode() for chart in charts)


def test_xlsx_has_no_charts_and_lists_none(tmp_path):
    asked, without = report(ASKED, study=study(tmp_path)), report(COMPLETE)
    assert publication_xlsx.publication_files(asked, "zh") == publication_xlsx.publication_files(
        without, "zh"
    )


def test_a_part_says_that_charts_are_of_all_the_money(tmp_path):
    part = of_streams(report(ASKED, study=study(tmp_path)), ["central"])
    (note,) = notice(part, "zh", "png").charts.notes
    assert "不只是本次公布的部分" in note


def test_charts_without_a_study_are_told_to_the_user():
    (told,) = [text for text in missing(report(ASKED)) if "publication.charts" in text.en]
    assert "allocator sensitivity result -o result/sensitivity" in told.zh
    assert notice(report(ASKED), "zh", "png").charts is None
