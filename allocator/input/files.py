"""Files at the door: whether they can be read at all, and as what text."""

from __future__ import annotations

import hashlib
from pathlib import Path

from allocator.faults import BadInput, Fault, Place
from allocator.text import Text


def _refuse(shown: str, zh: str, en: str, fix_zh: str, fix_en: str) -> BadInput:
    return BadInput([Fault(Place(shown), Text(zh, en), Text(fix_zh, fix_en))])


def read_bytes(path: Path, shown: str, most: int) -> bytes:
    """The bytes of a regular file of at most `most` bytes; BadInput otherwise."""
    try:
        if path.is_dir():
            raise _refuse(
                shown,
                "这里需要文件，却是文件夹",
                "a file is needed here, this is a folder",
                "请给出文件的路径",
                "give the path of a file",
            )
        if not path.exists():
            raise _refuse(
                shown, "找不到该文件", "no such file", "请检查文件名和路径", "check the name and the path"
            )
        if not path.is_file():
            raise _refuse(
                shown, "不是普通文件", "not a regular file", "请给出文件的路径", "give the path of a file"
            )
        if path.stat().st_size > most:
            size = f"{most // (1 << 20)} MiB"
            raise _refuse(
                shown,
                f"文件超过 {size}",
                f"the file is larger than {size}",
                "请确认给出的是正确的文件",
                "make sure that it is the right file",
            )
        return path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise _refuse(
            shown,
            f"无法读取文件：{reason}",
            f"the file cannot be read: {reason}",
            "请关闭正在使用它的程序并检查权限",
            "close the program that uses it and check permissions",
        ) from None


def read_text(path: Path, shown: str, most: int, gb18030: bool = True) -> str:
    """The text of a file in UTF-8 (with or without BOM) or, where allowed, GB18030."""
    return decode(read_bytes(path, shown, most), shown, gb18030)


def decode(data: bytes, shown: str, gb18030: bool = True) -> str:
    """Text from bytes; binary files and UTF-16 are refused in plain words."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise _refuse(
            shown, "文件是 UTF-16 编码", "the file is in UTF-16", "请另存为 UTF-8", "save it as UTF-8"
        )
    if b"\x00" in data:
        raise _refuse(
            shown,
            "这是二进制文件，不是文本",
            "this is a binary file, not text",
            "请给出文本文件",
            "give a text file",
        )
    for encoding in ("utf-8-sig", "gb18030") if gb18030 else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    names = "UTF-8 或 GB18030" if gb18030 else "UTF-8"
    raise _refuse(
        shown,
        f"文件不是 {names} 编码的文本",
        f"the file is not text in {names.replace('或', 'or')}",
        "请另存为 UTF-8",
        "save it as UTF-8",
    )


def digest(path: Path) -> str:
    """SHA-256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()
