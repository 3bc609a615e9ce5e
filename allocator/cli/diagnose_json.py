"""A diagnosis for machines."""

from __future__ import annotations

from typing import Any

from allocator.cli.explain_json import text_json
from allocator.relaxation import Shortfall, relaxation_texts
from allocator.why.conflicts import Conflict, conflict_text
from allocator.why.diagnosis import Diagnosis
from allocator.why.repairs import Repair
from reports.figures import money


def diagnosis_json(found: Diagnosis) -> dict[str, Any]:
    """The diagnosis as plain values; amounts in the scenario's unit."""
    scenario, names = found.loaded.scenario, found.loaded.names
    return {
        "scenario": scenario.name,
        "unit": scenario.unit,
        "possible": False,
        "only_whole_money_impossible": found.whole_only,
        "checks": [
            {
                "what": text_json(check.what),
                "have": money(check.have),
                "need": money(check.need),
                "short": money(check.short),
                "rules": list(dict.fromkeys(check.rules)),
            }
            for check in found.checks
        ],
        "relaxation": {
            "law_gives_way": found.relaxation.law,
            "rows": [_shortfall(one) for one in found.relaxation.shortfalls],
            "texts": [text_json(t) for t in relaxation_texts(found.relaxation, found.rows, names)],
        },
        "conflicts": [_conflict(found, one) for one in found.conflicts],
        "repairs": [_repair(repair) for repair in found.menu.repairs],
        "pairs": found.menu.paired,
        "not_alone": [
            {"kind": kind, "name": name, "key": key, "title": text_json(title)}
            for kind, name, key, title in found.menu.alone
        ],
    }


def _shortfall(one: Shortfall) -> dict[str, Any]:
    return {
        "rule": one.key[0],
        "where": one.row.where,
        "short": round(one.short, 6),
        "relative": round(one.relative, 9),
        "left": round(one.left, 6),
        "right": round(one.right, 6),
    }


def _conflict(found: Diagnosis, one: Conflict) -> dict[str, Any]:
    texts = conflict_text(one, found.rows, found.loaded.scenario, found.loaded.names)
    return {
        "members": [
            {"rule": rule, "where": found.rows.row((rule, k)).where, "number": k} for rule, k in one.members
        ],
        "texts": [text_json(text) for text in texts],
    }


def _repair(repair: Repair) -> dict[str, Any]:
    return {
        "changes": [
            {
                "kind": change.kind,
                "name": change.name,
                "key": change.key,
                "title": text_json(change.title),
                "from": change.old,
                "to": change.new,
                "least": least,
            }
            for change, least in zip(repair.changes, repair.least, strict=True)
        ],
        "affected": [{"rule": rule, "where": where} for rule, where in repair.affected],
    }
