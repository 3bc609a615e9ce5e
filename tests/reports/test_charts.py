"""Charts: they draw in both languages and sizes, nothing overlaps or is cut; equal input, equal bytes."""

from __future__ import annotations

import random
from dataclasses import replace
from fractions import Fraction as F
from itertools import combinations, pairwise

import matplotlib
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.text import Text as Drawn

from allocator.text import Text
from reports.charts import (
    breakpoints,
    compare,
    fonts,
    labels,
    scale,
    style,
    sweep,
    tornado,
    uncertainty,
    winners,
)
from tests.reports.chart_samples import SAMPLES, heading


def texts(figure):
    """Every drawn text with its box."""
    canvas = FigureCanvasAgg(figure)
    figure.draw_without_rendering()
    found = [text for text in figure.findobj(Drawn) if text.get_visible() and text.get_text().strip()]
    return [(text, text.get_window_extent(canvas.get_renderer())) for text in found]


def check_texts(figure, size):
    """Every text inside the figure, none on another, type large enough on a slide."""
    drawn = texts(figure)
    assert any(text.get_gid() == "title" for text, _ in drawn)
    width, height = figure.canvas.get_width_height()
    for text, box in drawn:
        assert min(box.x0, box.y0) >= 0, text
        assert box.x1 <= width, text
        assert box.y1 <= height, text
        if size is style.SLIDE and text.get_text() != "▼":
            # To be read from three metres; names in tiles shrink before they are cut.
            least = {"title": 22, "subtitle": 16, "footer": 12, "tile": 8.4}
            assert text.get_fontsize() >= least.get(text.get_gid(), 14) - 1e-9
    # Boxes are a line high: rows set solid may share a point.
    pad = size.dpi / 72
    for (one, a), (other, b) in combinations(drawn, 2):
        across = min(a.x1, b.x1) - max(a.x0, b.x0)
        up = min(a.y1, b.y1) - max(a.y0, b.y0)
        assert across <= pad or up <= pad, f"{one} / {other}"


@pytest.mark.parametrize("size", [style.SLIDE, style.A4], ids=["slide", "a4"])
@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("name", SAMPLES)
def test_texts_stay_apart_and_inside(name, lang, size):
    draw, data = SAMPLES[name]
    figure = draw(data, lang, size)
    check_texts(figure, size)


def test_more_rows_than_a_slide_has_room_for():
    draw, data = SAMPLES["uncertainty"]
    check_texts(draw(replace(data, most=103), "en", style.SLIDE), style.SLIDE)
    draw, data = SAMPLES["winners"]
    many = replace(data, prefectures=data.counties[:25], most=50)
    check_texts(draw(many, "en", style.SLIDE), style.SLIDE)


@pytest.mark.parametrize("name", SAMPLES)
def test_equal_input_gives_equal_bytes_and_no_trace_of_it_stays(name):
    draw, data = SAMPLES[name]
    with matplotlib.rc_context({"font.size": 3, "axes.facecolor": "red"}):
        before = dict(matplotlib.rcParams)
        strange = style.save(draw(data, "zh", style.SLIDE))
        assert dict(matplotlib.rcParams) == before
    plain = style.save(draw(data, "zh", style.SLIDE))
    assert plain == strange
    assert plain["png"][16:24] == (1280).to_bytes(4, "big") + (720).to_bytes(4, "big")
    assert b"Matplotlib" not in plain["png"] + plain["svg"]


def test_letters_can_stay_text_in_svg():
    draw, data = SAMPLES["frontier"]
    svg = style.save(draw(data, "zh", style.SLIDE), letters="none")["svg"].decode()
    assert "现方案 60%" in svg
    assert fonts.FAMILY in svg


def test_missing_glyph_is_named_before_drawing():
    fonts.check_glyphs("瀍猇濞硚㵲 −1,234 ▼\n")
    with pytest.raises(fonts.MissingGlyphs, match=r"U\+12000") as caught:
        fonts.check_glyphs("好𒀀")
    assert caught.value.characters == "𒀀"
    draw, data = SAMPLES["winners"]
    odd = replace(data, counties=(winners.Change("旗\U00012000", 1.0, 2.0),))
    with pytest.raises(fonts.MissingGlyphs):
        draw(odd, "zh")


