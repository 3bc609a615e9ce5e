"""The data half of a random scenario: counties, groups, uses, formulas, streams, what is committed."""

from __future__ import annotations

import csv
import io
import random
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Grid = dict[tuple[str, str, str], int]  # county, stream, use: in steps

USES = [
    ("industry", ["industry"]),
    ("infrastructure", []),
    ("outside_industry", ["industry", "outside"]),
    ("livelihood", ["people"]),
    ("outside_works", ["outside"]),
    ("training", ["people", "industry"]),
]
COMMON = ["population", "monitored", "income", "area", "score", "grade", "ratio", "level", "flag"]


@dataclass
class Draft:
    """A scenario in the making."""

    rng: random.Random
    n: int
    doc: dict[str, Any] = field(default_factory=dict)
    rows: dict[str, dict[str, str]] = field(default_factory=dict)
    committed: Grid = field(default_factory=dict)
    planted: Grid = field(default_factory=dict)
    twins: list[tuple[str, str]] = field(default_factory=list)
    step: Decimal = Decimal(1)

    @property
    def codes(self) -> list[str]:
        """List the counties."""
        return sorted(self.rows)

    def money(self, steps: int) -> str:
        """Write a number of steps as an amount."""
        return format(self.step * steps, "f")

    def column(self, name: str, values: dict[str, str]) -> str:
        """Add a column; a twin carries its original's value."""
        for a, b in self.twins:
            values[b] = values.get(a, "")
        for code in self.codes:
            self.rows[code][name] = values.get(code, "")
        return name

    def some(self, items: list[Any], least: int = 1) -> list[Any]:
        """Draw a random, non-empty part of a list, in its order."""
        k = self.rng.randint(least, len(items))
        chosen = set(self.rng.sample(range(len(items)), k))
        return [v for j, v in enumerate(items) if j in chosen]


def counties(d: Draft) -> None:
    """Draw prefectures and the base columns."""
    rng = d.rng
    prefectures = [f"{p}盟" for p in "甲乙丙丁戊己"[: rng.randint(3, 6) if d.n >= 12 else 2]]
    codes = sorted(rng.sample(range(150102, 154999), d.n))
    for k, code in enumerate(codes):
        population = int(rng.lognormvariate(10, 0.6))
        d.rows[str(code)] = {
            "code": str(code),
            "county": f"第{k + 1}旗",
            "prefecture": prefectures[k] if k < len(prefectures) else rng.choice(prefectures),
            "population": str(population),
            "monitored": str(int(population * rng.uniform(0.001, 0.05)) + 1),
            "income": f"{rng.uniform(9000, 24000):.1f}",
            "area": f"{rng.lognormvariate(3, 1):.3f}",
            "score": str(rng.randint(60, 100)),
            "grade": rng.choice("优良中差"),
            "ratio": f"{rng.uniform(0.8, 1.2):.2f}",
            "level": rng.choice(["national", "regional", "none"]),
            "flag": rng.choice(["true", "false", "1", "0", "是", "否"]),
        }
    if rng.random() < 0.5:
        a, b = rng.sample(d.codes, 2)
        d.twins.append((a, b))
        for name in ["prefecture", *COMMON]:
            d.rows[b][name] = d.rows[a][name]
        # the prefecture that lost its only county is gone; that is legal


