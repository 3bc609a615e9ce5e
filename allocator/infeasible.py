"""Says in a few lines why there is no allocation; `allocator diagnose` says it in full."""

from __future__ import annotations

from allocator.amount_program import AmountProgram, linear_rows
from allocator.faults import BadInput, Fault, NoAllocation, Place
from allocator.loaded import Loaded
from allocator.names import Names
from allocator.necessary import Check, checks
from allocator.program_builder import MAX_RANGE
from allocator.relaxation import relaxation, relaxation_texts
from allocator.row_map import row_map
from allocator.text import Text
from solvers.choose import make_solver
from solvers.solution import SolverError

HEAD = Text(
    "没有满足全部规则的分配方案，没有写出任何结果", "no allocation keeps all the rules; nothing was written"
)
EASED = Text(
    "若各规则按相同比例共同让步，最小的让步是：",
    "the smallest relaxation, shared so that nobody bears it alone:",
)
MORE = Text(
    "完整诊断和修改办法：allocator diagnose 加同样的参数",
    "the full diagnosis, and what would help: allocator diagnose with the same arguments",
)


def no_allocation(loaded: Loaded) -> NoAllocation:
    """The reasons: sums that do not add up, and the smallest relaxation."""
    names = loaded.names
    reasons = [HEAD, *(check_text(check, names) for check in checks(loaded) if check.short)]
    rows = row_map(
        loaded, {rule: linear_rows(loaded.problem, {rule: own}) for rule, own in loaded.rows.items()}
    )
    try:
        found = relaxation(rows, make_solver("highs"))
        reasons += [EASED, *relaxation_texts(found, rows, names)]
    except SolverError as error:
        reasons.append(Text(f"无法进一步诊断：{error}", f"no further diagnosis: {error}"))
    return NoAllocation([*reasons, MORE])


def check_text(check: Check, names: Names) -> Text:
    """A closed-form check in one sentence."""
    have, need, short = (names.money(v) for v in (check.have, check.need, check.short))
    return Text(
        f"{check.what.zh}：有 {have}，需要 {need}，差 {short}",
        f"{check.what.en}: have {have}, need {need}, short by {short}",
    )


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
