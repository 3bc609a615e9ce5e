"""The pages on years and on clawback: their examples are what the commands do."""

from __future__ import annotations

import re
from pathlib import Path

from allocator.cli.main import run
from allocator.load import load
from allocator.years.plan import read_plan
from allocator.years.sources import sources_of

DOCS = Path(__file__).parents[2] / "docs"


def example(page: str, kind: str) -> str:
    found = re.search(rf"```{kind}\n(.*?)```", (DOCS / page).read_text(encoding="utf-8"), re.DOTALL)
    assert found
    return found[1]


def test_plan_of_the_page(tmp_path):
    (tmp_path / "years.yaml").write_text(example("years.md", "yaml"), encoding="utf-8")
    plan = read_plan(str(tmp_path))
    assert plan.sources == ("inner-mongolia-2024", "inner-mongolia-2025")
    sources = sources_of(plan, load("inner-mongolia-2025"))
    assert {column: source.keep for column, source in sources.items()} == {
        "last_amount": "last",
        "last_industry_share": "highest",
    }


def test_progress_of_the_page(tmp_path, capsys):
    table = tmp_path / "progress.csv"
    table.write_text(example("reallocation.md", "csv"), encoding="utf-8")
    out, moved = tmp_path / "out", tmp_path / "moved"
    assert run(["solve", "tutorial", "-o", str(out), "--lang", "en"]) == 0
    capsys.readouterr()
    arguments = [
        "reallocate",
        str(out),
        str(table),
        "--as-of",
        "2025-09-30",
        "-o",
        str(moved),
        "--lang",
        "en",
    ]
    assert run(arguments) == 0
    assert re.search(r"grant\s+184\s+19\s+165", capsys.readouterr().out)
    page = (DOCS / "reallocation.md").read_text(encoding="utf-8")
    listed = re.findall(
        r"^\| `([a-z]+(?:\.[a-z]+)?)/?` \| [^|]* \|$", page.split("## What comes out")[1], re.MULTILINE
    )
    assert {*listed} == {p.name for p in moved.iterdir()}
