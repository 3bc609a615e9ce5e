"""A diagnosis on the terminal."""

from __future__ import annotations

from fractions import Fraction

from allocator.cli.screen import Cell, show_table
from allocator.cli.words import line
from allocator.names import number
from allocator.relaxation import relaxation_texts
from allocator.text import Language, Text
from allocator.why.conflicts import conflict_text
from allocator.why.diagnosis import Diagnosis
from allocator.why.repairs import Change, Repair

SETS = 4
"""Conflicting sets shown."""


def print_diagnosis(found: Diagnosis, lang: Language) -> None:
    """Sums, the smallest relaxation, conflicts, the menu."""
    scenario = found.loaded.scenario
    title = scenario.title.text(scenario.name)
    said = Text(f"{title.zh}：没有满足全部规则的分配方案", f"{title.en}: no allocation keeps all the rules")
    line(said.say(lang))
    line("")
    _checks(found, lang)
    if found.whole_only:
        step = f"{scenario.step} {scenario.unit}"
        whole = Text(
            f"金额可以任意细分时有解，但凑不成 {step} 的整数倍；把 step 改小，或按下面的办法略放宽一点",
            f"There is an allocation in fractions, but none in whole multiples of {step}: "
            "make the step smaller, or ease a rule a little as below",
        )
        line(whole.say(lang))
        line("")
    _relaxation(found, lang)
    _conflicts(found, lang)
    _menu(found, lang)


def _checks(found: Diagnosis, lang: Language) -> None:
    unit = found.loaded.scenario.unit
    short = [check for check in found.checks if check.short]
    if not short:
        count = len(found.checks)
        said = Text(
            f"加总核算 {count} 项都够：矛盾不在总量，在规则的组合",
            f"All {count} sums add up: the trouble lies in how the rules combine",
        )
        line(said.say(lang))
        line("")
        return
    columns = [
        Text("加总核算", "Sums"),
        Text("有", "Have"),
        Text("需要", "Need"),
        Text("差", "Short by"),
    ]
    rows = [(c.what.say(lang), number(c.have), number(c.need), number(c.short)) for c in short]
    count = len(found.checks)
    title = Text(
        f"{count} 项加总核算中 {len(short)} 项不够（{unit}）",
        f"{len(short)} of {count} sums fall short ({unit})",
    )
    show_table(title, columns, rows, lang)


def _relaxation(found: Diagnosis, lang: Language) -> None:
    texts = relaxation_texts(found.relaxation, found.rows, found.loaded.names)
    if not texts:
        return
    head = Text(
        "最小的让步（大家按比例分担，法定规则不动）",
        "The smallest relaxation (shared in proportion, law untouched)",
    )
    if found.relaxation.law:
        head = Text(
            "最小的让步（法定规则之间已有矛盾，也须让步）",
            "The smallest relaxation (law has to give way too)",
        )
    line(head.say(lang))
    for text in texts:
        line("  " + text.say(lang))
    line("")


def _conflicts(found: Diagnosis, lang: Language) -> None:
    scenario, names = found.loaded.scenario, found.loaded.names
    for k, one in enumerate(found.conflicts[:SETS]):
        count = len(one.members)
        head = Text(
            f"矛盾之{k + 1}：下面 {count} 项要求不能同时满足，去掉任何一项其余即可满足",
            f"Conflict {k + 1}: these {count} demands cannot all be met; without any one the rest can",
        )
        line(head.say(lang))
        for text in conflict_text(one, found.rows, scenario, names):
            line("  · " + text.say(lang))
        line("")
    more = len(found.conflicts) - SETS
    if more > 0:
        line(
            Text(
                f"另有 {more} 处互不相干的矛盾，见 --json", f"{more} more, apart from these: see --json"
            ).say(lang)
        )
        line("")


def _menu(found: Diagnosis, lang: Language) -> None:
    menu = found.menu
    if menu.repairs:
        head = Text(
            "修改办法（任选其一，均已求解并核验）", "Repairs (any one of them; each solved and verified)"
        )
        if menu.paired:
            head = Text(
                "单改一项都不行；下列每组两项一起改即可（均已求解并核验）",
                "No single change is enough; each of these pairs is (each solved and verified)",
            )
        columns = [
            Text("办法", "No."),
            Text("改什么", "Change"),
            Text("现值", "From"),
            Text("改为", "To"),
            Text("受影响", "Affected"),
        ]
        rows = [
            row for k, repair in enumerate(menu.repairs) for row in _repair_rows(found, k + 1, repair, lang)
        ]
        show_table(head, columns, rows, lang)
        line(Text("写成新方案：加 --apply 办法号", "Write one as a new scenario: --apply No.").say(lang))
    else:
        line(
            Text(
                "改任何一项或两项非法定的参数、预算都不行：请看上面的让步和矛盾",
                "No one or two parameters or budgets that are not law make it possible: see above",
            ).say(lang)
        )
    if menu.alone:
        joint = "、" if lang == "zh" else ", "
        said = joint.join(title.say(lang) for *_, title in menu.alone)
        line(Text(f"单改这些不行：{said}", f"Not by these alone: {said}").say(lang))
    law = [rule.text.say(lang) for rule in found.loaded.scenario.rules if rule.law]
    if law:
        said = ("、" if lang == "zh" else ", ").join(law)
        line(Text(f"法定规则不在可改之列：{said}", f"Law, never offered: {said}").say(lang))


def _repair_rows(found: Diagnosis, k: int, repair: Repair, lang: Language) -> list[tuple[Cell, ...]]:
    rows: list[tuple[Cell, ...]] = []
    for change in repair.changes:
        affected = "" if rows else _affected(found, repair, lang)
        values = _value(found, change, change.old), _value(found, change, change.new)
        rows.append(("" if rows else str(k), change.title.say(lang), *values, affected))
    return rows


def _value(found: Diagnosis, change: Change, value: object) -> str:
    exact = Fraction(str(value))
    names = found.loaded.names
    return names.money(exact) if change.knob is None else change.knob.say(exact, names, exact=True)


def _affected(found: Diagnosis, repair: Repair, lang: Language) -> str:
    places = list(dict.fromkeys(where.partition("/")[0] for _, where in repair.affected))
    if not places:
        return Text("无人", "nobody").say(lang)
    shown = [found.loaded.names.place(where).say(lang) for where in places[:2]]
    joint = "、" if lang == "zh" else ", "
    more = len(places) - len(shown)
    rest = Text(f"等 {len(places)} 个", f" and {more} more").say(lang) if more else ""
    return joint.join(shown) + rest
