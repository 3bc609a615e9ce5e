"""A comparison as files: one table by county, one chart, for each pair."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction

from allocator.comparison.sides_compared import Comparison, stage_title
from allocator.names import number
from allocator.text import Language, Text
from reports.charts.compare import CompareData, Step, draw_compare
from reports.charts.style import SLIDE, Heading, Size, save
from reports.charts.winners import Change
from reports.csv_files import LINE_END
from reports.figures import money


def comparison_files(found: Sequence[Comparison], lang: Language, size: Size = SLIDE) -> dict[str, bytes]:
    """`compare.csv`, `compare.png`, `compare.svg`; numbered where there are several pairs."""
    files: dict[str, bytes] = {}
    for k, one in enumerate(found):
        name = "compare" if len(found) == 1 else f"compare-{k + 1}"
        files[f"{name}.csv"] = _table(one)
        if one.codes:
            pictures = save(draw_compare(_chart(one), lang, size))
            files |= {f"{name}.{kind}": content for kind, content in pictures.items()}
    return files


def _table(one: Comparison) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator=LINE_END)
    stages = ["_and_".join(part.kinds) for part in one.parts]
    writer.writerow(["code", "county", "prefecture", "first", "second", "change", *stages])
    for k, code in enumerate(one.codes):
        name, prefecture = one.first.counties[code]
        amounts = [one.first.paid[code], one.second.paid[code], one.change[k]]
        amounts += [part.amounts[k] for part in one.parts]
        writer.writerow([code, name, prefecture, *(money(amount) for amount in amounts)])
    return out.getvalue().encode("utf-8-sig")


def _chart(one: Comparison) -> CompareData:
    steps = tuple(
        Step(stage_title(part), part.moved) for part in one.parts if part.changed or any(part.amounts)
    )
    counties = tuple(
        Change(one.second.counties[code][0], float(one.first.paid[code]), float(one.second.paid[code]))
        for code in one.codes
    )
    unit = one.first.unit
    names = [side.title for side in (one.first, one.second)]
    if names[0] == names[1]:
        names = [Text(side.source, side.source) for side in (one.first, one.second)]
    subtitle = Text(f"{names[0].zh} → {names[1].zh}", f"{names[0].en} → {names[1].en}")
    return CompareData(
        Heading(_finding(one), subtitle, Text("allocator", "allocator")), unit, steps, counties
    )


def _finding(one: Comparison) -> Text:
    """How much moves, and what most of it comes from."""
    unit, moved = one.first.unit, number(Fraction(round(one.moved)))
    many = len(one.ranked)
    if not many:
        return Text("两个方案的金额完全相同", "Both give every county the same")
    said = Text(
        f"{many} 个旗县金额不同，共移动 {moved} {unit}",
        f"{many} counties differ, {moved} {unit} moved in all",
    )
    if not one.parts:
        return said
    top = stage_title(max(one.parts, key=lambda part: part.moved))
    return Text(f"{said.zh}，主要来自{top.zh}", f"{said.en}, mostly by {top.en.lower()}")
