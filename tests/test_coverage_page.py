"""docs/coverage.md: every clause that must be there is there, and what it names exists."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from allocator.cli.main import MEMBERS, run
from allocator.rules import KINDS

ROOT = Path(__file__).parent.parent
TEXT = (ROOT / "docs" / "coverage.md").read_text(encoding="utf-8")
ROWS = {
    cells[0]: cells[1:]
    for line in TEXT.splitlines()
    if re.match(r"\| (NM|N20|XJ|DX|YQ|AMB)-\d\d ", line)
    for cells in [[cell.strip() for cell in line.strip("| ").split(" | ")]]
}
CLAUSES = {
    # document: clauses it was split into, and those that are no matter of an allocation at all
    "NM": (69, {6, 13, 19, 23, 35, 38, 58, 64}),
    "N20": (20, {16, 17, 18, 19}),
    "XJ": (26, set()),
    "DX": (16, {15}),
    "YQ": (26, set()),
    "AMB": (28, set()),
}
NAMED = re.compile(r"`allocator ([a-z]+)([^`]*)`")
OPTION = re.compile(r"(?<!\S)--?[a-z][a-z-]*")


def test_every_clause_has_one_line():
    wanted = {
        f"{document}-{number:02}"
        for document, (last, out) in CLAUSES.items()
        for number in range(1, last + 1)
        if number not in out
    }
    found = re.findall(r"^\| ((?:NM|N20|XJ|DX|YQ|AMB)-\d+) \|", TEXT, re.MULTILINE)
    assert sorted(found) == sorted(wanted)
    assert set(ROWS) == wanted


def test_every_line_has_a_test_or_says_that_it_is_not_covered():
    for clause, cells in ROWS.items():
        how, *test = cells[1:]
        assert how
        assert bool(test and test[0].strip("| ")) or "not covered: " in how, clause


@pytest.mark.parametrize("file", sorted(set(re.findall(r"(tests/\S+\.py)::", TEXT))))
def test_every_test_exists(file):
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    known = {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}
    assert set(re.findall(rf"{re.escape(file)}::(\w+)", TEXT)) <= known


def test_every_command_and_option_exists(capsys):
    named: dict[str, set[str]] = {}
    for command, rest in NAMED.findall(TEXT):
        named.setdefault(command, set()).update(OPTION.findall(rest))
    assert set(named) <= set(MEMBERS)
    for command, options in named.items():
        assert run([command, "--help", "--lang", "en"]) == 0
        assert options <= set(OPTION.findall(capsys.readouterr().out.replace(",", " "))), command


def test_every_rule_and_file_exists():
    kinds = set(re.findall(r"rules? `(\w+)`", TEXT)) | set(re.findall(r"`(\w+)\.\w+`: ", TEXT))
    assert kinds - {"incentive"} <= set(KINDS)
    assert set(KINDS) <= set(re.findall(r"`(\w+)`", TEXT)) | kinds
    for page in re.findall(r"\]\(([\w/-]+\.md)\)", TEXT):
        assert (ROOT / "docs" / page).is_file()
