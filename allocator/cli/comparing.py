"""What `allocator compare` does: solves or reads, compares, prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path

from allocator.cli.compare_json import comparison_json
from allocator.cli.progress_bar import Progress
from allocator.cli.screen import Cell, print_json, show_table
from allocator.cli.words import line
from allocator.comparison.sides_compared import Comparison, Part, compare, stage_title
from allocator.names import number
from allocator.text import Language, Text
from allocator.whatif.workers import missing
from reports.folder import check_target, write_folder

MOST = 15
"""Counties shown."""
MOST_DIFFERING = 4
"""Things that differ, named for each stage."""
FIRST, SECOND, CHANGE = Text("甲", "First"), Text("乙", "Second"), Text("差额", "Change")


def compare_and_print(sources: Sequence[str], out: Path | None, as_json: bool, lang: Language) -> int:
    """Each later source against the first; with `out` a table and a chart of each pair."""
    if out is not None:
        if find_spec("matplotlib") is None or find_spec("zhplot") is None:
            raise missing("matplotlib")
        check_target(out, ours=False)
    with Progress(lang) as progress:
        found = compare(sources, progress)
    if out is not None:
        from reports.comparison_files import comparison_files  # noqa: PLC0415 - matplotlib is slow to import

        write_folder(out, comparison_files(found, lang), ours=False)
    if as_json:
        print_json({"comparisons": [comparison_json(one) for one in found]})
        return 0
    for one in found:
        _print(one, lang)
        if out is not None and not one.ranked:
            line(Text("没有差额可画，因此没有图", "No difference to draw, hence no chart").say(lang))
    return 0


def _print(one: Comparison, lang: Language) -> None:
    for label, side in ((FIRST, one.first), (SECOND, one.second)):
        line(
            Text(
                f"{label.zh}：{side.title.zh}（{side.source}）",
                f"{label.en}: {side.title.en} ({side.source})",
            ).say(lang)
        )
    line("")
    _streams(one, lang)
    _stages(one, lang)
    if not one.codes:
        line(Text("没有共同的旗县", "They have no county in common").say(lang))
        line("")
    elif not one.ranked:
        line(Text("各旗县金额完全相同", "Every county gets the same amount").say(lang))
        line("")
    else:
        _counties(one, lang)
        _prefectures(one, lang)
    _only(one, lang)


def _streams(one: Comparison, lang: Language) -> None:
    rows = []
    for name in one.streams:
        first, second = (
            sum(s.by_stream.get(name, {}).values(), Fraction(0)) for s in (one.first, one.second)
        )
        rows.append(
            (_stream_title(one, name).say(lang), number(first), number(second), _signed(second - first))
        )
    first, second = one.first.total, one.second.total
    rows.append((Text("合计", "Total").say(lang), number(first), number(second), _signed(second - first)))
    columns = [Text("资金", "Stream"), FIRST, SECOND, CHANGE]
    show_table(Text(f"资金（{one.first.unit}）", f"Money ({one.first.unit})"), columns, rows, lang)


def _stream_title(one: Comparison, name: str) -> Text:
    for side in (one.second, one.first):
        if side.loaded is not None and name in side.loaded.scenario.streams:
            return side.loaded.scenario.streams[name].title.text(name)
    return Text(name, name)


def _stages(one: Comparison, lang: Language) -> None:
    """Money moved by stage, and what differs in each."""
    if one.unexplained is not None:
        line(one.unexplained.say(lang))
        line("")
        return
    rows: list[tuple[Cell, ...]] = []
    for part in one.parts:
        flow = part.flow
        amounts = (_signed(flow.gained), flow.up, _signed(-flow.lost), flow.down, _signed(flow.net))
        rows.append((stage_title(part).say(lang), *amounts, _differs(part, lang)))
    columns = [
        Text("来源", "Cause"),
        Text("增加", "Gained"),
        Text("旗县", "Up"),
        Text("减少", "Lost"),
        Text("旗县", "Down"),
        Text("净额", "Net"),
        Text("两方案的不同", "What differs"),
    ]
    said = one.flow.text(one.first.unit)
    title = Text(f"差额从何而来：{said.zh}", f"Where the difference comes from: {said.en}")
    show_table(title, columns, rows, lang)
    for part in one.parts:
        if part.why is not None:
            said, why = stage_title(part), part.why
            line(Text(f"{said.zh}无法分开：{why.zh}", f"{said.en} cannot be told apart: {why.en}").say(lang))
            line("")


def _differs(part: Part, lang: Language) -> str:
    if "rounding" in part.kinds:
        return ""
    if not part.changed:
        return Text("相同", "nothing").say(lang)
    said = [text.say(lang) for text in part.differs[:MOST_DIFFERING]]
    more = len(part.differs) - len(said)
    if more:
        said.append(Text(f"另 {more} 项", f"{more} more").say(lang))
    return Text("；", "; ").say(lang).join(said)


def _counties(one: Comparison, lang: Language) -> None:
    ranked = one.ranked
    shown = ranked[:MOST]
    rows = [(_county(one, k), *_row(one, [k])) for k in shown]
    unit = one.first.unit
    title = Text(f"差额最大的旗县（{unit}）", f"Counties that differ most ({unit})")
    show_table(title, [Text("旗县", "County"), *_columns(one)], rows, lang)
    if len(ranked) > len(shown):
        rest = len(ranked) - len(shown)
        said = Text(f"另有 {rest} 个旗县金额不同：--json", f"{rest} more counties differ: --json")
        line(said.say(lang))
    if one.parts:
        said = Text(
            "各部分为整步长，按旗县相加恰为差额，按来源相加恰为净额",
            "Parts are in whole steps; they add up to each county's change and to each cause's net",
        )
        line(said.say(lang))
    line("")


def _prefectures(one: Comparison, lang: Language) -> None:
    rows = [(name, *_row(one, members)) for name, members in one.prefectures.items()]
    unit = one.first.unit
    title = Text(f"各盟市（{unit}）", f"Prefectures ({unit})")
    show_table(title, [Text("盟市", "Prefecture"), *_columns(one)], rows, lang)


def _columns(one: Comparison) -> list[Text]:
    return [FIRST, SECOND, CHANGE, *(stage_title(part) for part in one.shown)]


def _row(one: Comparison, members: Iterable[int]) -> list[Cell]:
    """Amounts, difference and parts of some counties together."""
    rows = list(members)
    codes = [one.codes[k] for k in rows]
    first, second = (sum((s.paid[c] for c in codes), Fraction(0)) for s in (one.first, one.second))
    parts = [sum((part.amounts[k] for k in rows), Fraction(0)) for part in one.shown]
    return [number(first), number(second), *(_signed(v) for v in (second - first, *parts))]


def _signed(value: Fraction, places: int = 2) -> str:
    """With an ASCII sign, so that the column stands right."""
    return number(value, places, sign=True).replace("−", "-")


def _county(one: Comparison, k: int) -> str:
    """A county's name; its code too where another county has the same name."""
    code = one.codes[k]
    name = one.second.counties[code][0]
    same = [c for c, (other, _) in one.second.counties.items() if other == name]
    return name if len(same) == 1 else f"{name}({code})"


def _only(one: Comparison, lang: Language) -> None:
    """Counties that only one of the two has."""
    for label, side, codes in zip((FIRST, SECOND), (one.first, one.second), one.only, strict=True):
        if not codes:
            continue
        amount = number(sum((side.paid[c] for c in codes), Fraction(0)))
        names = [side.counties[c][0] for c in codes[:MOST]]
        more = len(codes) - len(names)
        line(
            Text(
                f"只有{label.zh}有的旗县（{len(codes)} 个，{amount} {side.unit}）：{'、'.join(names)}"
                f"{' 等' if more else ''}",
                f"Counties that only the {label.en.lower()} has ({len(codes)}, {amount} {side.unit}): "
                f"{', '.join(names)}{', …' if more else ''}",
            ).say(lang)
        )
