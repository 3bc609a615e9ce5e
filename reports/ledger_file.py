"""The ledger as a file: rows appended to what stands there, whole or not at all."""

from __future__ import annotations

import csv
import io
import os
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.input.files import decode
from allocator.ledger import COLUMNS
from allocator.text import Text
from reports.csv_files import LINE_END

BOM = b"\xef\xbb\xbf"


def fresh_ledger(rows: Sequence[Mapping[str, str]]) -> bytes:
    """A new ledger: UTF-8 with a BOM, lines as RFC 4180 has them."""
    return BOM + _lines([dict(zip(COLUMNS, COLUMNS, strict=True)), *rows], COLUMNS, ",", LINE_END).encode()


def appended(before: bytes, shown: str, rows: Sequence[Mapping[str, str]]) -> bytes:
    """`before` with rows at its end, in its own encoding, separator, order of columns and line ends."""
    text = decode(before, shown)
    head = next(line for line in text.splitlines() if line.strip())
    separator = max(",;\t", key=head.count)
    columns = [c.strip() for c in next(csv.reader([head], delimiter=separator))]
    end = "\r\n" if "\r\n" in text else "\n" if "\n" in text else LINE_END
    joint = "" if text.endswith(("\n", "\r")) else end
    return before + (joint + _lines(rows, columns, separator, end)).encode(_encoding(before))


def _encoding(content: bytes) -> str:
    """UTF-8 where it is that, else GB18030, as tables are read."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        return "gb18030"
    return "utf-8"


def _lines(rows: Sequence[Mapping[str, str]], columns: Sequence[str], separator: str, end: str) -> str:
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=separator, lineterminator=end)
    writer.writerows([row[c] for c in columns] for row in rows)
    return out.getvalue()


def replace_file(path: Path, before: bytes | None, content: bytes) -> None:
    """Puts `content` in the place of `before` at once (None: of nothing); on failure all is as it was."""
    path = path.resolve()  # a link stays one: what it names is replaced
    try:
        handle, name = tempfile.mkstemp(prefix=f".{path.name[:40]}.", suffix=".tmp", dir=path.parent)
        fresh = Path(name)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            fresh.chmod(path.stat().st_mode & 0o777 if before is not None else 0o644)
            if (path.read_bytes() if path.exists() else None) != before:
                raise _fault(path, Text("记账时文件被别人改动", "somebody else changed the file meanwhile"))
            os.replace(fresh, path)
        finally:
            fresh.unlink(missing_ok=True)
    except OSError as error:
        said = error.strerror or str(error)
        raise _fault(path, Text(f"无法写入（{said}）", f"cannot be written ({said})")) from error


def _fault(path: Path, what: Text) -> BadInput:
    fix = Text("没有记账；请关闭打开它的程序后重试", "nothing was entered; close what uses it and try again")
    return BadInput([Fault(Place(str(path)), what, fix)])
