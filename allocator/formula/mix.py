"""The preferred mix of uses: the scenario's default, a county's own columns, a stream's uses."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from allocator.counties import Counties
from allocator.faults import Fault, Place
from allocator.numbers import plain
from allocator.scenario import Scenario
from allocator.text import Text

PREFIX = "mix."
TOLERATED = Decimal("0.001")


def mix_columns(scenario: Scenario, columns: tuple[str, ...]) -> tuple[dict[str, str], list[str]]:
    """Columns `mix.USE` of the table with who asks for them, and those whose USE is no use."""
    named = [c for c in columns if c.startswith(PREFIX)]
    known = {c: "mix" for c in named if c.removeprefix(PREFIX) in scenario.uses}
    return known, [c for c in named if c not in known]


def county_mix(scenario: Scenario, counties: Counties) -> tuple[NDArray[np.float64], list[Fault], list[Text]]:
    """(n, U) rows adding up to 1, uses sorted by name; faults and notices."""
    uses = sorted(scenario.uses)
    default = scenario.mix or {u: Decimal(1) / len(uses) for u in uses}
    own = {u: counties.numbers.get(PREFIX + u) for u in uses}
    rows, faults, rescaled = [], [], []
    for i in range(len(counties)):
        cells = [own[u] for u in uses]
        values = [
            default.get(u, Decimal(0)) if column is None or column[i] is None else column[i]
            for u, column in zip(uses, cells, strict=True)
        ]
        row = [v or Decimal(0) for v in values]
        total = sum(row, Decimal(0))
        if abs(total - 1) > TOLERATED:
            faults.append(
                Fault(
                    Place(counties.file, counties.lines[i], county=counties.label(i), column=f"{PREFIX}*"),
                    Text(
                        f"各用途比例之和为 {plain(total)}，应为 1",
                        f"the mix adds up to {plain(total)}, not 1",
                    ),
                    Text("空格取默认值；请更正", "blank cells take the default; correct it"),
                )
            )
        elif any(column is not None for column in cells) and total != 1:
            rescaled.append(counties.label(i))
        rows.append([float(v) / float(total) if total else 0.0 for v in row])
    notices = []
    if rescaled:
        sample = rescaled[0]
        notices.append(
            Text(
                f"{len(rescaled)} 个旗县的用途比例之和略偏离 1，已按比例调整（如 {sample}）",
                f"the mix of {len(rescaled)} counties was rescaled to add up to 1 (such as {sample})",
            )
        )
    return np.array(rows, dtype=np.float64), faults, notices


def stream_mix(mix: NDArray[np.float64], permitted: NDArray[np.bool_]) -> NDArray[np.float64]:
    """(n, S, U): the mix over the uses that are `permitted`, (n, S, U); equal parts where nothing is left."""
    cube = mix[:, None, :] * permitted
    totals = cube.sum(axis=2, keepdims=True)
    equal = permitted / np.maximum(1, permitted.sum(axis=2, keepdims=True))
    return np.where(totals > 0, cube / np.where(totals > 0, totals, 1.0), equal)