def test_without_the_font_package_the_error_says_what_to_install(monkeypatch):
    monkeypatch.setattr(fonts.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(fonts.FontNotFound, match="zhplot"):
        fonts.font_file.__wrapped__()


def test_spread_keeps_order_distance_and_bounds():
    rng = random.Random(11)
    for count in (1, 2, 10):
        wanted = [rng.uniform(0, 3) for _ in range(count)]
        placed = labels.spread(wanted, [0.25] * count, 0, 3)
        order = sorted(range(count), key=lambda i: wanted[i])
        assert order == sorted(range(count), key=lambda i: placed[i])
        assert all(placed[b] - placed[a] >= 0.25 - 1e-9 for a, b in pairwise(order))
        assert min(placed) >= 0.125 - 1e-9
        assert max(placed) <= 2.875 + 1e-9
    assert labels.spread([1.0, 2.0], [0.5, 0.5], 0, 3) == pytest.approx([1.0, 2.0])
    assert labels.spread([1.0, 1.0], [0.5, 0.5], 0, 3) == pytest.approx([0.75, 1.25])
    assert labels.spread([], [], 0, 1) == []


def test_numbers_are_written_with_true_minus_signs():
    assert scale.written(F(-1, 3), percent=True) == "−33.33%"
    assert [scale.amount(value, sign=True) for value in (-1234.5, 12.34, 0.0)] == ["−1,235", "+12.3", "0"]
    assert scale.fixed(-0.001) == "0.00"
    assert scale.fixed(-1.5, 1, sign=True) == "−1.5"


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_small_and_empty_cases_draw(lang):
    head = heading("winners")
    one = tornado.Lever(Text("甲", "A"), tornado.Side("1", 0.0), tornado.Side("2", None))
    small = [
        tornado.draw_tornado(tornado.TornadoData(head, "万元", (one,)), lang),
        winners.draw_winners(winners.WinnersData(head, "万元", (winners.Change("甲", 0, 0),), ()), lang),
        compare.draw_compare(
            compare.CompareData(head, "万元", (compare.Cause(Text("甲", "A"), 0.0, 0.0, 0.0),), ()), lang
        ),
        uncertainty.draw_uncertainty(
            uncertainty.UncertaintyData(head, "万元", (uncertainty.Interval("甲", 0, 0, 1, 0),)), lang
        ),
    ]
    flat = sweep.SweepData(
        head, "万元", Text("参数", "parameter"), False, (1.0, 2.0), 1.0, (sweep.Line("甲", (5.0, 5.0)),)
    )
    small.append(sweep.draw_sweep(flat, lang))
    for figure in small:
        assert style.save(figure)["png"]


def test_a_present_value_outside_its_ranges_is_refused():
    part = breakpoints.Range(F(0), F(1), "idle")
    data = replace(
        SAMPLES["breakpoints"][1], parameters=(breakpoints.Parameter(Text("甲", "A"), True, (part,), F(2)),)
    )
    with pytest.raises(ValueError, match="outside"):
        breakpoints.draw_breakpoints(data, "zh")


def test_marks_that_show_nothing_are_left_out():
    fonts.check_glyphs("\u202e甲\u200f县\u2066")
    assert fonts.visible("\u202e甲\u200f县\u2066") == "甲县"


@pytest.mark.parametrize(
    ("value", "words"),
    [(0.0, "0%"), (1.0, "100%"), (0.998, "99.8%"), (0.9996, "99.96%"), (0.0004, "0.04%"), (0.41, "41%"),
     (0.004, "0.4%"), (0.5049, "50%"), (1999 / 2000, "99.95%")],
)  # fmt: skip
def test_what_is_not_certain_is_not_said_to_be(value, words):
    assert scale.chance(value) == words
    draw, data = SAMPLES["uncertainty"]
    rule = uncertainty.Chance(Text("规则", "rule"), value)
    for size in (style.SLIDE, style.A4):
        figure = draw(replace(data, rules=(rule,)), "zh", size)
        assert words in [text.get_text() for text, _ in texts(figure)]
        check_texts(figure, size)


LONG = Text(
    "人群数量及结构权重（自治区·巩固拓展脱贫攻坚成果和乡村振兴任务）",
    "poverty-exit average no less than that of the other counties",
)


@pytest.mark.parametrize("size", [style.SLIDE, style.A4], ids=["slide", "a4"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_long_labels_are_wrapped_not_cut(lang, size):
    levers = tuple(
        replace(one, name=LONG if k % 3 == 0 else one.name)
        for k, one in enumerate(SAMPLES["tornado"][1].levers)
    )
    chances = tuple(replace(one, name=LONG) for one in SAMPLES["uncertainty"][1].rules)
    strips = tuple(replace(one, name=LONG) for one in SAMPLES["breakpoints"][1].parameters)
    factors = tuple(replace(one, name=LONG) for one in SAMPLES["sobol"][1].factors)
    for name, change in (
        ("tornado", {"levers": levers}),
        ("uncertainty", {"rules": chances, "counties": ()}),
        ("breakpoints", {"parameters": strips}),
        ("sobol", {"factors": factors}),
    ):
        draw, data = SAMPLES[name]
        figure = draw(replace(data, **change), lang, size)
        check_texts(figure, size)
        drawn = [text.get_text() for text, _ in texts(figure)]
        assert not [words for words in drawn if "…" in words], name
        assert "".join(LONG.say(lang).split()) in "".join("".join(drawn).split()), name


@pytest.mark.parametrize("size", [style.SLIDE, style.A4], ids=["slide", "a4"])
@pytest.mark.parametrize("lang", ["zh", "en"])
def test_every_name_in_a_map_of_tiles_is_whole(lang, size):
    draw, data = SAMPLES["tiles"]
    figure = draw(data, lang, size)
    drawn = [text.get_text() for text, _ in texts(figure) if text.get_gid() == "tile"]
    assert "".join(drawn) == "".join(tile.name for _, tiles in data.prefectures for tile in tiles)


def test_a_name_that_fits_in_no_type_is_cut_and_a_hopeless_one_left_out():
    draw, data = SAMPLES["tiles"]
    longer = tuple(
        (name, tuple(replace(t, name=t.name * 9) for t in tiles)) for name, tiles in data.prefectures
    )
    figure = draw(replace(data, prefectures=longer), "zh", style.SLIDE)
    check_texts(figure, style.SLIDE)
    assert any("…" in text.get_text() for text, _ in texts(figure) if text.get_gid() == "tile")
    crowd = tuple((f"{name}{k}", tiles) for k in range(2) for name, tiles in data.prefectures)
    figure = draw(replace(data, prefectures=crowd), "zh", style.SLIDE)
    check_texts(figure, style.SLIDE)


def test_bars_of_a_cause_are_its_gains_and_losses_and_no_total_is_made_up():
    draw, data = SAMPLES["compare"]
    drawn = [text.get_text() for text, _ in texts(draw(data, "en", style.SLIDE))]
    for cause in data.causes:
        for value in (cause.gained, -cause.lost, cause.net):
            assert scale.amount(value, sign=True) in drawn
    assert "all" not in drawn
    alone = draw(replace(data, causes=()), "en", style.A4)
    check_texts(alone, style.A4)
