"""A folder appears whole or not at all, and never over somebody's files."""

from __future__ import annotations

import json
import os
from hashlib import sha256
from pathlib import Path

import pytest

from allocator.faults import BadInput
from reports import folder
from reports.folder import check_target, write_folder


def files(text="one"):
    content = text.encode()
    record = {"kind": "allocator-result", "files": {"a.csv": {"sha256": sha256(content).hexdigest()}}}
    return {"a.csv": content, "run.json": json.dumps(record).encode()}


def held(path: Path):
    return {p.name: p.read_bytes() for p in path.iterdir()}


def test_new_folder_and_missing_parents(tmp_path):
    out = tmp_path / "x" / "y" / "out"
    write_folder(out, files())
    assert held(out) == files()
    assert [p.name for p in out.parent.iterdir()] == ["out"]
    if os.name == "posix":
        assert out.stat().st_mode & 0o077 == 0o777 & ~_umask() & 0o077


def _umask():
    mask = os.umask(0)
    os.umask(mask)
    return mask


def test_empty_folder_and_clutter(tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / ".DS_Store").touch()
    write_folder(tmp_path / "out", files())
    assert held(tmp_path / "out") == files()


def test_a_former_result_is_replaced_whole(tmp_path):
    write_folder(tmp_path / "out", {**files("old")})
    write_folder(tmp_path / "out", files("new"))
    assert held(tmp_path / "out") == files("new")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.parametrize("name", ["notes.docx", "~$allocation.xlsx", ".~lock.allocation.xlsx#"])
def test_somebody_elses_file_is_never_deleted(tmp_path, name):
    write_folder(tmp_path / "out", files("old"))
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(BadInput, match=r"."):
        write_folder(tmp_path / "out", files("new"))
    assert held(tmp_path / "out") == {**files("old"), name: b"mine"}


def test_an_edited_table_is_never_overwritten(tmp_path):
    write_folder(tmp_path / "out", files("old"))
    (tmp_path / "out" / "a.csv").write_text("edited by the meeting")
    with pytest.raises(BadInput, match=r"a\.csv was edited"):
        check_target(tmp_path / "out")


@pytest.mark.parametrize("record", ["{}", "nonsense", '{"kind": "other", "files": {}}', "[]", "[" * 100_000])
def test_a_foreign_run_json_does_not_make_it_ours(tmp_path, record):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "run.json").write_text(record)
    with pytest.raises(BadInput, match="holds other files"):
        check_target(tmp_path / "out")


def test_init_never_replaces_even_a_result(tmp_path):
    write_folder(tmp_path / "out", files())
    with pytest.raises(BadInput):
        write_folder(tmp_path / "out", files("new"), ours=False)


def test_file_in_the_way(tmp_path):
    (tmp_path / "file").write_text("x")
    for out in (tmp_path / "file", tmp_path / "file" / "out"):
        with pytest.raises(BadInput, match="a file, not a folder"):
            check_target(out)


def test_current_folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(BadInput, match="current folder"):
        check_target(Path())


@pytest.mark.parametrize("name", ["x" * 300, "nul\0byte"])
def test_impossible_names(tmp_path, name):
    with pytest.raises(BadInput):
        write_folder(tmp_path / name, files())


def test_a_failure_while_writing_leaves_nothing(tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(folder, "_fill", full)
    with pytest.raises(BadInput, match="No space left"):
        write_folder(tmp_path / "new" / "out", files())
    assert list(tmp_path.iterdir()) == []


def test_a_locked_folder_is_said_plainly_and_stays(tmp_path, monkeypatch):
    write_folder(tmp_path / "out", files("old"))
    rename = Path.rename

    def locked(self, target):
        if self.suffix == ".tmp":
            raise PermissionError(13, "Access is denied")
        return rename(self, target)

    monkeypatch.setattr(Path, "rename", locked)
    with pytest.raises(BadInput, match="open in a spreadsheet"):
        write_folder(tmp_path / "out", files("new"))
    assert held(tmp_path / "out") == files("old")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


def test_an_interrupt_leaves_the_former_result(tmp_path, monkeypatch):
    write_folder(tmp_path / "out", files("old"))

    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(folder, "_sync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        write_folder(tmp_path / "out", files("new"))
    assert held(tmp_path / "out") == files("old")
    assert [p.name for p in tmp_path.iterdir()] == ["out"]


@pytest.mark.skipif(os.name != "posix" or os.geteuid() == 0, reason="needs permissions that apply")
def test_no_permission(tmp_path):
    tmp_path.chmod(0o500)
    try:
        with pytest.raises(BadInput, match="permission"):
            check_target(tmp_path / "out")
    finally:
        tmp_path.chmod(0o700)
