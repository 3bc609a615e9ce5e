"""A comparison as files: one table by county, one chart, for each pair."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from fractions import Fraction

from allocator.comparison.flow import DEFINED, Flow
from allocator.comparison.sides_compared import Comparison, Part, stage_title
from allocator.names import number
from allocator.text import Language, Text
from reports.charts.compare import Cause, CompareData, draw_compare
from reports.charts.style import SLIDE, Heading, Size, save
from reports.charts.winners import Change
from reports.csv_files import LINE_END
from reports.figures import money


def comparison_files(found: Sequence[Comparison], lang: Language, size: Size = SLIDE) -> dict[str, bytes]:
    """`compare.csv`, `compare.png`, `compare.svg`, numbered where there are several pairs.

    Where no county differs there is nothing to draw.
    """
    files: dict[str, bytes] = {}
    for k, one in enumerate(found):
        name = "compare" if len(found) == 1 else f"compare-{k + 1}"
        files[f"{name}.csv"] = _table(one)
        if one.ranked:
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
    counties = tuple(
        Change(one.second.counties[code][0], float(one.first.paid[code]), float(one.second.paid[code]))
        for code in one.codes
    )
    causes = [_cause(stage_title(part), part.flow) for part in one.shown]
    if causes:
        causes.insert(0, _cause(Text("两方案之差", "Difference"), one.flow))
    heading = Heading(_finding(one), _subtitle(one), Text("allocator", "allocator"))
    return CompareData(heading, one.first.unit, tuple(causes), counties, _note(one, len(causes) > 2))


def _cause(name: Text, flow: Flow) -> Cause:
    return Cause(name, float(flow.gained), float(flow.lost), float(flow.net))


def _subtitle(one: Comparison) -> Text:
    """Which plans, and what each pays in all."""
    sides = one.first, one.second
    names = [side.title for side in sides]
    if names[0] == names[1]:
        names = [Text(side.source, side.source) for side in sides]
    before, after = (number(side.total) for side in sides)
    net, unit = one.second.total - one.first.total, one.first.unit
    total = Text(f"总额都是 {after} {unit}", f"total {after} {unit} in both")
    if net:
        signed = number(net, sign=True)
        total = Text(
            f"总额 {before} → {after} {unit}（{signed}）", f"total {before} → {after} {unit} ({signed})"
        )
    return Text(f"{names[0].zh} → {names[1].zh}；{total.zh}", f"{names[0].en} → {names[1].en}; {total.en}")


def _note(one: Comparison, several: bool) -> Text:
    """What the amounts mean and, of several causes, which amounts add up."""
    said = [DEFINED] if one.flow.moved is not None else []
    if several:
        offset = Text(
            "同一旗县可因一项增、因另一项减，各项的增减相抵；净额可以相加",
            "A county may gain by one cause and lose by another: nets add up, gains and losses do not",
        )
        said.append(offset)
    return Text("".join(f"{text.zh}。" for text in said), " ".join(f"{text.en}." for text in said))


def _finding(one: Comparison) -> Text:
    """How many differ, how much they gain and lose, and what most of it comes from."""
    many, said = len(one.ranked), one.flow.text(one.first.unit)
    who = Text("旗县", "county differs" if many == 1 else "counties differ")
    if any(one.only):
        who = Text("共有旗县", "county in both differs" if many == 1 else "counties in both differ")
    zh, en = f"{many} 个{who.zh}金额不同：{said.zh}", f"{many} {who.en}: {said.en}"
    if not one.parts:
        return Text(zh, en)
    first, *others = sorted(one.parts, key=_reach, reverse=True)
    top = stage_title(first)
    if not any(_reach(part) for part in others):
        return Text(f"{zh}，全部来自{top.zh}", f"{en}, all by {top.en.lower()}")
    return Text(f"{zh}，{top.zh}的影响最大", f"{en}, most by {top.en.lower()}")


def _reach(part: Part) -> Fraction:
    """Gains and losses together: what a cause is ranked by."""
    return part.flow.gained + part.flow.lost
