"""The record of a folder that is no result of solve: so that the same command may write it again."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text
from reports.folder import ELSEWHERE, RECORD, check_target
from reports.run_record import KIND, digests, versions


def with_record(of: str, files: Mapping[str, bytes]) -> dict[str, bytes]:
    """The files and their run.json; `of` says which command's they are. It carries no date."""
    record = {
        "kind": KIND,
        "of": of,
        "versions": versions(),
        "files": digests(files),
    }
    return {**files, RECORD: (json.dumps(record, ensure_ascii=False, indent=2) + "\n").encode()}


def check_own(out: Path, of: str) -> None:
    """Raises BadInput where `out` cannot become this command's folder, such as the result of another."""
    check_target(out)
    if not (out / RECORD).is_file():
        return
    # check_target read it: it is a record of ours
    if json.loads((out / RECORD).read_bytes()).get("of") != of:
        what = Text("文件夹里是另一条命令的结果，不会覆盖", "the folder holds another command's result")
        raise BadInput([Fault(Place(str(out)), what, ELSEWHERE)])
