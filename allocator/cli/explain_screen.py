"""An explanation on the terminal."""

from __future__ import annotations

from fractions import Fraction

from allocator.cli.explain_rules import print_rule, print_rules
from allocator.cli.screen import Cell, show_table
from allocator.cli.words import line
from allocator.formula.incentive import NAME, TITLE
from allocator.names import number
from allocator.text import Language, Text
from allocator.why.explanation import Explanation, Question
from allocator.why.reach import Reach
from allocator.why.statement import Part, Statement

LEAST_SHOWN = 1e-4
"""Smaller proved moves are shown as this."""
MOST = 20
"""Counties shown where none is asked for."""
KINDS = {
    "factor": Text("因素", "factor"),
    "adjustment": Text("综合平衡调整", "adjustment by hand"),
    "rule": Text("规则", "rule"),
    "rounding": Text("取整", "rounding"),
}


def print_explanation(found: Explanation, question: Question, lang: Language) -> None:
    """One county, one rule, or the whole."""
    scenario = found.loaded.scenario
    line(scenario.title.text(scenario.name).say(lang))
    line("")
    if question.county is not None:
        _county(found, lang)
        _reaches(found, lang)
    if question.rule is not None:
        print_rule(found, lang)
    if question.county is None and question.rule is None:
        _counties(found, lang)
        print_rules(found, lang)
        _determinacy(found, lang)


def part_title(found: Explanation, part: Part, stream: str | None = None) -> Text:
    """What a part of a statement is called."""
    scenario = found.loaded.scenario
    if part.kind == "rule":
        if found.attribution.by_kind:
            titles = [rule.text for rule in scenario.rules if rule.kind == part.name]
        else:
            titles = [scenario.rule_by_id[part.name].text]
        return Text("、".join(t.zh for t in titles), ", ".join(t.en for t in titles))
    if part.kind != "factor":
        return KINDS[part.kind]
    for name, used in scenario.streams.items():
        for factor in scenario.formulas[used.formula] if stream in (None, name) else ():
            if factor.factor == part.name:
                return factor.title.text(part.name)
    return TITLE if part.name == NAME else Text(part.name, part.name)


def _counties(found: Explanation, lang: Language) -> None:
    """The largest moves by rules, each with its main reason."""
    unit = found.loaded.scenario.unit
    pairs = sorted(
        zip(found.statements, found.reasons, strict=True),
        key=lambda pair: -abs(_sum(pair[0], "rule")),
    )
    moved = [(statement, reason) for statement, reason in pairs if reason is not None]
    if not moved:
        line(
            Text(
                "没有规则改变任何旗县的金额：分配额即公式额",
                "No rule moves any county: amounts are the formula's",
            ).say(lang)
        )
        line("")
        return
    columns = [
        Text("旗县", "County"),
        Text("公式", "Formula"),
        Text("规则", "Rules"),
        Text("取整", "Rounding"),
        Text("分配额", "Amount"),
        Text("主要原因", "Main reason"),
    ]
    rows: list[tuple[Cell, ...]] = [
        (
            found.loaded.names.county(statement.county),
            number(_sum(statement, "factor") + _sum(statement, "adjustment")),
            number(_sum(statement, "rule"), sign=True),
            number(_sum(statement, "rounding"), sign=True),
            number(statement.payout),
            reason.because.say(lang),
        )
        for statement, reason in moved[:MOST]
    ]
    show_table(
        Text(f"规则改动最大的旗县（{unit}）", f"Counties that rules move most ({unit})"), columns, rows, lang
    )
    rest = len(found.statements) - len(rows)
    if rest:
        line(
            Text(
                f"另有 {rest} 个旗县：--county 名称，或 --json", f"{rest} more: --county NAME, or --json"
            ).say(lang)
        )
        line("")


def _sum(statement: Statement, kind: str) -> Fraction:
    return sum((part.amount for part in statement.parts if part.kind == kind), Fraction(0))


