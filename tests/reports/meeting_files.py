"""For the tests of the meeting workbook: solved results, edited inputs, LibreOffice to compute them."""

from __future__ import annotations

import csv
import io
import os
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from python_calamine import load_workbook

from allocator.flatten import flatten
from allocator.load import load
from allocator.plan import solve
from allocator.verdict import judge
from reports.folder import write_folder
from reports.meeting.rules import FIRST as FIRST_RULE
from reports.meeting.workbook import make_plan, workbook_files
from reports.outcome import Outcome
from reports.report_input import Report, read_report
from reports.result import result_files

RECALCULATE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Calc/Formula/Load">
<prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop></item>
</oor:items>
"""
"""LibreOffice computes every formula on loading, whatever value is stored with it."""


AS_CSV = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,true,false,false,false,false,-1"
"""Every sheet as a CSV in UTF-8, numbers with all their digits."""

Sheets = dict[str, list[list[float | str]]]
"""Sheet → rows of cells."""


def report_of(source: str | Path, folder: Path) -> Report:
    """Solves a scenario into a folder and reads it back."""
    loaded = load(source)
    allocation = solve(loaded)
    outcome = Outcome(loaded, allocation, judge(loaded.problem, loaded.rows, allocation.steps))
    copy = {f"scenario/{name}": content for name, content in flatten(str(source), ()).items()}
    write_folder(folder, result_files(outcome, scenario=copy))
    return read_report(folder)


def workbook_of(report: Report, lang: str = "zh") -> bytes:
    """The workbook's bytes."""
    return workbook_files(report, lang)["workbook.xlsx"]


def cell_of(report: Report, code: str, key: str) -> str:
    """A1 name of an input on the first sheet."""
    plan = make_plan(report, "zh")
    row = plan.layout.row_of[report.loaded.counties.index[code]]
    names = [column.name for column in plan.columns]
    return _a1(row, 3 + names.index(key))


def _a1(row: int, column: int) -> str:
    letters = ""
    column += 1
    while column:
        column, rest = divmod(column - 1, 26)
        letters = chr(65 + rest) + letters
    return f"{letters}{row + 1}"


def edited(content: bytes, changes: Mapping[str, str], sheet: int = 1) -> bytes:
    """The workbook with other numbers in cells of a sheet; every stored result stays as it was."""
    return _rewritten(content, sheet, lambda text: _with(text, changes))


def _with(text: str, changes: Mapping[str, str]) -> str:
    for cell, number in changes.items():
        text, count = re.subn(
            rf'<c r="{cell}"( s="\d+")?(/>|><v>[^<]*</v></c>)', rf'<c r="{cell}"\1><v>{number}</v></c>', text
        )
        assert count == 1, cell
    return text


def stored(content: bytes, cells: Mapping[str, str], sheet: int = 1) -> bytes:
    """The workbook with cells of a sheet stored as given: attributes, > and what the cell holds."""

    def change(text: str) -> str:
        for cell, inside in cells.items():
            written = f'<c r="{cell}" {inside}</c>'
            text, count = re.subn(
                rf'<c r="{cell}"[^>]*?(/>|>.*?</c>)', lambda _, written=written: written, text
            )
            assert count == 1, cell
        return text

    return _rewritten(content, sheet, change)


def miswritten(content: bytes, sheet: int, old: str, new: str) -> bytes:
    """The workbook with `old` replaced by `new` in the formulas of a sheet."""

    def change(text: str) -> str:
        assert old in text
        return text.replace(old, new)

    return _rewritten(content, sheet, change)


def _rewritten(content: bytes, sheet: int, change: Callable[[str], str]) -> bytes:
    out = io.BytesIO()
    name = f"xl/worksheets/sheet{sheet}.xml"
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        for member in old.namelist():
            data = old.read(member)
            new.writestr(member, change(data.decode()).encode() if member == name else data)
    return out.getvalue()


def converted(files: Mapping[str, bytes], folder: Path, to: str) -> Path:
    """The folder of every file as LibreOffice computes and converts it, all in one run."""
    soffice = shutil.which("soffice")
    if soffice is None:
        message = "LibreOffice (soffice) is needed to recalculate workbooks"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    profile, out = folder / "profile", folder / "out"
    (profile / "user").mkdir(parents=True)
    (profile / "user" / "registrymodifications.xcu").write_text(RECALCULATE, encoding="utf-8")
    paths = []
    for name, content in files.items():
        paths.append(folder / f"{name}.xlsx")
        paths[-1].write_bytes(content)
    command = [soffice, f"-env:UserInstallation={profile.as_uri()}", "--headless", "--convert-to", to]
    subprocess.run(
        [*command, "--outdir", str(out), *map(str, paths)], check=True, capture_output=True, timeout=120
    )
    return out


def recalculated(files: Mapping[str, bytes], folder: Path) -> dict[str, Sheets]:
    """Every sheet of every file as LibreOffice computes it."""
    out = converted(files, folder, AS_CSV)
    found: dict[str, Sheets] = {name: {} for name in files}
    for path in sorted(out.iterdir()):
        name = next(n for n in sorted(files, key=len, reverse=True) if path.stem.startswith(f"{n}-"))
        rows = csv.reader(io.StringIO(path.read_text(encoding="utf-8"), newline=""))
        found[name][path.stem.removeprefix(f"{name}-")] = [[_plain(cell) for cell in row] for row in rows]
    return found


def cells_of(content: bytes) -> Sheets:
    """Every sheet's values as they are stored in a workbook."""
    book = load_workbook(io.BytesIO(content))
    return {
        name: [[_plain(c) for c in row] for row in book.get_sheet_by_name(name).to_python(False)]
        for name in book.sheet_names
    }


def _plain(cell: object) -> float | str:
    """A number wherever the cell can be read as one."""
    text, per = str(cell), 1.0
    if text.endswith("%"):
        text, per = text[:-1], 100.0
    try:
        return float(text) / per
    except ValueError:
        return str(cell)


def states(sheets: Sheets, count: int) -> list[str]:
    """What the rules sheet says of each row."""
    return [str(row[0]) for row in sheets["规则核验"][FIRST_RULE : FIRST_RULE + count]]
