"""docs/scenarios/*.md: every command runs with the exit code that the page says, and prints what it shows."""

from __future__ import annotations

import csv
import re
import sys
from pathlib import Path

import pytest

from allocator.cli.main import run
from allocator.load import bundled, load

ROOT = Path(__file__).parent.parent
FOLDER = ROOT / "docs" / "scenarios"
PAGES = sorted(page for page in FOLDER.glob("*.md") if page.name != "README.md")
BLOCK = re.compile(r"```(sh|text)( slow)?\n(.*?)```", re.DOTALL)
MARKED = re.compile(r"\s+# exit (\d)$")
ROW = re.compile(r"^\| ([^|]+) \|(.*)$", re.MULTILINE)


def squeezed(text: str) -> list[str]:
    """Lines with every run of blanks as one."""
    return [" ".join(line.split()) for line in text.splitlines() if line.strip()]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_command_does_what_the_page_says(page, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ALLOCATOR_LANG", "en")
    monkeypatch.setenv("COLUMNS", "140")
    shown: list[str] = []
    count = 0
    for kind, slow, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        if kind == "text":
            assert body.strip()
            assert [line for line in squeezed(body) if line not in shown] == []
            continue
        if slow:
            continue
        shown = []
        for line in body.splitlines():
            code = MARKED.search(line)
            name, *arguments = MARKED.sub("", line).split()
            assert name == "allocator"
            monkeypatch.setattr(sys, "argv", ["allocator", *arguments])
            found = run(arguments)
            said = capsys.readouterr()
            assert found == (int(code[1]) if code else 0), (line, said.err)
            shown += squeezed(said.out)
            count += 1
    assert count >= 5


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_commands_that_take_longer_exist_with_their_options(page, capsys):
    for kind, slow, body in BLOCK.findall(page.read_text(encoding="utf-8")):
        for line in body.splitlines() if kind == "sh" and slow else []:
            name, command, *arguments = line.split()
            assert name == "allocator"
            assert run([command, "--help", "--lang", "en"]) == 0
            known = set(re.findall(r"(?<!\S)--?[a-z][a-z-]*", capsys.readouterr().out))
            assert {argument for argument in arguments if argument.startswith("-")} <= known


def test_every_bundled_scenario_has_its_page():
    index = (FOLDER / "README.md").read_text(encoding="utf-8")
    pages = set(re.findall(r"\]\(([\w-]+\.md)\)", index))
    assert pages == {page.name for page in PAGES}
    names = {folder.name for folder in (ROOT / "scenarios").iterdir()}
    assert set(re.findall(r"`([\w-]+)`", index.split("\n\n")[1])) == names


@pytest.mark.parametrize("name", bundled())
def test_every_column_is_marked_in_its_sources(name):
    """Real, or illustrative: column by column, of every table."""
    folder = ROOT / "scenarios" / name
    rows = ROW.findall((folder / "SOURCES.md").read_text(encoding="utf-8"))
    said = [cell for cell, rest in rows if re.search(r"\breal\b|\*\*illustrative\*\*", rest)]
    marked = {column for cell in said for column in re.findall(r"[\w.]+", cell, re.ASCII)}
    for table in folder.glob("*.csv"):
        with table.open(encoding="utf-8-sig", newline="") as file:
            assert set(next(csv.reader(file))) <= marked, table.name


@pytest.mark.parametrize("name", bundled())
def test_every_title_is_in_both_languages(name):
    scenario = load(name).scenario
    titles = {"title": scenario.title}
    for part in ("groups", "uses", "streams"):
        titles |= {f"{part}.{key}": own.title for key, own in getattr(scenario, part).items()}
    for formula, factors in scenario.formulas.items():
        titles |= {f"formulas.{formula}.{factor.factor}": factor.title for factor in factors}
    for rule in scenario.rules:
        titles |= {f"rules.{rule.id}.{key}": own.title for key, own in rule.alternatives.items()}
        if rule.title.zh or rule.title.en:
            titles[f"rules.{rule.id}"] = rule.title
    assert [key for key, title in titles.items() if not (title.zh and title.en)] == []
