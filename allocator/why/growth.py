"""Fairness properties of growth: more money lowers nobody, nor does more need lower its own county."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from allocator.input.references import text_bands
from allocator.numbers import plain
from allocator.optimum import Progress, silent
from allocator.policy import Factor
from allocator.text import Text
from allocator.variant import with_budgets
from allocator.why.bands import band_of, numeric_bands
from allocator.why.fairness_trial import FORMULA, SEVERAL, Figures, Property, Trial, entitled, joined, spread

PART = Decimal("0.01")
"""A budget, and a county's need, is raised by this part of itself."""
SAMPLE = 3
"""Counties a column whose amounts are computed under all the rules though the formula does not fall."""
MOST_SOLVED = 40
"""Counties for which the formula falls that are computed under all the rules."""


def more_money(trial: Trial) -> Property:
    """Whether a budget larger by a hundredth lowers nobody, stream by stream."""
    tried = [_larger(trial, name) for name, stream in trial.loaded.problem.streams.items() if stream.budget]
    bad = [t for t in tried if t["lower"]]
    impossible = sum(1 for t in tried if not t["possible"])
    if bad:
        why = joined([_lowered(trial, t) for t in sorted(bad, key=lambda t: t["worst"]["change"])])
    else:
        count = len(tried) - impossible
        rest = (
            Text(f"；另有 {impossible} 项增加后规则无法同时满足", f"; {impossible} more cannot be placed")
            if impossible
            else Text("", "")
        )
        why = Text(
            f"{count} 项资金逐项增加 1%，没有旗县减少{rest.zh}",
            f"each of {count} budgets 1% larger in turn: nobody gets less{rest.en}",
        )
    title = Text("预算增加，谁也不减少", "A larger budget lowers nobody")
    return Property("more_money", title, not bad, why, {"percent": 1, "streams": tried})


def _larger(trial: Trial, name: str) -> dict[str, Any]:
    """One stream's budget raised: who falls, and which rule does it."""
    scenario = trial.loaded.scenario
    budget, step = scenario.streams[name].budget, scenario.step
    more = max(Decimal(1), (budget * PART / step).to_integral_value(ROUND_HALF_UP)) * step
    after = trial.solved(with_budgets(trial.loaded, {name: budget + more}))
    found: dict[str, Any] = {"stream": name, "by": str(more), "possible": after is not None, "lower": 0}
    if after is None:
        return found
    change = trial.change(after)
    worst = int(change.argmin())
    found["lower"] = int((change < -trial.noise).sum())
    if found["lower"]:
        found["worst"] = {**trial.county(worst), "change": float(change[worst])}
        found["cause"] = trial.cause(after, lambda c: bool(c.min() < -trial.noise))
    return found


def _lowered(trial: Trial, found: dict[str, Any]) -> Text:
    names, worst = trial.loaded.names, found["worst"]
    who = names.county(trial.loaded.counties.index[worst["code"]])
    stream, because = names.stream(found["stream"]), trial.cause_text(found["cause"])
    less = trial.money(-worst["change"])
    return Text(
        f"{stream.zh}增加 1%，{found['lower']} 个旗县反而减少，最多的{who}减少 {less}，{because.zh}",
        f"{stream.en} 1% larger: {found['lower']} counties get less, {who} most ({less}), {because.en}",
    )


@dataclass
class _Raised:
    """One column through which counties are given more need, and what came of it."""

    column: str
    up: bool
    """Whether more need is a larger figure."""
    counties: list[int] = field(default_factory=list)
    """By size of the figure."""
    formula: dict[int, float] = field(default_factory=dict)
    """County → what the formula gives it more."""
    amounts: dict[int, float] = field(default_factory=dict)
    """County → what it gets more under all the rules."""

    def figures(self, trial: Trial, i: int) -> dict[tuple[int, str], Decimal]:
        """The county's figure with more need."""
        value = trial.loaded.counties.numbers[self.column][i] or Decimal(0)
        return {(i, self.column): value * (1 + PART if self.up else 1 - PART)}


