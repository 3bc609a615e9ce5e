"""What `allocator readings` does: solves, writes, prints."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from pathlib import Path
from typing import Any

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import Cell, notices, print_json, show_table
from allocator.cli.words import line
from allocator.load import load
from allocator.loaded import Loaded
from allocator.text import Language, Text
from allocator.whatif.readings import Effect, Readings, readings
from reports.csv_files import csv_bytes
from reports.figures import money
from reports.folder import check_target, write_folder
from reports.readings_table import STATUS, readings_table
from reports.rules_table import rule_title

COLUMNS = (
    Text("", ""),
    Text("口径", "Reading"),
    Text("结果", "Result"),
    Text("移动", "Moved"),
    Text("含用途", "and uses"),
    Text("变动最大", "Largest"),
    Text("现表", "Today's"),
    Text("余量", "Margin"),
)
KEY = Text(
    "● 现行。移动：旗县之间移动的资金；含用途：旗县、资金、用途之间；\n"
    "现表：现行口径得到的表在该口径下是否符合；余量：该规则最紧的一行",
    "● in force. Moved: money between counties; and uses: between streams and uses too;\n"
    "Today's: whether the table of the readings in force passes; margin: the tightest row",
)
COLON = Text("：", ": ")
COMMA = Text("，", ", ")
COMPARE = Text("参照 ", "compare ")
SHORT = Text("不能满足", "these fall short")
DEFAULT = Text("默认", "Default")


def read_and_print(source: str, sets: Sequence[str], out: Path | None, as_json: bool, lang: Language) -> int:
    """Loads, solves under every reading, writes and prints; 1 where today's readings have no allocation."""
    if out is not None:
        check_target(out, ours=False)
    loaded = load(source, sets)
    notices(loaded.notices, lang)
    with Progress(lang) as progress:
        found = readings(loaded, progress)
    if out is not None:
        write_folder(out, {"readings.csv": csv_bytes(readings_table(loaded, found))}, ours=False)
    if as_json:
        print_json(_json(loaded, found))
    else:
        _print(loaded, found, out, lang)
    return 0 if found.allocation is not None else 1


def _print(loaded: Loaded, found: Readings, out: Path | None, lang: Language) -> None:
    unit = loaded.scenario.unit
    line(Text(f"各种口径下的结果（单位：{unit}）", f"The scenario under each reading ({unit})").say(lang))
    for said in KEY.say(lang).splitlines():
        line(said)
    line("")
    for _, own in groupby(found.effects, key=lambda e: (e.choice.owner, e.choice.question.name)):
        _question(loaded, list(own), lang)
    if found.allocation is None:
        short = _titles(loaded, found.short, lang)
        said = Text("现行口径下没有可行的分配", "no allocation under the readings in force").say(lang)
        line(f"{said}{COLON.say(lang)}{short}")
    if out is not None:
        line(Text(f"已写出 {out / 'readings.csv'}", f"Written: {out / 'readings.csv'}").say(lang))


def _question(loaded: Loaded, effects: Sequence[Effect], lang: Language) -> None:
    """One question: its readings, why some have no figures, and the words of the clause."""
    choice = effects[0].choice
    red = [k for k, e in enumerate(effects) if e.status == "infeasible" or e.broken]
    title = _joined(choice.subject, choice.question.title)
    show_table(title, COLUMNS, [_row(loaded, effect, lang) for effect in effects], lang, red)
    for effect in effects:
        if effect.status in ("infeasible", "unavailable"):
            head = _joined(effect.choice.title, STATUS[effect.status]).say(lang)
            line(f"  {head}{COMMA.say(lang)}{_why(loaded, effect, lang)}")
    question = choice.question
    if question.quote:
        # a rule of another document is only compared with the words that raise the question
        own = question.clause.partition(" ")[0] in choice.clause
        line(f"  {'' if own else COMPARE.say(lang)}{question.clause}“{question.quote}”")
        line(f"  {DEFAULT.say(lang)}{COLON.say(lang)}{question.grounds.say(lang)}")
    line("")


def _row(loaded: Loaded, effect: Effect, lang: Language) -> tuple[Cell, ...]:
    mark = "●" if effect.choice.in_force else "○"
    largest = ""
    if effect.largest is not None:
        i, change = effect.largest
        largest = f"{loaded.names.county(i)} {money(change):+}"
    table = ""
    if effect.broken is not None:
        broken = Text(f"{effect.broken} 行不符", f"{effect.broken} broken")
        table = (broken if effect.broken else Text("符合", "passes")).say(lang)
    return (
        mark,
        effect.choice.title.say(lang),
        STATUS[effect.status].say(lang),
        None if effect.moved is None else money(effect.moved),
        None if effect.moved_uses is None else money(effect.moved_uses),
        largest,
        table,
        None if effect.tightest is None else round(money(effect.tightest.slack), 2),
    )


def _why(loaded: Loaded, effect: Effect, lang: Language) -> str:
    if effect.why is not None:
        return effect.why.say(lang)
    return f"{SHORT.say(lang)}{COLON.say(lang)}{_titles(loaded, effect.short, lang)}"


def _joined(first: Text, second: Text) -> Text:
    return Text(f"{first.zh}{COLON.zh}{second.zh}", f"{first.en}{COLON.en}{second.en}")


def _titles(loaded: Loaded, rules: Sequence[str], lang: Language) -> str:
    comma = {"zh": "、", "en": ", "}[lang]
    return comma.join(rule_title(loaded, rule).say(lang) for rule in rules)


def _json(loaded: Loaded, found: Readings) -> dict[str, Any]:
    table = readings_table(loaded, found)
    return {
        "scenario": loaded.scenario.name,
        "unit": loaded.scenario.unit,
        "feasible": found.allocation is not None,
        "short": list(found.short),
        "readings": table.records(),
    }
