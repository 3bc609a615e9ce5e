"""What the XML of a worksheet says of its cells beyond their values: errors, formulas, empty texts."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import IO
from xml.parsers import expat

At = tuple[int, int]
"""Row and column of a cell, from 0."""
Tag = tuple[str, dict[str, str]]
"""Name of an element without its namespace, and its attributes, names with theirs: `namespace}name`."""

_NAME = re.compile(r"([A-Z]{1,3})([0-9]{1,7})")
ROWS, COLUMNS = 1 << 20, 1 << 14
"""What a sheet holds."""
TEXTS = {"s", "str", "inlineStr"}
"""Types of cells that hold text."""


@dataclass
class SheetCells:
    """One sheet's cells that are more than a figure or a blank."""

    errors: dict[At, str] = field(default_factory=dict)
    """Error values, such as #DIV/0!."""
    formulas: set[At] = field(default_factory=set)
    uncomputed: dict[At, str] = field(default_factory=dict)
    """Formulas stored without a result, each with its equals sign."""
    texts: set[At] = field(default_factory=set)
    """Texts, empty ones too."""


@dataclass
class _Scan:
    """Follows a sheet's elements and sorts its cells."""

    found: SheetCells = field(default_factory=SheetCells)
    row: int = -1
    column: int = -1
    kind: str = ""
    """Type of the cell that is open."""
    formula: str | None = None
    value: str | None = None
    inside: str = ""
    """c, f or v where the text of a cell may stand."""

    def start(self, name: str, attributes: dict[str, str]) -> None:
        """An element opens."""
        local = _local(name)
        if local == "row":
            self.row = int(attributes["r"]) - 1 if "r" in attributes else self.row + 1
            self.column = -1
        elif local == "c":
            self.row, self.column = _position(attributes.get("r", ""), self.row, self.column)
            self.kind, self.formula, self.value, self.inside = attributes.get("t", "n"), None, None, "c"
        elif self.inside and local == "f":
            self.inside, self.formula = "f", ""
        elif self.inside and local == "v":
            self.inside, self.value = "v", ""

    def text(self, said: str) -> None:
        """Characters inside an element."""
        if self.inside == "f":
            self.formula = (self.formula or "") + said
        elif self.inside == "v":
            self.value = (self.value or "") + said

    def end(self, name: str) -> None:
        """An element closes; a cell is sorted."""
        local = _local(name)
        if self.inside and local in ("f", "v"):
            self.inside = "c"
        elif local == "c":
            self.inside = ""
            self._sort((self.row, self.column))

    def _sort(self, at: At) -> None:
        if self.formula is not None:
            self.found.formulas.add(at)
        if self.kind == "e":
            self.found.errors[at] = self.value or "#ERROR"
        elif self.formula is not None and not (self.value or (self.value is not None and self.kind == "str")):
            self.found.uncomputed[at] = f"={self.formula}"
        elif self.kind in TEXTS:
            self.found.texts.add(at)


def scan_sheet(stream: IO[bytes]) -> SheetCells:
    """Sorts the cells of a worksheet; raises ValueError or ExpatError where it is no plain XML."""
    scan, parser = _Scan(), _parser()
    parser.StartElementHandler = scan.start
    parser.EndElementHandler = scan.end
    parser.CharacterDataHandler = scan.text
    parser.ParseFile(stream)
    return scan.found


def tags(stream: IO[bytes]) -> list[Tag]:
    """All elements of a small XML file, in order."""
    found: list[Tag] = []
    parser = _parser()
    parser.StartElementHandler = lambda name, attributes: found.append((_local(name), attributes))
    parser.ParseFile(stream)
    return found


def _parser() -> expat.XMLParserType:
    parser = expat.ParserCreate(namespace_separator="}")
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = _refuse
    return parser


def _refuse(*_: object) -> None:
    # a spreadsheet has none, and entities of one may expand without end
    raise ValueError("document type declaration")


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _position(name: str, row: int, column: int) -> At:
    """Where a cell of this A1 name stands; one without a name follows the cell before it."""
    found = _NAME.fullmatch(name)
    if found is not None:
        column = -1
        for letter in found[1]:
            column = (column + 1) * 26 + ord(letter) - 65
        row = int(found[2]) - 1
    else:
        column += 1
    if not (0 <= row < ROWS and column < COLUMNS):
        raise ValueError(f"no cell {name}")
    return row, column


def letters(column: int) -> str:
    """Name of a column, counted from 0, as spreadsheets show it."""
    name, rest = "", column + 1
    while rest:
        rest, digit = divmod(rest - 1, 26)
        name = chr(65 + digit) + name
    return name
