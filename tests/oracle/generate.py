"""Random scenario folders: most with a planted whole-money allocation, some with none at all."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

from . import draft
from .draft import Draft
from .formula import entitlements, formula_amounts, mixes
from .planner import KINDS, Planner
from .plant import contradiction, plant
from .reading import Cell, read
from .reference import judge_cells, load


@dataclass
class Made:
    """What was made."""

    folder: Path
    seed: int
    n: int
    planted: bool
    kinds: list[str] = field(default_factory=list)
    twins: list[tuple[str, str]] = field(default_factory=list)
    allocation: dict[Cell, Fraction] = field(default_factory=dict)


def _data(rng: random.Random, n: int, folder: Path, seed: int) -> Draft:
    d = Draft(rng, n, step=rng.choice([Decimal(1), Decimal(1), Decimal(10), Decimal("0.01")]))
    d.doc = {
        "name": f"random-{seed}",
        "title": {"zh": "随机", "en": "random"},
        "year": rng.choice([2024, 2025]),
        "unit": rng.choice(["万元", "元"]),
        "step": draft.plain(d.step),
        "counties": "counties.csv",
    }
    draft.counties(d)
    draft.groups(d)
    draft.uses(d)
    draft.formulas(d)
    draft.streams(d)
    d.doc["rules"] = []
    draft.write(d, folder)
    sc = read(folder)
    _references(d, {s: sorted(sc.eligible(s)) for s in sc.streams})
    draft.committed(d, {s: sorted(sc.eligible(s)) for s in sc.streams})
    draft.write(d, folder)
    if rng.random() < 0.3:
        _adjust(d, folder)
    return d


def _references(d: Draft, eligible: dict[str, list[str]]) -> None:
    """Let a factor refer to a county only where it is eligible: elsewhere the documents leave it open."""
    for name, spec in d.doc["streams"].items():
        for factor in d.doc["formulas"][spec["formula"]]:
            if factor.get("ref") in d.codes and factor["ref"] not in eligible[name]:
                factor["ref"] = "max"


def _adjust(d: Draft, folder: Path) -> None:
    """Move a little between two counties of the first stream."""
    sc = read(folder)
    amounts = formula_amounts(sc, "s1")
    tied = {c for pair in d.twins for c in pair}
    a, b = d.rng.sample([i for i in d.codes if i not in tied], 2)
    size = int(min(amounts[a], amounts[b]) / Fraction(d.step) / 40)
    if size:
        money = draft.plain(d.step * size)
        items = [
            {"county": a, "stream": "s1", "amount": money, "reason": "灾后重建"},
            {"county": b, "stream": "s1", "amount": -money, "reason": "项目储备不足"},
        ]
        d.doc["adjustments"] = {"limit": 0.03, "items": items}
        draft.write(d, folder)


def _rules(d: Draft, planner: Planner, only: list[str] | None) -> list[dict[str, Any]]:
    rng = d.rng
    pool = only or KINDS
    kinds = rng.sample(pool, min(len(pool), rng.randint(3, 8)))
    if rng.random() < 0.3:
        kinds.append(rng.choice(kinds))
    out = []
    for kind in kinds:
        rule = getattr(planner, kind)()
        if rule is None:
            continue
        if rng.random() < 0.3:
            rule["clause"] = "内政发〔2022〕9号"
        out.append(rule)
    return out


def generate(
    folder: Path,
    seed: int,
    small: bool = False,
    infeasible: bool | None = None,
    only: list[str] | None = None,
) -> Made:
    """Make one scenario folder from a seed."""
    for attempt in range(50):
        rng = random.Random(f"{seed}/{attempt}")
        try:
            return _generate(folder, seed, rng, small, infeasible, only)
        except ZeroDivisionError:  # a factor's column sums to zero over the eligible: draw again
            for leaf in ("committed.csv", "counties.csv", "scenario.yaml"):
                (folder / leaf).unlink(missing_ok=True)
    raise RuntimeError(f"seed {seed} gives no scenario")


def _generate(
    folder: Path, seed: int, rng: random.Random, small: bool, infeasible: bool | None, only: list[str] | None
) -> Made:
    n = rng.randint(4, 8) if small else rng.choice([rng.randint(20, 30), rng.randint(20, 60)])
    wrong = rng.random() < 0.15 if infeasible is None else infeasible
    d = _data(rng, n, folder, seed)
    sc = read(folder)
    e = {k: v for k, v in entitlements(sc).items() if v > 0}
    plant(d, e, mixes(sc))
    planner = Planner(d, sc, e)
    rules = _rules(d, planner, only)
    cells = {c: Fraction(d.step) * v for c, v in d.planted.items()}
    d.doc["rules"] = _kept(d, folder, rules, cells)
    if wrong:
        d.doc["rules"] += contradiction(rng, planner)
    draft.write(d, folder, style=rng.choice([0, 0, 1, 2]))
    kinds = sorted({r["kind"] for r in d.doc["rules"]})
    return Made(folder, seed, n, not wrong, kinds, d.twins, cells)


def _kept(
    d: Draft, folder: Path, rules: list[dict[str, Any]], cells: dict[Cell, Fraction]
) -> list[dict[str, Any]]:
    """Keep the rules that the planted allocation keeps: a drawn group or twin may have spoilt one."""
    named = [{**r, "id": f"r{k}"} for k, r in enumerate(rules)]
    d.doc["rules"] = named
    draft.write(d, folder)
    broken = {line.split()[1] for line in judge_cells(load(folder), cells) if line.startswith("rule ")}
    rest = [r for r, name in zip(rules, named, strict=True) if name["id"] not in broken]
    d.doc["rules"] = rest
    draft.write(d, folder)
    left = judge_cells(load(folder), cells)
    assert not left, left
    return rest
