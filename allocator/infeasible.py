"""Says plainly why there is no allocation: which rules fall short, and by how much at the least."""

from __future__ import annotations

import numpy as np

from allocator.amount_program import AmountProgram, amount_program
from allocator.faults import BadInput, Fault, NoAllocation, Place
from allocator.loaded import Loaded
from allocator.program_builder import MAX_RANGE
from allocator.text import Text
from solvers.program import LinearProgram, beside, sparse_rows
from solvers.solution import Solver, SolverError

SHOWN = 12
"""Most rows that a message names."""


def no_allocation(loaded: Loaded, first: AmountProgram, solver: Solver) -> NoAllocation:
    """The reasons, from the least total shortfall that any allocation has."""
    head = Text(
        "没有满足全部规则的分配方案，没有写出任何结果",
        "no allocation keeps all the rules; nothing was written",
    )
    try:
        shortfalls = _shortfalls(loaded, first, solver)
    except SolverError as error:
        return NoAllocation([head, Text(f"无法进一步诊断：{error}", f"no further diagnosis: {error}")])
    least = Text("差额合计最小的情形下：", "where the shortfalls add up to the least:")
    reasons = [head, least]
    for rule, where, amount in shortfalls[:SHOWN]:
        reasons.append(_sentence(loaded, rule, where, amount))
    if len(shortfalls) > SHOWN:
        more = len(shortfalls) - SHOWN
        reasons.append(Text(f"……另有 {more} 处", f"… and {more} more"))
    return NoAllocation(reasons)


def _shortfalls(loaded: Loaded, first: AmountProgram, solver: Solver) -> list[tuple[str, str, float]]:
    """(rule, where, amount in the unit) of the rows that fall short where Σ shortfall is least."""
    elastic = amount_program(loaded.problem, first.linear, keep_rows=True)
    program, places = elastic.program, [p for p in elastic.places if p.program_row >= 0]
    k = len(places)
    slack = {p.program_row: position for position, p in enumerate(places)}
    raising = sparse_rows([([slack[r]], [1.0]) if r in slack else ([], []) for r in range(program.rows)], k)
    scale = np.array([p.coefficient for p in places])
    whole = LinearProgram(
        matrix=beside(program.matrix, raising, -raising),
        row_lower=program.row_lower,
        row_upper=program.row_upper,
        lower=np.concatenate([program.lower, np.zeros(2 * k)]),
        upper=np.concatenate([program.upper, np.full(2 * k, np.inf)]),
        cost=np.concatenate([np.zeros(program.columns), scale, scale]),
    )
    values = solver.solve(whole).values[program.columns :]
    amounts = (values[:k] + values[k:]) * scale * elastic.unit
    found = [(i.rule, i.number, 0.0) for i in elastic.impossible]
    least = 1e-6 * float(loaded.problem.step)
    found += [(p.rule, p.number, float(a)) for p, a in zip(places, amounts, strict=True) if a > least]
    by_row = [(rule, loaded.rows[rule][number].where, amount) for rule, number, amount in found]
    return sorted(by_row, key=lambda item: -item[2])


def _sentence(loaded: Loaded, rule: str, where: str, amount: float) -> Text:
    title = loaded.scenario.rule_by_id[rule].text
    unit = loaded.scenario.unit
    place = where_text(loaded, where)
    zh, en = f"规则 {rule}（{title.zh}）{place}", f"rule {rule} ({title.en}) {place}".rstrip()
    if not amount:
        return Text(
            f"{zh}：没有可决定的资金，无法满足", f"{en}: nothing is left to decide, it cannot be kept"
        )
    return Text(f"{zh}：差 {amount:,.2f} {unit}", f"{en}: short by {amount:,.2f} {unit}")


def where_text(loaded: Loaded, where: str) -> str:
    """A row's `where` with the county's name."""
    code, _, use = where.partition("/")
    index = loaded.counties.index
    name = f"{code} {loaded.counties.names[index[code]]}" if code in index else code
    return f"{name}/{use}" if use else name


def too_wide(first: AmountProgram) -> None:
    """Raises BadInput where a rule's coefficients are too far apart for floats."""
    if first.wide:
        raise BadInput(
            [
                Fault(
                    Place(path=f"rules.{rule}"),
                    Text(
                        f"规则的系数相差超过 {MAX_RANGE:.0e} 倍，浮点计算不可靠",
                        f"the rule's coefficients differ by more than a factor of {MAX_RANGE:.0e}",
                    ),
                    Text("请检查 times、floor 或 cap 的数值", "check the value of times, floor or cap"),
                )
                for rule in first.wide
            ]
        )
