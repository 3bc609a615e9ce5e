"""The same program written out as a named PuLP problem: to read, and for any solver PuLP knows.

Works unchanged on PuLP 3.3 and 4.x; always minimises.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import wrap
from typing import Any, NamedTuple

import numpy as np
import pulp

from solvers.program import LinearProgram
from solvers.solution import SolverMissing

_OTHER = re.compile(r"[^A-Za-z0-9_.]")
_WORDS = re.compile(
    r"(min|max)(imi[sz]e|imum)?|such|subject|to|st|s\.t\.|end|obj|free|inf(inity)?|bounds?"
    r"|gen(erals?)?|int(egers?)?|bin(ary|aries)?|semis?|semi-continuous|sos[12]?|sec",
    re.IGNORECASE,
)
"""What the .lp format keeps for itself, and PuLP's name of the objective."""
LONGEST = 80
"""Characters of a name; PuLP refuses 100."""
LEGEND = 120
"""Characters of a legend line; CBC aborts on words of some thousand bytes."""


class Written(NamedTuple):
    """A PuLP problem and how it maps back to the program."""

    problem: pulp.LpProblem
    variables: list[Any]
    """In column order."""
    rows: list[tuple[str, ...]]
    """Names of each row in PuLP: one, two where both bounds are finite and differ, or none."""


def safe_names(count: int, name: Callable[[int], str]) -> list[str]:
    """Names of letters, digits, `_` and `.`, all different; PuLP would rewrite any other character."""
    taken: set[str] = set()
    repeats: dict[str, int] = {}
    found = []
    for k in range(count):
        plain = _OTHER.sub("_", name(k))[:LONGEST] or "n"
        # an .lp reader takes e1 for a number
        if not plain[0].isalpha() or re.match(r"[eE]([0-9eE.]|$)", plain) or _WORDS.fullmatch(plain):
            plain = f"n_{plain}"
        own = plain
        while own in taken:
            repeats[plain] = repeats.get(plain, 0) + 1
            own = f"{plain}__{repeats[plain]}"
        taken.add(own)
        found.append(own)
    return found


def to_pulp(program: LinearProgram, name: str = "allocator") -> Written:
    """The problem, its variables in column order and the names of its rows."""
    if program.curvature is not None:
        raise SolverMissing("PuLP has no quadratic objective; a solver that can: highs")
    problem = pulp.LpProblem(name, pulp.LpMinimize)
    whole = np.zeros(program.columns, dtype=np.bool_) if program.integer is None else program.integer
    kinds = [pulp.LpInteger if flag else pulp.LpContinuous for flag in whole]
    names = safe_names(program.columns, program.column_name)
    variables = [
        problem.add_variable(own, _finite(low), _finite(high), kind)
        for own, low, high, kind in zip(names, program.lower, program.upper, kinds, strict=True)
    ]
    problem += pulp.lpSum(float(program.cost[j]) * variables[j] for j in np.flatnonzero(program.cost))
    return Written(problem, variables, _add_rows(program, problem, variables))


def _add_rows(program: LinearProgram, problem: pulp.LpProblem, variables: list[Any]) -> list[tuple[str, ...]]:
    """Every row by its finite bounds; the name of a second one ends in `.upper`."""
    matrix, count = program.matrix, program.rows
    names = safe_names(
        2 * count, lambda r: program.row_name(r) if r < count else f"{program.row_name(r - count)}.upper"
    )
    written = []
    for r in range(count):
        low, high = float(program.row_lower[r]), float(program.row_upper[r])
        span = slice(matrix.indptr[r], matrix.indptr[r + 1])
        terms = list(zip(matrix.data[span].tolist(), matrix.indices[span].tolist(), strict=True))
        own = []
        if low == high:
            problem += _sum(terms, variables) == low, names[r]
            own.append(names[r])
        else:
            if np.isfinite(low):
                problem += _sum(terms, variables) >= low, names[r]
                own.append(names[r])
            if np.isfinite(high):
                second = names[r + count] if own else names[r]
                problem += _sum(terms, variables) <= high, second
                own.append(second)
        written.append(tuple(own))
    return written


def _sum(terms: list[tuple[float, int]], variables: list[Any]) -> Any:
    return pulp.lpSum(value * variables[j] for value, j in terms)


def _finite(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def write_lp(program: LinearProgram, path: Path, legend: Sequence[str] = ()) -> None:
    """An .lp file with the legend as comments at its head; equal input gives equal bytes."""
    problem = to_pulp(program).problem
    with tempfile.TemporaryDirectory() as folder:
        draft = Path(folder) / "model.lp"
        problem.writeLP(str(draft))
        body = draft.read_text(encoding="utf-8")
    lines = [part for line in legend for part in wrap(line, LEGEND) or [""]]
    head = "".join(f"\\ {line}".rstrip() + "\n" for line in lines)
    path.write_text(head + body, encoding="utf-8", newline="\n")
