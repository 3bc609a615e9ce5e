"""docs/batches.md: every command on the page runs, in its order, and leaves the year with its rules kept."""

from __future__ import annotations

import sys
from pathlib import Path

from allocator.cli.main import run

PAGE = Path(__file__).parent.parent / "docs" / "batches.md"
PART_OF_THE_YEAR = ["verify", "my-plan"]
"""The first time nothing of batch 2 and 3 is issued, and rules are short."""


def test_the_page_runs_as_it_stands(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    lines = [
        line.split() for line in PAGE.read_text(encoding="utf-8").splitlines() if line.startswith("    a")
    ]
    assert len(lines) >= 14
    verified = []
    for _, *arguments in lines:
        monkeypatch.setattr(sys, "argv", ["allocator", *arguments])
        code = run([*arguments, "--lang", "en"])
        if arguments == PART_OF_THE_YEAR:
            verified.append(code)
        else:
            assert code == 0, (arguments, capsys.readouterr().err)
    assert verified == [1, 0]
