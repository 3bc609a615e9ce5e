"""Names in sentences: nothing in a county's or prefecture's name may turn or break what is said around it."""

from __future__ import annotations

from allocator.load import load
from allocator.text import one_line
from tests import builders


def test_characters_that_turn_or_break_a_line_are_left_out():
    assert one_line("己\u202e县\u2066甲") == "己县甲"
    assert one_line("丙\n旗\t乙") == "丙 旗 乙"
    assert one_line("\u200b甲\ufeff县 ") == "甲县"
    assert one_line("甲\x00县") == "甲\N{REPLACEMENT CHARACTER}县"
    for plain in ("甲县", "=cmd|' /C calc'!A0", "<script>", "Ürümqi · 1", "县" * 200):
        assert one_line(plain) == plain


def test_counties_and_prefectures_are_named_on_one_line(tmp_path):
    folder = tmp_path / "plan"
    builders.write_scenario(folder)
    table = folder / "counties.csv"
    text = table.read_text(encoding="utf-8-sig").replace("甲县", "甲\u202e县").replace("东盟", "东\u2067盟")
    table.write_text(text, encoding="utf-8")
    loaded = load(folder)
    assert "甲\u202e县" in loaded.counties.names
    i = loaded.counties.names.index("甲\u202e县")
    assert loaded.names.county(i) == "甲县"
    assert loaded.names.place(loaded.counties.codes[i]).zh == "甲县"
    assert loaded.names.place("东\u2067盟").zh == "东盟"
