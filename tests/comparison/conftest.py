"""What the tests of this folder share."""

from __future__ import annotations

import pytest

from allocator.cli.main import run


@pytest.fixture(autouse=True)
def english(monkeypatch):
    monkeypatch.setenv("ALLOCATOR_LANG", "en")


@pytest.fixture
def copy(tmp_path, capsys):
    """Makes a copy of a scenario with values set and text replaced in its files."""
    made = []

    def make(source, *sets, **replaced):
        folder = tmp_path / f"copy{len(made)}"
        made.append(folder)
        arguments = [a for s in sets for a in ("--set", s)]
        assert run(["init", str(folder), "--from", str(source), *arguments]) == 0
        for stem, pairs in replaced.items():
            file = folder / (f"{stem}.yaml" if stem == "scenario" else f"{stem}.csv")
            text = file.read_bytes().decode("utf-8-sig")
            for old, new in pairs:
                assert old in text
                text = text.replace(old, new)
            file.write_text(text, encoding="utf-8", newline="")
        capsys.readouterr()
        return str(folder)

    return make
