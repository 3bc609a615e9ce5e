"""An export beside a result: in a folder of its own, and in the record of reports; both or neither.

The result's other files are left alone, so that they may be edited, or open in a spreadsheet.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text
from reports.folder import CLUTTER, ELSEWHERE, REPORTS, changed, files_of, write_folder
from reports.run_record import KIND, digests


def check_former(result: Path, folder: str) -> None:
    """Raises BadInput where what the export replaces is no export as it was written.

    The result's other files are left as they are, and so may be edited, or open in a spreadsheet.
    """
    record, target = result / REPORTS, result / folder
    listed = files_of(record)
    if listed is None and record.exists():
        raise BadInput([Fault(Place(str(record)), Text("写出后被改动过", "edited since"), ELSEWHERE)])
    if target.is_symlink() or (target.exists() and not target.is_dir()):
        raise BadInput([Fault(Place(str(target)), Text("不是文件夹", "no folder"), ELSEWHERE)])
    if faults := list(_faults(result, target, listed or {})):
        raise BadInput(faults)


def _faults(result: Path, target: Path, listed: Mapping[str, Any]) -> Iterator[Fault]:
    fix = Text("请移走它或换一个输出文件夹（-o）", "move it away or choose another folder (-o)")
    for path in sorted(target.rglob("*")):
        name = path.relative_to(result).as_posix()
        if path.name in CLUTTER:
            continue
        if path.name.startswith(("~$", ".~lock.")):
            what = Text("表格正被打开", "a table is open")
            yield Fault(Place(str(path)), what, Text("请先关闭它", "close it first"))
        elif name not in listed:
            yield Fault(Place(str(path)), Text("不是本软件写的文件", "a file of somebody else's"), fix)
        elif changed(path, listed[name]) is not None:
            what = Text("写出后被改动过，不会覆盖", "edited since; it is not overwritten")
            yield Fault(Place(str(path)), what, fix)


def put_beside(result: Path, folder: str, files: Mapping[str, bytes], around: Mapping[str, Any]) -> None:
    """Puts the export into its folder of the result and into the record of reports, both or neither."""
    prefix, target, record = f"{folder}/", result / folder, result / REPORTS
    kept = {name: e for name, e in (files_of(record) or {}).items() if not name.startswith(prefix)}
    listed = kept | {f"{prefix}{name}": entry for name, entry in digests(files).items()}
    content = {"kind": KIND, "of": "report", **around, "files": dict(sorted(listed.items()))}
    try:
        with tempfile.TemporaryDirectory(prefix=".export.", dir=result.resolve().parent) as aside:
            fresh, former, had = Path(aside) / REPORTS, Path(aside) / folder, target.exists()
            fresh.write_bytes((json.dumps(content, ensure_ascii=False, indent=2) + "\n").encode())
            if had:
                target.rename(former)
            try:
                write_folder(target, files, ours=False)
                os.replace(fresh, record)
            except BaseException:
                shutil.rmtree(target, ignore_errors=True)
                if had:
                    former.rename(target)
                raise
    except OSError as error:
        said = error.strerror or str(error)
        what = Text(f"无法写入（{said}）", f"cannot be written ({said})")
        raise BadInput([Fault(Place(str(target)), what, ELSEWHERE)]) from error
