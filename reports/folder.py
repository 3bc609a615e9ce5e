"""Writes a folder whole or not at all, and never over a user's own files."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import digest
from allocator.text import Text
from reports.run_record import KIND, digests

RECORD = "run.json"
REPORTS = "report.json"
"""Record of what `report` put beside a result."""
CLUTTER = {".DS_Store", "Thumbs.db", "desktop.ini"}
"""What file managers leave behind."""

ELSEWHERE = Text("请换一个输出文件夹（-o）", "choose another folder (-o)")


def check_target(out: Path, ours: bool = True, record: str = RECORD) -> None:
    """Raises BadInput where `out` can not become a folder of ours.

    A folder that is new or empty can; with `ours`, also a result folder whose files are all as
    they were written; `record` is the name of the file that lists them.
    """
    with plain_errors(out):
        if not out.exists():
            if out.is_symlink():
                raise _fault(out, Text("是失效的链接", "a broken link"), ELSEWHERE)
            _check_parent(out)
            return
        if not out.is_dir():
            raise _fault(out, Text("是文件，不是文件夹", "a file, not a folder"), ELSEWHERE)
        if out.resolve() == Path.cwd() or os.path.ismount(out):
            raise _fault(
                out,
                Text(
                    "当前文件夹或挂载点不能整体替换",
                    "the current folder, or a mount point, cannot be replaced",
                ),
                Text("请给出其中一个新文件夹的名字", "name a new folder in it"),
            )
        found = _held(out)
        if found:
            _check_ours(out, found, _record(out, record) if ours else None, record)


def write_folder(out: Path, files: Mapping[str, bytes], ours: bool = True) -> None:
    """Writes `files` as the folder `out`, replacing a former one at once; on failure all is as before."""
    check_target(out, ours)
    with plain_errors(out):
        target = out.resolve()
        made = [p for p in (target.parent, *target.parent.parents) if not p.exists()]
        target.parent.mkdir(parents=True, exist_ok=True)
        fresh = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent))
        try:
            _fill(fresh, files)
            swap(fresh, target)
        except BaseException:
            for folder in made:
                _remove_empty(folder, fresh)
            raise
        finally:
            shutil.rmtree(fresh, ignore_errors=True)


def add_files(out: Path, files: Mapping[str, bytes], around: Mapping[str, Any]) -> None:
    """Puts reports beside a result of ours, all or none; `around` is written to their record.

    Files of an earlier report are replaced where they are as written. Raises BadInput otherwise.
    """
    check_target(out)
    former = files_of(out / REPORTS) or {}
    listed = dict(sorted({**former, **digests(files)}.items()))
    record = {"kind": KIND, "of": "report", **around, "files": listed}
    content = (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()
    kept = {name: (out / name).read_bytes() for name in _held(out)}
    write_folder(out, {**kept, **files, REPORTS: content})


def _check_parent(out: Path) -> None:
    nearest = next(p for p in out.absolute().parents if p.exists())
    if not nearest.is_dir():
        raise _fault(
            out, Text(f"{nearest} 是文件，不是文件夹", f"{nearest} is a file, not a folder"), ELSEWHERE
        )
    if not os.access(nearest, os.W_OK):
        raise _fault(out, Text("没有写入权限", "no permission to write there"), ELSEWHERE)


def _check_ours(out: Path, found: list[str], written: Mapping[str, Any] | None, record: str) -> None:
    if written is None:
        raise _fault(
            out,
            Text(f"文件夹里已有其他文件（{found[0]} 等）", f"the folder holds other files ({found[0]}, …)"),
            ELSEWHERE,
        )
    for name in found:
        if name.rpartition("/")[2].startswith(("~$", ".~lock.")):
            raise _fault(
                out,
                Text(f"文件夹里的表格正被打开（{name}）", f"a table in it is open ({name})"),
                Text("请先关闭它", "close it first"),
            )
        if name.rpartition("/")[2] in (record, REPORTS) and name not in written:
            continue
        if name not in written:
            raise _fault(
                out,
                Text(
                    f"文件夹里有不是本软件写的文件：{name}",
                    f"the folder holds a file of somebody else's: {name}",
                ),
                Text("请移走它或换一个输出文件夹（-o）", "move it away or choose another folder (-o)"),
            )
        if changed(out / name, written[name]) is not None:
            raise _fault(
                out,
                Text(f"{name} 写出后被改动过，不会覆盖", f"{name} was edited since; it is not overwritten"),
                Text("请移走它或换一个输出文件夹（-o）", "move it away or choose another folder (-o)"),
            )


def _held(out: Path) -> list[str]:
    """Names of what is in the folder, files below it as folder/name; an empty folder by its name."""
    found = []
    for path in out.rglob("*"):
        empty = path.is_dir() and not path.is_symlink() and any(path.iterdir())
        if path.name not in CLUTTER and not empty:
            found.append(path.relative_to(out).as_posix())
    return sorted(found)


def _record(out: Path, name: str) -> Mapping[str, Any] | None:
    """Files that the records of ours in `out` and its folders list; None where `name` is none of ours."""
    own = files_of(out / name)
    if own is None:
        return None
    found = dict(own)
    for path in (*sorted(out.rglob(RECORD)), *sorted(out.rglob(REPORTS))):
        folder = path.parent.relative_to(out).as_posix()
        prefix = "" if folder == "." else f"{folder}/"
        found |= {f"{prefix}{file}": entry for file, entry in (files_of(path) or {}).items()}
    return found


def files_of(record: Path) -> Mapping[str, Any] | None:
    """Files, with their digests, that a record of ours lists; None where it is none of ours."""
    try:
        read = json.loads(record.read_bytes())
        files = read["files"]
        return files if read["kind"] == KIND and isinstance(files, dict) else None
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def edits(folder: Path, files: Mapping[str, Any], fix: Text) -> list[Fault]:
    """A fault for every file of a folder that is no more what its record lists."""
    return [
        Fault(Place(str(folder / name)), what, fix)
        for name, entry in files.items()
        if (what := changed(folder / name, entry)) is not None
    ]


def changed(path: Path, entry: Mapping[str, Any]) -> Text | None:
    """What happened to a file since the record of ours listed it as `entry`; None where nothing did."""
    if not path.is_file():
        return Text("文件不见了", "the file is gone")
    if digest(path) != entry.get("sha256"):
        return Text("写出后被改动过", "edited since it was written")
    return None


def _fill(folder: Path, files: Mapping[str, bytes]) -> None:
    for name, content in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        with (folder / name).open("xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
    if os.name == "posix":
        mask = os.umask(0)
        os.umask(mask)
        folder.chmod(0o777 & ~mask)
        _sync(folder)


def swap(fresh: Path, target: Path) -> None:
    """Renames `target` aside, `fresh` in, and removes the old one; restores it where that fails."""
    aside = Path(tempfile.mkdtemp(prefix=f".{target.name[:40]}.", suffix=".old", dir=target.parent))
    old, had = aside / target.name, target.exists()
    try:
        if had:
            target.rename(old)
        fresh.rename(target)
    except BaseException:
        if old.exists():
            old.rename(target)
        aside.rmdir()
        raise
    # from here on the new folder stands, whatever happens
    shutil.rmtree(aside, ignore_errors=True)
    if os.name == "posix":
        _sync(target.parent)


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove_empty(folder: Path, fresh: Path) -> None:
    shutil.rmtree(fresh, ignore_errors=True)
    try:
        folder.rmdir()
    except OSError:
        return


@contextmanager
def plain_errors(out: Path) -> Iterator[None]:
    """Errors of the file system in plain words."""
    try:
        yield
    except PermissionError as error:
        raise _fault(
            out,
            Text(
                "无法写入：没有权限，或其中的文件正被表格软件打开",
                "cannot be written: no permission, or a file in it is open in a spreadsheet",
            ),
            Text("请关闭打开的文件，或换一个输出文件夹（-o）", "close it, or choose another folder (-o)"),
        ) from error
    except (OSError, ValueError) as error:
        said = getattr(error, "strerror", None) or str(error)
        raise _fault(out, Text(f"无法写入（{said}）", f"cannot be written ({said})"), ELSEWHERE) from error


def _fault(out: Path, what: Text, fix: Text) -> BadInput:
    return BadInput([Fault(Place(str(out)), what, fix)])
