"""datapackage.json: a Frictionless Data Package with a Table Schema for each CSV."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from allocator.scenario import Scenario
from allocator.text import Language
from reports.csv_files import LINE_END, Encoding
from reports.table import Table

PROFILE = "https://datapackage.org/profiles/2.0/datapackage.json"


def datapackage(
    scenario: Scenario, tables: Mapping[str, tuple[Table, bytes]], encoding: Encoding, lang: Language
) -> bytes:
    """The descriptor of `tables`, by file name with the bytes written."""
    name = scenario.name if re.fullmatch(r"[-a-z0-9._]+", scenario.name) else "allocation"
    descriptor = {
        "$schema": PROFILE,
        "name": name,
        "title": scenario.title.text(scenario.name).say(lang),
        "description": f"{scenario.name}, {scenario.year}, {scenario.unit}",
        "resources": [
            _resource(path, table, content, encoding, lang) for path, (table, content) in tables.items()
        ],
    }
    return (json.dumps(descriptor, ensure_ascii=False, indent=2) + "\n").encode()


def _resource(path: str, table: Table, content: bytes, encoding: Encoding, lang: Language) -> dict[str, Any]:
    return {
        "name": table.name,
        "type": "table",
        "path": path,
        "title": table.title.say(lang),
        "description": table.description.say(lang),
        "format": "csv",
        "mediatype": "text/csv",
        # a byte order mark is part of UTF-8's name nowhere but in Python
        "encoding": "utf-8" if encoding == "utf-8-sig" else encoding,
        "bytes": len(content),
        "hash": "sha256:" + hashlib.sha256(content).hexdigest(),
        "dialect": {"delimiter": ",", "lineTerminator": LINE_END, "doubleQuote": True},
        "schema": _schema(table, lang),
    }


def _schema(table: Table, lang: Language) -> dict[str, Any]:
    fields = []
    for column in table.columns:
        field: dict[str, Any] = {
            "name": column.name,
            "type": column.kind,
            "title": column.title.say(lang),
            "description": column.description.say(lang),
        }
        if column.required:
            field["constraints"] = {"required": True}
        fields.append(field)
    schema: dict[str, Any] = {"fields": fields, "missingValues": [""]}
    if table.primary_key:
        schema["primaryKey"] = list(table.primary_key)
    if table.foreign_keys:
        schema["foreignKeys"] = [
            {"fields": list(k.fields), "reference": {"resource": k.table, "fields": list(k.reference)}}
            for k in table.foreign_keys
        ]
    return schema
