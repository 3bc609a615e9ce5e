"""A small scenario for the policy of streams, as files: six counties, three streams, four uses.

Every figure is invented and small, so that a test can compute what it expects by hand.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

CODES = ("650101", "650102", "650103", "650201", "650202", "650203")
TABLE = """\
code,county,prefecture,people,score,kind,pilot,last_amount,last_share,own_last
650101,甲县,天山地区,100,95,脱贫,1,180,0.5,0.5
650102,乙县,天山地区,200,82,脱贫,1,350,0.5,0.62
650103,丙县,天山地区,100,71,其他,0,170,0.5,0.4
650201,丁县,昆仑地区,300,88,其他,0,520,0.45,0.3
650202,戊县,昆仑地区,200,60,脱贫,0,360,0.45,0.5
650203,己县,昆仑地区,100,82,其他,0,180,0.45,
"""
DOCUMENT: dict[str, Any] = {
    "name": "six",
    "year": 2023,
    "unit": "万元",
    "step": 1,
    "groups": {
        "pilot": [
            {"title": {"zh": "试点", "en": "pilot"}, "from": 2021, "until": 2023, "where": {"pilot": True}},
            {"from": 2024, "until": 2025, "codes": ["650101"]},
        ],
        "exit": {"where": {"kind": "脱贫"}},
    },
    "uses": {
        "industry": {"title": {"zh": "产业", "en": "industry"}, "tags": ["industry"]},
        "roads": {"title": {"zh": "道路", "en": "roads"}},
        "relocation": {"title": {"zh": "搬迁", "en": "relocation"}, "until": 2024},
        "debt": {"title": {"zh": "偿还债务", "en": "debt"}, "forbidden": True},
    },
    "mix": {"industry": 0.5, "roads": 0.3, "relocation": 0.2},
    "formulas": {"main": [{"factor": "people", "weight": 1, "value": "people"}]},
    "streams": {
        "central": {"source": "中央", "level": "central", "budget": 1000, "formula": "main"},
        "relief": {
            "source": "中央",
            "level": "central",
            "direction": "work_relief",
            "budget": 500,
            "formula": "main",
            "uses": ["roads"],
            "pool": {"group": "pilot", "uses": "all"},
        },
        "water": {
            "source": "自治区",
            "level": "region",
            "fund": "整合资金",
            "budget": 300,
            "formula": "main",
            "uses": ["roads", "relocation"],
            "forbidden": ["relocation"],
        },
    },
    "rules": [],
}


def document(**changes: Any) -> dict[str, Any]:
    """The document with top-level keys replaced."""
    return copy.deepcopy(DOCUMENT) | changes


def write(folder: Path, made: dict[str, Any], table: str = TABLE) -> Path:
    """The scenario as a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "scenario.yaml").open("w", encoding="utf-8") as out:
        YAML(typ="safe").dump(made, out)
    (folder / "counties.csv").write_text(table, encoding="utf-8")
    return folder
