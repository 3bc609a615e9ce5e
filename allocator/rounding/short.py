"""Says which rule whole steps cannot keep, and by how much it falls short at the least."""

from __future__ import annotations

import numpy as np

from allocator.faults import NoAllocation
from allocator.loaded import Loaded
from allocator.rounding.tree import Tree, tree_stage
from allocator.rounding.whole import ATTEMPTS
from allocator.text import Text
from solvers.solution import Solver


def cannot_round(loaded: Loaded, tree: Tree, solver: Solver) -> NoAllocation:
    """The reason: rows that fall short in the whole-number table with the least total shortfall."""
    widest = ATTEMPTS[-1]
    everything = np.ones(len(tree.payments.floor), dtype=np.bool_)
    built, _, slacks = tree_stage(tree, widest, everything, None, elastic=True)
    offsets = built.stage.solve(solver)
    step, unit = float(loaded.problem.step), loaded.scenario.unit
    head = Text(
        f"在 {loaded.scenario.step} {unit} 的整数倍中、最优值上下 {widest.counties} 步之内，"
        "没有找到满足全部规则的分配表，没有写出任何结果",
        f"no table in whole multiples of {loaded.scenario.step} {unit} within {widest.counties} steps of the "
        "optimum was found that keeps all the rules; nothing was written",
    )
    reasons = [head]
    if offsets is None:
        reasons.append(Text("各资金总额本身无法取整分配", "the budgets themselves cannot be divided"))
        return NoAllocation(reasons)
    for row, column in slacks:
        short = int(np.ceil(float(offsets[column])))
        if short > 0:
            source = row.source.row
            name = loaded.scenario.rule_by_id[row.source.rule]
            amount = short * step / float(row.multiplier)
            place = loaded.names.place(source.where)
            reasons.append(
                Text(
                    f"规则 {name.id}（{name.text.zh}）{place.zh}：差 {amount:,.4g} {unit}",
                    f"rule {name.id} ({name.text.en}) {place.en}: short by {amount:,.4g} {unit}",
                )
            )
    return NoAllocation(reasons)
