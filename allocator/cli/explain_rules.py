"""What rules cost and who pays whom, on the terminal."""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

import numpy as np

from allocator.cli.screen import Cell, show_table
from allocator.cli.words import line
from allocator.names import number, percent
from allocator.text import Language, Text
from allocator.why.explanation import Explanation, RuleAccount, members_by_group
from allocator.why.moves import Moves
from allocator.why.rule_prices import Price, Turned

SMALL = 0.04
"""Part of all flows below which prefectures are added up."""
NAMED = 3
"""Counties named on each side."""
NOBODY = Text("无变化", "no change")
IMPOSSIBLE = Text("无解", "impossible")


def print_rules(found: Explanation, lang: Language) -> None:
    """Every parameter a policy step either way, and every rule left out."""
    if not found.rules:
        return
    unit = found.loaded.scenario.unit
    columns = [
        Text("规则 · 参数", "Rule · parameter"),
        Text("现值", "Now"),
        Text("收紧一档", "Tighter"),
        Text("移动资金", "Moves"),
        Text("放宽一档", "Looser"),
        Text("移动资金", "Moves"),
        Text("去掉该规则", "Without"),
    ]
    rows = [row for account in found.rules for row in _price_rows(found, account, lang)]
    title = Text(
        f"规则的代价：收紧或放宽一档会移动多少资金（{unit}）",
        f"What rules cost: money moved by one step ({unit})",
    )
    show_table(title, columns, rows, lang)


def _price_rows(found: Explanation, account: RuleAccount, lang: Language) -> list[tuple[Cell, ...]]:
    rule = found.loaded.scenario.rule_by_id[account.rule]
    alone = _money(account.without.moves.moved)
    rows: list[tuple[Cell, ...]] = []
    for price in account.prices:
        knob, cells = price.knob, []
        for side in ("tighter", "looser"):
            turned = next((t for t in price.sides if t.side == side), None)
            if turned is None:
                cells += ["–", "–"]
                continue
            cells += [knob.say(Fraction(turned.value), found.loaded.names), _moved(turned, lang)]
        title = f"{rule.text.say(lang)} · {knob.title.say(lang)}"
        rows.append(
            (title, knob.say(Fraction(knob.value), found.loaded.names), *cells, "" if rows else alone)
        )
    return rows


def _moved(turned: Turned, lang: Language) -> str:
    return IMPOSSIBLE.say(lang) if turned.moves is None else _money(turned.moves.moved)


def _money(value: float) -> str:
    return number(Fraction(value), 1 if value < 100 else 0)


def print_rule(found: Explanation, lang: Language) -> None:
    """One rule: its rows that bind, its prices with names, and who pays whom because of it."""
    (account,) = found.rules
    loaded, unit = found.loaded, found.loaded.scenario.unit
    rule, names = loaded.scenario.rule_by_id[account.rule], loaded.names
    line(f"{rule.text.say(lang)}  {rule.clause}")
    prices = found.allocation.prices[rule.id]
    binding = [row for row, price in zip(loaded.rows[rule.id], prices, strict=True) if price.binding]
    line(
        Text(
            f"共 {len(loaded.rows[rule.id])} 行，{len(binding)} 行起作用",
            f"{len(loaded.rows[rule.id])} rows, {len(binding)} bind",
        ).say(lang)
    )
    for row in binding[:NAMED]:
        line("  " + rule.demand(row, names).say(lang))
    line("")
    for price in account.prices:
        _sides(found, price, lang)
    what = Text("去掉该规则，与现在相比", "Compared with no such rule").say(lang)
    line(f"{what}：" if lang == "zh" else f"{what}:")
    _change(found, account.without.moves, lang)
    line("")
    if account.without.moves.moved < 0.5 * float(loaded.problem.step):
        return
    by_prefecture = loaded.counties.prefecture_members
    title = Text(f"因该规则，谁（行）让给谁（列），{unit}", f"Because of the rule: rows pay columns ({unit})")
    _matrix(account.without.moves, by_prefecture, title, lang)
    for group in loaded.scenario.groups:
        own = names.group(group)
        members = {
            own.say(lang) if name else "": rows for name, rows in members_by_group(loaded, group).items()
        }
        _matrix(account.without.moves, members, own, lang)


