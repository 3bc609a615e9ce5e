"""Plants a whole-money allocation near the formula, or rules that no allocation can keep."""

from __future__ import annotations

import math
import random
from decimal import Decimal
from fractions import Fraction

from .draft import Draft
from .planner import E, Planner, Rule


def plant(d: Draft, e: E, mix: dict[tuple[str, str], dict[str, Fraction]]) -> None:
    """Draw a whole-money allocation near the formula that spends every stream."""
    rng = d.rng
    spread = rng.choice([0.05, 0.15, 0.35])
    boost = {i: math.exp(rng.gauss(0, spread)) for i in d.codes}
    bias = {u: math.exp(rng.gauss(0, 0.3)) for u in d.doc["uses"]}
    twin = {b: a for a, b in d.twins}
    for s, spec in d.doc["streams"].items():
        steps = int(Decimal(str(spec["budget"])) / d.step)
        members = [i for i in d.codes if (i, s) in e]
        if not steps or not members:
            continue
        want = {i: float(e[i, s]) * boost[i] * math.exp(rng.gauss(0, spread / 2)) for i in members}
        want.update({b: want[a] for b, a in twin.items() if b in want})
        scale = steps / sum(want.values())
        have = {i: int(v * scale) for i, v in want.items()}
        left = steps - sum(have.values())
        takers = [i for i in members if i not in twin and i not in twin.values()] or members
        for k in range(left):
            have[takers[k % len(takers)]] += 1
        for i in members:
            if i in twin and (twin[i], s) in e:
                continue
            _split(d, i, s, have[i], {u: float(m) * bias[u] for u, m in mix[i, s].items()})
        for b, a in twin.items():
            if (b, s) in e:
                d.planted.update({(b, s, u): d.planted[a, s, u] for u in mix[a, s]})


def _split(d: Draft, i: str, s: str, amount: int, want: dict[str, float]) -> None:
    noisy = {u: v * math.exp(d.rng.gauss(0, 0.1)) for u, v in want.items()}
    total = sum(noisy.values())
    cells = {u: int(amount * v / total) for u, v in noisy.items()}
    cells[max(sorted(cells), key=lambda u: cells[u])] += amount - sum(cells.values())
    d.planted.update({(i, s, u): v for u, v in cells.items()})


def contradiction(rng: random.Random, planner: Planner) -> list[Rule]:
    """Return rules that no allocation can keep, by a margin."""
    sc = planner.sc
    total = planner.sum(sc.box())
    live = next(s for s in sc.streams if sc.budget(s) > 0)
    n = len(sc.codes)
    tag = planner.tag()
    first = {"scope": {"streams": [live]}}
    plain: Rule = {"kind": "linear", "right": {}, "plus": 0, "for_each": None}
    styles: list[list[Rule]] = [
        [{"kind": "amount_bounds", "by": "county", "min": int(total / n * Fraction(11, 10)) + 1}],
        [{"kind": "amount_bounds", "by": "county", "max_share": round(0.8 / n, 5)}],
        [{"kind": "use_share_floor", "tag": tag, "by": "prefecture", "floor": 0.7, **first},
         {"kind": "use_share_cap", "tag": tag, "by": "county", "cap": 0.6, **first}],
        [{**plain, "left": {}, "sense": ">=", "times": 1.02}],
        [{"kind": "amount_bounds", "by": "county", "max_share": round(1.5 / n, 5)},
         {**plain, "left": {"counties": sc.codes[:2]}, "sense": ">=", "times": round(3.3 / n, 5)}],
        [{"kind": "amount_bounds", "by": "large", "max_share": 0.3},
         {"kind": "group_share_floor", "group": "large", "floor": 0.35}],
    ]  # fmt: skip
    return rng.choice(styles)