def groups(d: Draft) -> None:
    """Draw groups by match, by list, by range and by code."""
    rng = d.rng
    levels = {r["level"] for r in d.rows.values()}
    out: dict[str, Any] = {}
    if any(r["flag"] in ("true", "1", "是") for r in d.rows.values()):
        out["flagged"] = {"where": {"flag": True}}
    if levels & {"national", "regional"}:
        out["key"] = {"where": {"level": ["national", "regional"]}}
    populations = sorted(int(r["population"]) for r in d.rows.values())
    out["large"] = {"where": {"population": {"min": populations[len(populations) // 2]}}}
    chosen = set(rng.sample(d.codes, max(2, d.n // 3)))
    for a, b in d.twins:
        chosen = chosen | {b} if a in chosen else chosen - {b}
    chosen = chosen or {d.codes[0], *(b for a, b in d.twins if a == d.codes[0])}
    out["listed"] = {"codes": [int(c) if rng.random() < 0.5 else c for c in sorted(chosen)]}
    d.doc["groups"] = out


def uses(d: Draft) -> None:
    """Draw uses and mixes."""
    rng = d.rng
    count = rng.randint(3, len(USES))
    d.doc["uses"] = {u: {"title": {"zh": u}, "tags": list(tags)} for u, tags in USES[:count]}
    cuts = sorted(rng.sample(range(5, 96), count - 1))
    parts = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
    names = list(d.doc["uses"])
    d.doc["mix"] = {u: p / 100 for u, p in zip(names, parts, strict=True)}
    if rng.random() < 0.5:
        own = {c: _mix(rng, parts) for c in d.codes if rng.random() < 0.6}
        for k, u in enumerate(names):
            d.column(f"mix.{u}", {c: f"{v[k] / 1000:.3f}" for c, v in own.items()})


def _mix(rng: random.Random, parts: list[int]) -> list[int]:
    """Shift some thousandths between two uses."""
    out = [10 * p for p in parts]
    a, b = rng.sample(range(len(out)), 2)
    shift = rng.randint(0, out[a])
    out[a] -= shift
    out[b] += shift
    return out


def _factor(d: Draft, kind: str) -> dict[str, Any]:
    rng = d.rng
    if kind == "share":
        value: Any = rng.choice(["population", "area", {"population": 1, "monitored": 2.5}])
        return {"factor": "size", "value": value, "as": "share"}
    if kind == "inverse":
        scale = {"scale": "population"} if rng.random() < 0.5 else {}
        return {"factor": "income", "value": "income", "as": "inverse", **scale}
    if kind == "gap":
        scale = {"scale": "population"} if rng.random() < 0.5 else {}
        ref = rng.choice(["max", "mean", "median", 25000, rng.choice(d.codes)])
        if ref in d.codes:  # a county that is not the poorest, so that the column has a sum
            ref = max(d.codes, key=lambda c: float(d.rows[c]["income"]))
        return {"factor": "distance", "value": "income", "as": "gap", "ref": ref, **scale}
    if kind == "points":
        return {"factor": "policy", "points": {g: rng.choice([0.5, 1, 2]) for g in d.doc["groups"]}}
    if kind == "bands" and rng.random() < 0.5:
        return {"factor": "grade", "value": "grade", "as": "bands",
                "bands": {"优": 1.2, "良": 1.0, "中": 0.9, "差": 0.8}}  # fmt: skip
    if kind == "bands":
        return {"factor": "score", "value": "score", "as": "bands",
                "bands": {"90": 1.2, "80": 1.0, "0": 0.8}}  # fmt: skip
    return {"factor": "base", "as": "equal"}


def formulas(d: Draft) -> None:
    """Draw formulas; the first factor gives every county something."""
    rng = d.rng
    d.doc["formulas"] = {}
    for k in range(rng.randint(1, 2)):
        rest = d.some(["gap", "points", "bands", "equal", "inverse"])
        kinds = ["share", *rest[:4]]
        cuts = sorted(rng.sample(range(10, 91), len(kinds) - 1))
        weights = [b - a for a, b in zip([0, *cuts], [*cuts, 100], strict=True)]
        factors = []
        for kind, weight in zip(kinds, weights, strict=True):
            factor = _factor(d, kind)
            factor["weight"] = weight / 100
            if rng.random() < 0.2:
                factor["floor"] = round(rng.uniform(0.1, 0.5) / d.n, 4)
            factors.append(factor)
        d.doc["formulas"][f"formula_{k + 1}"] = factors


def streams(d: Draft) -> None:
    """Draw streams; the first is open to all counties and all uses."""
    rng = d.rng
    names = list(d.doc["uses"])
    d.doc["streams"] = {}
    for k in range(rng.randint(2, 4)):
        spec: dict[str, Any] = {
            "title": {"zh": f"资金{k + 1}"},
            "source": rng.choice(["central", "regional"]),
            "batch": rng.choice([1, 2]),
            "budget": 0,
            "formula": rng.choice(list(d.doc["formulas"])),
        }
        if rng.random() < 0.25:
            spec["multiplier"] = "ratio"
        if k and rng.random() < 0.35:
            spec["eligible"] = rng.choice(["large", "listed"])
        if k and rng.random() < 0.4:
            spec["uses"] = d.some(names, 2)
        steps = d.n * rng.randint(400, 5000)
        if k >= 2 and rng.random() < 0.2:
            steps = 0  # wholly issued
        spec["budget"] = plain(d.step * steps)
        d.doc["streams"][f"s{k + 1}"] = spec


def plain(value: Decimal) -> int | float:
    """Return a number that the YAML writes as people do."""
    return int(value) if value == int(value) else float(value)


def committed(d: Draft, eligible: dict[str, list[str]]) -> None:
    """Draw what earlier batches issued, for eligible counties and permitted uses."""
    rng = d.rng
    zero = [s for s, spec in d.doc["streams"].items() if spec["budget"] == 0]
    if not zero and rng.random() < 0.6:
        return
    for s in zero or d.some(list(d.doc["streams"])):
        permitted = d.doc["streams"][s].get("uses") or list(d.doc["uses"])
        amounts = {}
        for code in eligible[s]:
            if rng.random() < 0.7:
                amounts[code] = {u: rng.randint(1, 400) for u in d.some(permitted)}
        for a, b in d.twins:
            if b in eligible[s]:
                amounts[b] = amounts.get(a, {})
        for code, row in amounts.items():
            d.committed.update({(code, s, u): v for u, v in row.items()})
        if s not in zero and rng.random() < 0.5:
            d.doc["streams"][s]["entitlement"] = "year"


def messy(rng: random.Random, text: str) -> str:
    """Write a number as people do: separators, full-width digits, blanks."""
    whole, _, rest = text.partition(".")
    if not whole.isdigit() or rng.random() < 0.5:
        return text
    style = rng.randrange(3)
    if style == 0:
        return f"{int(whole):,}" + (f".{rest}" if rest else "")
    if style == 1:
        return "".join(chr(ord(c) + 0xFEE0) if c.isdigit() else c for c in text)
    return f" {text} "


def write(d: Draft, folder: Path, style: int = 0) -> None:
    """Write the folder; style 0 is clean, 1 a BOM, 2 GB18030, both with messy numbers."""
    folder.mkdir(parents=True, exist_ok=True)
    rng = random.Random(style * 7919 + d.n)
    yaml = YAML()
    yaml.allow_unicode = True
    yaml.width = 200
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as out:
        yaml.dump(d.doc, out)
    keep = {"code", "county", "prefecture", "grade", "level", "flag"}
    lines = []
    for code in d.codes:
        row = d.rows[code]
        lines.append({k: messy(rng, v) if style and k not in keep else v for k, v in row.items()})
    _csv(folder / "counties.csv", lines, style)
    if d.committed:
        issued = [
            {"code": i, "stream": s, "use": u, "amount": d.money(v)} for (i, s, u), v in d.committed.items()
        ]
        _csv(folder / "committed.csv", issued, style)


def _csv(path: Path, rows: list[dict[str, str]], style: int) -> None:
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(["utf-8", "utf-8-sig", "gb18030"][style]))