@dataclass(frozen=True)
class _Fall:
    """One county that more need of its own lowers."""

    county: int
    column: str
    up: bool
    change: float
    cause: dict[str, str]
    because: Text


def own_need(trial: Trial, progress: Progress = silent) -> Property:
    """Whether no county gets less because its own need is a hundredth larger, column by column."""
    columns, mixed = _columns(trial)
    most = max(1, trial.formulas // max(1, len(columns)))
    sampled = False
    for done, column in enumerate(columns):
        progress(Text("增加旗县自身需求", "a county's own need"), done / len(columns))
        every = _tried(trial, column)
        sampled |= len(every) > most
        column.counties = spread(every, most)
        _compute(trial, column)
    falls = [fall for column in columns for fall in _falls(trial, column)]
    falls.sort(key=lambda fall: fall.change)
    formulas, solved = sum(len(c.formula) for c in columns), sum(len(c.amounts) for c in columns)
    facts = {
        "percent": 1,
        "sampled": sampled,
        "formulas": formulas,
        "solved": solved,
        "columns": [_column_facts(trial, c) for c in columns],
        "columns_left_out": mixed,
        "lower": [_fall_facts(trial, fall) for fall in falls],
    }
    scope = Text(
        f"按公式{'抽样' if sampled else ''}试了 {formulas} 个数据，其中 {solved} 个按全部规则重算",
        f"{'a sample of ' if sampled else ''}{formulas} figures by the formula, "
        f"{solved} of them under all the rules",
    )
    if falls:
        said = joined([_fall_text(trial, fall) for fall in falls])
        why = Text(f"{said.zh}（{scope.zh}）", f"{said.en} ({scope.en})")
    elif not columns:
        why = Text("公式没有用到可变动的数据", "the formulas read no figure that can change")
    else:
        why = Text(f"{scope.zh}，没有旗县减少", f"{scope.en}: no county gets less")
    title = Text("自身需求增加，自己不减少", "A county's own need up never lowers it")
    return Property("own_need", title, not falls, why, facts)


def _columns(trial: Trial) -> tuple[list[_Raised], list[str]]:
    """Columns with the direction of more need; those that one factor counts up, another down, apart."""
    directions: dict[str, set[bool]] = {}
    for factor in _factors(trial):
        for column, up in _directions(factor):
            directions.setdefault(column, set()).add(up)
    clear = [_Raised(column, up.copy().pop()) for column, up in directions.items() if len(up) == 1]
    return clear, [column for column, up in directions.items() if len(up) > 1]


def _factors(trial: Trial) -> list[Factor]:
    scenario = trial.loaded.scenario
    names = dict.fromkeys(s.formula for s in scenario.streams.values() if s.budget)
    return [factor for name in names for factor in scenario.formulas[name] if factor.weight]


def _directions(factor: Factor) -> Iterator[tuple[str, bool]]:
    """Every numeric column of a factor, and whether more of it means more need."""
    if factor.kind in ("bands", "ranks"):
        values = [value for _, value in numeric_bands(factor)]
        # bands that fall all the way say that less of the figure is more need
        up = text_bands(factor) or values == sorted(values) or values != sorted(values, reverse=True)
    else:
        up = factor.kind == "share"
    if not text_bands(factor):
        yield from ((column, up) for column, weight in factor.columns.items() if weight)
    if factor.scale is not None:
        yield factor.scale, True


def _tried(trial: Trial, column: _Raised) -> list[int]:
    """Counties with money and a positive figure, by its size; where only bands read it, those that cross."""
    values = trial.loaded.counties.numbers[column.column]
    found = [i for i, value in enumerate(values) if value and trial.entitled[i] > 0]
    reading = [f for f in _factors(trial) if column.column in (*f.columns, f.scale)]
    if all(factor.kind == "bands" for factor in reading):
        found = [i for i in found if any(_crosses(trial, f, column.figures(trial, i)) for f in reading)]
    return sorted(found, key=lambda i: (values[i] or 0, i))


def _crosses(trial: Trial, factor: Factor, figures: Figures) -> bool:
    (i, _) = next(iter(figures))
    counties = trial.loaded.counties
    return band_of(factor, counties, i) != band_of(factor, counties, i, figures)


def _compute(trial: Trial, column: _Raised) -> None:
    """The formula for every county; all the rules where it falls, and for a few more."""
    for i in column.counties:
        changed = trial.formula_with(column.figures(trial, i))
        if changed is not None:
            column.formula[i] = float(entitled(changed)[i] - trial.entitled[i])
    down = sorted((i for i, c in column.formula.items() if c < -trial.noise), key=column.formula.__getitem__)
    for i in dict.fromkeys([*down[:MOST_SOLVED], *spread(list(column.formula), SAMPLE)]):
        after = trial.with_figures(column.figures(trial, i))
        if after is not None:
            column.amounts[i] = float(trial.change(after)[i])


def _falls(trial: Trial, column: _Raised) -> Iterator[_Fall]:
    """Counties that get less; where the rules were not tried, the formula speaks."""
    for i, by_formula in column.formula.items():
        change = column.amounts.get(i, by_formula)
        if change < -trial.noise:
            kind, name, because = _blame(trial, column.figures(trial, i), by_formula)
            yield _Fall(i, column.column, column.up, change, {"kind": kind, "name": name}, because)


def _blame(trial: Trial, figures: Figures, by_formula: float) -> tuple[str, str, Text]:
    """Kind, name and words of what lowers the county: an edge that it crosses, else the formula or a rule."""
    (i, _) = next(iter(figures))
    counties, changed = trial.loaded.counties, trial.formula_with(figures)
    for factor in _factors(trial):
        before, after = band_of(factor, counties, i), band_of(factor, counties, i, figures)
        if before is not None and after is not None and after[1] < before[1]:
            title, edge = factor.title.text(factor.factor), plain(max(before[0], after[0]))
            zh, en = (
                f"因为因素“{title.zh}”在 {edge} 处分档",
                f"because the bands of '{title.en}' part at {edge}",
            )
            return "band", factor.factor, Text(zh, en)
    for name, members in counties.groups.items():
        if changed is not None and bool(members[i]) != bool(changed.counties.groups[name][i]):
            title = trial.loaded.names.group(name)
            zh, en = f"因为分组“{title.zh}”的门槛", f"because of the threshold of the group '{title.en}'"
            return "group", name, Text(zh, en)
    solved = None if by_formula < -trial.noise else trial.with_figures(figures)
    if solved is None:
        return FORMULA, "", trial.cause_text(FORMULA)
    rule = trial.cause(solved, lambda change: bool(change[i] < -trial.noise))
    return (rule if rule in (SEVERAL, FORMULA) else "rule"), rule, trial.cause_text(rule)


def _column_facts(trial: Trial, column: _Raised) -> dict[str, Any]:
    codes = trial.loaded.counties.codes
    return {
        "column": column.column,
        "direction": "up" if column.up else "down",
        "formulas": len(column.formula),
        "formula_lower": sum(1 for c in column.formula.values() if c < -trial.noise),
        "solved": [codes[i] for i in column.amounts],
    }


def _fall_facts(trial: Trial, fall: _Fall) -> dict[str, Any]:
    own = {"column": fall.column, "change": fall.change, "cause": fall.cause}
    return {**trial.county(fall.county), **own}


def _fall_text(trial: Trial, fall: _Fall) -> Text:
    who, less = trial.loaded.names.county(fall.county), trial.money(-fall.change)
    zh, en = ("增加", "up") if fall.up else ("减少", "down")
    return Text(
        f"{who}的“{fall.column}”{zh} 1%，反而少得 {less}，{fall.because.zh}",
        f"{fall.column} of {who} {en} 1%: it gets {less} less, {fall.because.en}",
    )
