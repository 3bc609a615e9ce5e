"""The notes sheet: how to use the workbook, how it was decided, under which clauses, from which files."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from allocator.text import Text
from reports.meeting.cells import Ledger
from reports.meeting.style import Style, row_height
from reports.plain_sheet import LONGEST_TEXT, print_setup
from reports.report_input import Report

WIDTHS = (26.0, 96.0)
OBJECTIVES = {
    "leximin": Text(
        "先使与公式应得额的最大相对偏离最小，再使次大的最小，依次进行（字典序最小化最大偏离）；用途比例同理。",
        "The largest relative departure from the formula is made as small as the rules allow, then the next, "
        "and so on (leximin); then likewise the departures from each county's mix of uses.",
    ),
    "proportional": Text(
        "使偏离的平方与应得额之比的总和最小。", "The sum of squared departures over entitlements is smallest."
    ),
    "minimax": Text("使最大相对偏离最小。", "The largest relative departure is smallest."),
    "least_moved": Text("使偏离公式的资金总额最小。", "The money moved from the formula is least."),
}
Entry = tuple[Text, Text | None]
"""What it is, and what is said; None under a heading."""


def write_notes(sheet: Any, report: Report, ledger: Ledger, style: Style) -> None:
    """Writes the sheet."""
    for place, width in enumerate(WIDTHS):
        sheet.set_column(place, place, width)
    sheet.write_string(0, 0, style.say(Text("说明", "Notes")), style.title())
    sheet.set_row(0, 26)
    wrapped = style.formats(text_wrap=True, valign="top")
    for row, (name, said) in enumerate(_entries(report, ledger), start=2):
        if said is None:
            sheet.write_string(
                row, 0, style.say(name), style.formats(bold=True, font_size=12, valign="bottom")
            )
            sheet.set_row(row, 24)
            continue
        sheet.write_string(row, 0, style.say(name)[:LONGEST_TEXT], style.formats(valign="top", indent=1))
        sheet.write_string(row, 1, style.say(said), wrapped)
        sheet.set_row(row, row_height([(style.say(name), WIDTHS[0]), (style.say(said), WIDTHS[1])]))
    print_setup(sheet, 1, 1, WIDTHS, style.lang)


def _entries(report: Report, ledger: Ledger) -> Iterator[Entry]:
    yield from _use(ledger)
    yield from _method(report)
    yield from _clauses(report)
    yield from _sources(report)


def _use(ledger: Ledger) -> Iterator[Entry]:
    yield Text("怎样使用", "How to use it"), None
    yield (
        Text("分配表", "Allocation table"),
        Text(
            "黄色单元格是各资金、各用途的金额，可以修改；灰色单元格不得安排资金。改过的变为橙色，"
            "“较原方案”列显示变动。文字形式的数字会显示“数据有误”。筛选后合计只算可见的行；请勿排序、插行或删行。",
            "Yellow cells are amounts by stream and use and may be edited; grey ones must stay empty. Edited "
            "cells turn orange, and the column Moved shows by how much. A number stored as text is a bad "
            "figure. Filtered, totals count visible rows. Do not sort, insert or delete rows.",
        ),
    )
    yield (
        Text("规则核验", "Rules"),
        Text(
            "每条规则一行，随分配表自动更新；不通过的变红，余量是离标准还差多少或还有多少。可按“结论”筛选。",
            "One line a rule row, following the table; broken ones turn red, and the margin says how much is "
            "missing or to spare. Filter by Result.",
        ),
    )
    yield (
        Text("精确", "Exactness"),
        Text(
            f"规则两边先乘成整数再比较，金额精确到 10^-{ledger.digits}，不受小数误差影响；"
            "计算过程在隐藏的“计算”表中。",
            "Both sides of a rule are multiplied out to whole numbers before they are compared, with amounts "
            f"down to 10^-{ledger.digits}: no decimal error decides. See the hidden sheet Calculation.",
        ),
    )
    yield (
        Text("正式核验", "The verdict that counts"),
        Text(
            "allocator verify 结果文件夹 改过的工作簿.xlsx（逐条用精确分数核验，不通过时退出码为 1）",
            "allocator verify RESULT edited.xlsx (every row in exact fractions; exit code 1 where broken)",
        ),
    )


def _method(report: Report) -> Iterator[Entry]:
    loaded, solving = report.loaded, report.run.get("solving", {})
    yield Text("怎样决定", "How it was decided"), None
    yield Text("目标", "Objective"), OBJECTIVES[loaded.scenario.objective]
    step = f"{loaded.scenario.step:f} {loaded.scenario.unit}"
    yield (
        Text("取整", "Whole money"),
        Text(
            f"金额都是 {step}的整数倍，由最优解受控取整而来，取整后逐条精确核验。",
            f"Amounts are multiples of {step}, rounded from the optimum under control, then judged exactly.",
        ),
    )
    certificate = solving.get("certificate")
    if certificate is not None:
        yield (
            Text("证明", "Proof"),
            Text(
                f"每一轮最优性都由对偶解证明，最大误差 {certificate:.1e}。",
                f"Every round is proved optimal by its duals, with an error of at most {certificate:.1e}.",
            ),
        )
    rows = len(report.verdict.rows)
    held = rows - len(report.verdict.broken)
    yield Text("核验", "Verdict"), Text(f"{rows} 行中 {held} 行符合", f"{held} of {rows} rule rows kept")


def _clauses(report: Report) -> Iterator[Entry]:
    yield Text("规则与条款", "Rules and clauses"), None
    for rule in report.loaded.scenario.rules:
        clause = rule.clause or "–"
        yield rule.text, Text(clause, clause)


def _sources(report: Report) -> Iterator[Entry]:
    loaded, run = report.loaded, report.run
    yield Text("来源", "Where it comes from"), None
    yield (
        Text("方案", "Scenario"),
        Text(
            f"{loaded.scenario.name}，{loaded.scenario.year} 年",
            f"{loaded.scenario.name}, {loaded.scenario.year}",
        ),
    )
    for name, entry in sorted(run.get("inputs", {}).items()):
        yield Text(name, name), Text(*(f"SHA-256 {entry['sha256']}",) * 2)
    table = run.get("files", {}).get("allocation.csv", {}).get("sha256", "")
    yield Text("allocation.csv", "allocation.csv"), Text(*(f"SHA-256 {table}",) * 2)
    kept = ((n, v) for n, v in run.get("versions", {}).items() if n != "platform")
    versions = ", ".join(f"{name} {version}" for name, version in kept)
    yield Text("软件版本", "Versions"), Text(versions, versions)
    if report.study is not None:
        yield (
            Text("敏感性研究", "Study"),
            Text(
                f"共 {len(report.study.charts)} 张图，见结果文件夹 sensitivity",
                f"{len(report.study.charts)} charts, in folder sensitivity of the result",
            ),
        )
