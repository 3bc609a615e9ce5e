"""What `allocator years` does: reads, solves, writes, prints."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import Any

from allocator.cli.progress_bar import Progress
from allocator.cli.screen import Cell, notices, print_json, show_table
from allocator.cli.words import line
from allocator.names import number, percent
from allocator.text import Language, Text
from allocator.years.series import Fed, NoYear, Year, read_series, run_years
from reports.charts_at_hand import NO_CHART, can_draw
from reports.folder import write_folder
from reports.own_record import check_own
from reports.run_record import Circumstances, verdict_record
from reports.years.files import OF, scenario_folder, unfinished_files, years_files
from reports.years.tables import Sequel, ShareLine, shares_table, years_table


def run_and_print(source: str, out: Path | None, as_json: bool, lang: Language) -> int:
    """All years; where one fails those before it are printed and written, and NoYear is raised."""
    if out is not None:
        check_own(out, OF)
    series = read_series(source)
    try:
        with Progress(lang) as progress:
            sequel = Sequel(run_years(series, progress))
    except NoYear as error:
        raise _ended(error, source, out, as_json, lang) from None
    _said(sequel.years, lang)
    if out is not None:
        chart = can_draw()
        if not chart:
            notices([NO_CHART], lang)
        write_folder(out, years_files(sequel, _around(), "utf-8-sig", lang, chart))
    if as_json:
        print_json(_json(sequel, out))
    else:
        _print(sequel, lang)
        _where(out, lang)
    return 0


def _ended(error: NoYear, source: str, out: Path | None, as_json: bool, lang: Language) -> NoYear:
    """Prints and writes what there is up to a year without an allocation; says how to examine that year."""
    _said((*error.before, error.failed), lang)
    if not as_json and error.before:
        _print(Sequel(error.before), lang)
    error.advise(_how_on(error.failed, source, out))
    if out is not None:
        write_folder(out, unfinished_files(error, _around(), "utf-8-sig", lang))
    return error


def _how_on(failed: Fed, source: str, out: Path | None) -> Text:
    """What to do about a year without an allocation."""
    year = failed.number
    if out is None:
        again = f"allocator years {shlex.quote(source)} -o OUT"
        return Text(
            f"没有写出文件；加 -o 则写出此前各年的结果和填好上年各列的 {year} 年方案，"
            f"供 allocator diagnose 诊断：{again}",
            f"nothing was written; -o writes the years before, and the scenario of {year} with last year's "
            f"columns, for allocator diagnose: {again}",
        )
    diagnosis = f"allocator diagnose {shlex.quote(str(out / scenario_folder(failed)))}"
    return Text(
        f"{out} 止于 {year} 年之前；完整诊断和修改办法：{diagnosis}",
        f"{out} ends before {year}; the full diagnosis, and what would help: {diagnosis}",
    )


def _around() -> Circumstances:
    now = datetime.now().astimezone().isoformat(timespec="seconds")
    return Circumstances(now, ("allocator", *sys.argv[1:]))


def _said(years: Sequence[Fed], lang: Language) -> None:
    notices((_dated(year, text) for year in years for text in year.loaded.notices), lang)


def _dated(year: Fed, text: Text) -> Text:
    return Text(f"{year.number} 年：{text.zh}", f"{year.number}: {text.en}")


def _print(sequel: Sequel, lang: Language) -> None:
    unit = sequel.years[0].loaded.scenario.unit
    rows: list[tuple[Cell, ...]] = []
    for year, outcome in zip(sequel.years, sequel.outcomes, strict=True):
        counts = verdict_record(outcome)
        largest = Fraction(str(year.allocation.record["largest_departure"]))
        paid = sum(outcome.by_county.tolist(), Fraction(0)) + sum(outcome.committed.tolist(), Fraction(0))
        rows.append(
            (str(year.number), number(paid), percent(largest), counts["rows"], counts["binding"], _fed(year))
        )
    columns = [
        Text("年度", "Year"),
        Text("金额", "Money"),
        Text("最大偏离", "Largest departure"),
        Text("核验行数", "Rows kept"),
        Text("起作用", "Binding"),
        Text("取自上年的列", "Taken from last year"),
    ]
    show_table(Text(f"逐年（{unit}）", f"Years ({unit})"), columns, rows, lang)
    for rule in dict.fromkeys(one.rule for one in sequel.shares):
        _shares([one for one in sequel.shares if one.rule == rule], lang)


def _fed(year: Year) -> str:
    return ", ".join(year.fed)


def _shares(lines: Sequence[ShareLine], lang: Language) -> None:
    """Places × years: the share reached and the one required, `*` where last year's asks for more."""
    years = list(dict.fromkeys(one.year for one in lines))
    known = {(one.where, one.year): one for one in lines}
    names = {one.where: one.name for one in lines}
    rows: list[tuple[Cell, ...]] = []
    for where in dict.fromkeys(one.where for one in lines):
        rows.append((names[where].say(lang), *(_share(known.get((where, year))) for year in years)))
    title = lines[0].title
    head = Text(
        f"{title.zh}：实际 ≥ 要求（* 为上年占比高于当年下限）",
        f"{title.en}: reached ≥ required (* last year's share exceeds the year's floor)",
    )
    columns = [Text("对象", "Where"), *(Text(str(year), str(year)) for year in years)]
    show_table(head, columns, rows, lang)


def _share(one: ShareLine | None) -> str:
    if one is None or one.share is None:
        return ""
    return f"{percent(one.share)} ≥ {percent(one.required)}{'*' if one.ratchet else ''}"


def _where(out: Path | None, lang: Language) -> None:
    if out is None:
        said = Text("没有写出文件；加 -o OUT 写出结果", "Nothing was written; -o OUT writes the results")
    else:
        said = Text(f"结果：{out / 'years.csv'} 等", f"Result: {out / 'years.csv'} and more")
    line(said.say(lang))


def _json(sequel: Sequel, out: Path | None) -> dict[str, Any]:
    return {
        "out": None if out is None else str(out),
        "unit": sequel.years[0].loaded.scenario.unit,
        "years": [
            {
                "year": year.number,
                "scenario": year.loaded.scenario.name,
                "fed": sorted(year.fed),
                "verdict": {"holds": year.verdict.holds, **verdict_record(outcome)},
                "notices": [{"zh": n.zh, "en": n.en} for n in year.loaded.notices],
            }
            for year, outcome in zip(sequel.years, sequel.outcomes, strict=True)
        ],
        "shares": shares_table(sequel).records(),
        "counties": years_table(sequel).records(),
    }