def _county(found: Explanation, lang: Language) -> None:
    """The statement of one county: parts down, streams across."""
    (statement,) = found.statements
    loaded, unit = found.loaded, found.loaded.scenario.unit
    names, i = loaded.names, statement.county
    streams = statement.streams
    columns = [Text("项目", "Item"), *(names.stream(s.stream) for s in streams), Text("合计", "Total")]
    by_stream = [{(p.kind, p.name): p.amount for p in s.parts} for s in streams]
    rows: list[tuple[Cell, ...]] = []
    for part in statement.parts:
        if part.kind == "rule" and not part.exact and not part.amount:
            continue
        cells = [own.get((part.kind, part.name)) for own in by_stream]
        sign = part.kind != "factor"
        shown = ["" if c is None else number(c, sign=sign) for c in cells]
        rows.append((part_title(found, part).say(lang), *shown, number(part.amount, sign=sign)))
    paid = [number(s.payout) for s in streams]
    rows.append((Text("分配额", "Amount").say(lang), *paid, number(statement.payout)))
    label = loaded.counties.label(i)
    show_table(Text(f"{label} 取数单（{unit}）", f"{label}: statement ({unit})"), columns, rows, lang)
    reason = found.reasons[0]
    none = Text("没有规则改变该旗县的金额", "No rule moves this county")
    line(none.say(lang) if reason is None else reason.text.say(lang))
    for item in () if loaded.scenario.adjustments is None else loaded.scenario.adjustments.items:
        if item.county == loaded.counties.codes[i]:
            stream = names.stream(item.stream)
            line(
                Text(f"调整原因（{stream.zh}）：{item.reason}", f"Adjusted ({stream.en}): {item.reason}").say(
                    lang
                )
            )
    low, high = (Fraction(float(v[i])) for v in (found.determinacy.low, found.determinacy.high))
    line(_range(found, low, high).say(lang))
    line("")


def _range(found: Explanation, low: Fraction, high: Fraction) -> Text:
    unit = found.loaded.scenario.unit
    if found.determinacy.unique:
        return Text("该金额是唯一的（取整前）", "The amount is unique (before rounding)")
    return Text(
        f"取整前该金额在 {number(low)} 与 {number(high)} {unit} 之间都同样好：目标没有唯一答案",
        f"Before rounding any amount from {number(low)} to {number(high)} {unit} is as good: "
        "the objective has no single answer",
    )


def _determinacy(found: Explanation, lang: Language) -> None:
    d, unit = found.determinacy, found.loaded.scenario.unit
    if d.largest_move is not None and d.unique:
        most = number(Fraction(max(d.largest_move, LEAST_SHOWN)), 4)
        said = Text(
            f"结果唯一：已证明在同样好的分配中，全部金额合计最多变动 {most} {unit}",
            f"The result is unique: among equally good allocations all amounts together are proved "
            f"to move by at most {most} {unit}",
        )
    elif d.unique:
        said = Text("结果唯一（目标函数严格凸）", "The result is unique (the objective is strictly convex)")
    else:
        spread = d.high - d.low
        i = int(spread.argmax())
        free = int((spread > 0.5 * float(found.loaded.problem.step)).sum())
        name = found.loaded.counties.names[i]
        low, high = number(Fraction(float(d.low[i]))), number(Fraction(float(d.high[i])))
        said = Text(
            f"结果不唯一：{free} 个旗县的金额可在一个范围内变动，最大的是{name}（{low} 至 {high} {unit}）",
            f"The result is not unique: {free} counties have a range, the widest {name} "
            f"({low} to {high} {unit})",
        )
    line(said.say(lang))


def _reaches(found: Explanation, lang: Language) -> None:
    if not found.reaches:
        return
    loaded, unit = found.loaded, found.loaded.scenario.unit
    name, gain = loaded.counties.names[found.statements[0].county], number(Fraction(found.gain))
    columns = [
        Text("只改这一项", "Change only this"),
        Text("现值", "Now"),
        Text("改为", "To"),
        Text("其他旗县减少", "Others lose"),
        Text("减少最多的", "Most"),
    ]
    known = sorted(found.reaches, key=lambda r: r.value is None)
    rows = [_reach_row(found, reach, lang) for reach in known]
    show_table(
        Text(
            f"怎样才能让{name}多得 {gain} {unit}（取整前）",
            f"What would give {name} {gain} {unit} more (before rounding)",
        ),
        columns,
        rows,
        lang,
    )


def _reach_row(found: Explanation, reach: Reach, lang: Language) -> tuple[Cell, ...]:
    loaded, lever = found.loaded, reach.lever
    now = lever.say(loaded, lever.value)
    if reach.value is None or reach.moves is None:
        never = Text("靠它达不到", "not reachable by this")
        return lever.title.say(lang), now, never.say(lang), "", ""
    _, payers = reach.moves.ranked(0.5 * float(loaded.problem.step))
    lost = -sum(float(reach.moves.change[i]) for i in payers)
    most = "" if not payers else loaded.names.county(payers[0])
    count = Text(
        f"{number(Fraction(round(lost)))}（{len(payers)} 个）",
        f"{number(Fraction(round(lost)))} ({len(payers)})",
    )
    return lever.title.say(lang), now, lever.say(loaded, reach.value), count.say(lang), most