def _sides(found: Explanation, price: Price, lang: Language) -> None:
    names, knob = found.loaded.names, price.knob
    for turned in price.sides:
        verb = Text("收紧到", "tightened to") if turned.side == "tighter" else Text("放宽到", "loosened to")
        value = knob.say(Fraction(turned.value), names)
        head = f"{knob.title.say(lang)} {knob.say(Fraction(knob.value), names)} {verb.say(lang)} {value}"
        if turned.moves is None or turned.found is None:
            line(head + Text("：无解", ": no allocation keeps all the rules").say(lang))
            continue
        largest = percent(Fraction(round(turned.found.largest_departure, 6)))
        line(
            Text(
                f"{head}：移动 {names.money(Fraction(round(turned.moves.moved, 1)))}，最大偏离 {largest}",
                f"{head}: moves {names.money(Fraction(round(turned.moves.moved, 1)))}, "
                f"largest departure {largest}",
            ).say(lang)
        )
        _change(found, turned.moves, lang)
    line("")


def _change(found: Explanation, moves: Moves, lang: Language) -> None:
    loaded = found.loaded
    gain, pay = moves.ranked(0.5 * float(loaded.problem.step))
    if not gain and not pay:
        line("  " + NOBODY.say(lang))
        return
    for title, members in ((Text("增加", "gain"), gain), (Text("减少", "pay"), pay)):
        shown = [
            f"{loaded.names.county(i)} {number(Fraction(round(float(moves.change[i]))), sign=True)}"
            for i in members[:NAMED]
        ]
        more = len(members) - len(shown)
        rest = Text(f" 等 {len(members)} 个旗县", f" and {more} more") if more else Text("", "")
        joint = "、" if lang == "zh" else ", "
        line(f"  {title.say(lang)}{'：' if lang == 'zh' else ': '}{joint.join(shown)}{rest.say(lang)}")


def _matrix(moves: Moves, members: Mapping[str, np.ndarray], title: Text, lang: Language) -> None:
    """Flows between the groups that take part; columns are numbered as the rows are."""
    flows = moves.flows(list(members.values()))
    size = flows.sum(axis=0) + flows.sum(axis=1)
    taking = [k for k in range(len(members)) if size[k] >= max(0.5, SMALL * flows.sum())]
    if not taking:
        return
    labels = [name or Text("其他旗县", "others").say(lang) for name in members]
    rest = [k for k in range(len(members)) if k not in taking and size[k] >= 0.5]
    if rest:
        flows, labels = _merged(flows, taking, rest), [labels[k] for k in taking]
        labels.append(Text(f"其余 {len(rest)} 个", f"{len(rest)} others").say(lang))
        taking = list(range(len(labels)))
    columns = [
        Text("让出 ＼ 得到", "pays \\ gains"),
        *(Text(str(k + 1), str(k + 1)) for k in range(len(taking))),
    ]
    columns.append(Text("合计", "Total"))
    rows: list[tuple[Cell, ...]] = []
    for position, k in enumerate(taking):
        cells = [_cell(float(flows[k, j])) for j in taking]
        rows.append((f"{position + 1}·{labels[k]}", *cells, _cell(float(flows[k].sum()))))
    total = [_cell(float(flows[:, j].sum())) for j in taking]
    rows.append((Text("合计", "Total").say(lang), *total, _cell(float(flows.sum()))))
    show_table(title, columns, rows, lang)


def _merged(flows: np.ndarray, taking: list[int], rest: list[int]) -> np.ndarray:
    """The flows with the groups of `rest` added up into one, at the end."""
    sets = [[k] for k in taking] + [rest]
    return np.array([[flows[np.ix_(a, b)].sum() for b in sets] for a in sets])


def _cell(value: float) -> str:
    return number(Fraction(round(value))) if round(value) else ""
