"""Reads a well-formed scenario folder, plainly: ruamel.yaml, csv and Fractions; no checks, no `extends`."""

from __future__ import annotations

import csv
import io
import unicodedata
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

Cell = tuple[str, str, str]  # county, stream, use
TRUE = {"true", "1", "是"}
FALSE = {"false", "0", "否"}


def number(text: object) -> Fraction:
    """Return the exact value of a number as it stands in a cell or in the YAML."""
    plain = unicodedata.normalize("NFKC", str(text)).strip().replace(",", "")
    return Fraction(plain)


def by_year(value: Any, year: int) -> Fraction | None:
    """Return a decimal as written, or the year's entry of a map."""
    if value is None:
        return None
    if isinstance(value, dict):
        value = value[year] if year in value else value[str(year)]
    return number(value)


@dataclass(frozen=True)
class Box:
    """A selection of cells: a product of counties, streams and uses."""

    codes: frozenset[str]
    streams: frozenset[str]
    uses: frozenset[str]

    def __and__(self, other: Box) -> Box:
        """Return the cells in both."""
        return Box(self.codes & other.codes, self.streams & other.streams, self.uses & other.uses)

    def cells(self) -> list[Cell]:
        """List the cells in a fixed order."""
        uses = sorted(self.uses)
        return [(i, s, u) for i in sorted(self.codes) for s in sorted(self.streams) for u in uses]


@dataclass
class Scenario:
    """What the folder says."""

    doc: dict[str, Any]
    rows: dict[str, dict[str, str]]
    committed: dict[Cell, Fraction]
    groups: dict[str, frozenset[str]] = field(default_factory=dict)

    @property
    def codes(self) -> list[str]:
        """List the counties by code."""
        return sorted(self.rows)

    @property
    def year(self) -> int:
        """Return the year."""
        return int(self.doc["year"])

    @property
    def step(self) -> Fraction:
        """Return the step."""
        return number(self.doc["step"])

    @property
    def streams(self) -> dict[str, dict[str, Any]]:
        """Return the streams."""
        return self.doc["streams"]

    @property
    def uses(self) -> list[str]:
        """List the uses."""
        return list(self.doc["uses"])

    def budget(self, stream: str) -> Fraction:
        """Return a stream's budget."""
        return number(self.streams[stream]["budget"])

    def prefecture(self, code: str) -> str:
        """Return a county's prefecture."""
        return self.rows[code]["prefecture"].strip()

    def cell(self, code: str, column: str) -> Fraction | None:
        """Return a number of the county table, None where the cell is blank."""
        text = self.rows[code][column].strip("\u3000 \t")
        return number(text) if text else None

    def eligible(self, stream: str) -> frozenset[str]:
        """Return I_s."""
        name = self.streams[stream].get("eligible") or "all"
        return frozenset(self.rows) if name == "all" else self.groups[name]

    def permitted(self, stream: str) -> frozenset[str]:
        """Return U_s."""
        uses = self.streams[stream].get("uses") or "all"
        return frozenset(self.uses) if uses == "all" else frozenset(uses)

    def box(self, selection: dict[str, Any] | None = None) -> Box:
        """Return the cells that a selection names; what it leaves out means all."""
        sel = selection or {}
        codes, streams, uses = set(self.rows), set(self.streams), set(self.uses)
        if sel.get("streams") is not None:
            streams &= set(sel["streams"])
        if sel.get("sources") is not None:
            streams &= {s for s, d in self.streams.items() if d.get("source") in sel["sources"]}
        if sel.get("uses") is not None:
            uses &= set(sel["uses"])
        if sel.get("tag") is not None:
            uses &= self.tagged(sel["tag"])
        if sel.get("group") is not None:
            codes &= self.groups[sel["group"]]
        if sel.get("counties") is not None:
            codes &= {str(c) for c in sel["counties"]}
        return Box(frozenset(codes), frozenset(streams), frozenset(uses))

    def tagged(self, tag: str) -> set[str]:
        """Return the uses that bear a tag."""
        return {u for u, d in self.doc["uses"].items() if tag in ((d or {}).get("tags") or [])}


def _matches(text: str, wanted: Any) -> bool:
    text = unicodedata.normalize("NFKC", text).strip()
    if isinstance(wanted, dict):
        if not text:
            return False
        value = number(text)
        low, high = wanted.get("min"), wanted.get("max")
        return (low is None or value >= number(low)) and (high is None or value <= number(high))
    if isinstance(wanted, list):
        return any(_matches(text, w) for w in wanted)
    if isinstance(wanted, bool):
        return text.lower() in (TRUE if wanted else FALSE)
    return text == str(wanted).strip()


def _members(spec: dict[str, Any], rows: dict[str, dict[str, str]]) -> frozenset[str]:
    if spec.get("codes") is not None:
        return frozenset(str(c) for c in spec["codes"])
    where = spec["where"]
    return frozenset(c for c, row in rows.items() if all(_matches(row[k], v) for k, v in where.items()))


def read_csv(path: Path) -> list[dict[str, str]]:
    """Read a CSV in UTF-8, with or without BOM, or in GB18030."""
    raw = path.read_bytes()
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = raw.decode("gb18030")
    return list(csv.DictReader(io.StringIO(text, newline="")))


def read(folder: Path | str) -> Scenario:
    """Read a scenario folder."""
    folder = Path(folder)
    doc = YAML(typ="safe", pure=True).load((folder / "scenario.yaml").read_text(encoding="utf-8"))
    if "extends" in doc:
        raise ValueError("the reference reads flat scenarios only: extends")
    rows = {r["code"].strip(): r for r in read_csv(folder / doc.get("counties", "counties.csv"))}
    committed: dict[Cell, Fraction] = {}
    if (folder / "committed.csv").exists():
        for r in read_csv(folder / "committed.csv"):
            cell = (r["code"].strip(), r["stream"].strip(), r["use"].strip())
            committed[cell] = committed.get(cell, Fraction(0)) + number(r["amount"])
    groups = {name: _members(spec, rows) for name, spec in (doc.get("groups") or {}).items()}
    return Scenario(doc, rows, committed, groups)
