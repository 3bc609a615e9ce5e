"""What `allocator progress` does: reads, judges, prints and writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path

from allocator.cli.screen import notices, print_json
from allocator.cli.spending_screen import print_progress, progress_json
from allocator.dates import no_date, parse_date
from allocator.faults import BadInput, Fault, Place
from allocator.load import bundled, find, load
from allocator.loaded import Loaded
from allocator.progress.flags import Limits, Monitor, StartClock
from allocator.progress.periods import Period
from allocator.progress.schedule import Kind, read_milestones
from allocator.progress.score import Merged, merge, scores
from allocator.progress.spending import DEFAULT_UNIT, Progress, Setting, make_progress, schedule_of
from allocator.progress.table import Row, read_progress
from allocator.text import Language, Text
from reports.charts_at_hand import NO_CHART, can_draw
from reports.folder import write_folder
from reports.own_record import check_own, with_record
from reports.progress.period_tables import PERIODS

OF = "progress"
TABLE = f"{OF}.csv"
COLUMN = "performance"


@dataclass(frozen=True)
class Wanted:
    """The command line."""

    table: str
    scenario: str | None
    as_of: str | None
    period: Period | None
    schedule: Kind | None
    milestones: Path | None
    behind: Decimal
    idle_days: int
    arrears: Decimal | None
    start_clock: StartClock
    monitor: Monitor
    unit: str | None
    into: Path | None
    column: str | None
    out: Path | None
    as_json: bool


def show_progress(wanted: Wanted, lang: Language) -> int:
    """Prints the findings, writes them where asked for; 1 where something is found wanting."""
    _refuse_combinations(wanted)
    if wanted.out is not None:
        check_own(wanted.out, OF)
    made = _progress(wanted)
    merged = None if wanted.into is None else merge(wanted.into, scores(made), wanted.column or COLUMN)
    if wanted.out is not None:
        _write(wanted.out, made, merged, wanted.period, lang)
    if wanted.as_json:
        print_json(progress_json(made, wanted.period))
    else:
        print_progress(made, wanted.period, lang)
        starts = made.starts(_periods(wanted))
        notices([*made.notices, *starts, *_unscored(merged)], lang)
    return 1 if made.breaches else 0


def _periods(wanted: Wanted) -> Sequence[Period]:
    """The periods whose tables are shown or written."""
    if wanted.period is not None:
        return (wanted.period,)
    return PERIODS if wanted.out is not None else ()


def _write(out: Path, made: Progress, merged: Merged | None, period: Period | None, lang: Language) -> None:
    from reports.progress.files import merged_bytes, progress_files  # noqa: PLC0415 - slow to import

    chart = can_draw()
    if not chart:
        notices([NO_CHART], lang)
    files = progress_files(made, lang, period, chart)
    if merged is not None:
        files["counties.csv"] = merged_bytes(merged)
    write_folder(out, with_record(OF, files))


def _unscored(merged: Merged | None) -> list[Text]:
    if merged is None or not merged.unscored:
        return []
    names = "、".join(merged.unscored[:8])
    count = len(merged.unscored)
    return [
        Text(
            f"县表中 {count} 个旗县没有得分，原值未动：{names}",
            f"{count} counties of the table have no score; their cells stay: {names.replace('、', ', ')}",
        )
    ]


def _progress(wanted: Wanted) -> Progress:
    path, scenario = _sources(wanted)
    loaded = None if scenario is None else load(scenario)
    known = {} if loaded is None else dict(zip(loaded.counties.codes, loaded.counties.names, strict=True))
    rows = read_progress(path, None if loaded is None else loaded.scenario, known)
    day = _day(wanted.as_of, rows)
    year = day.year if loaded is None else loaded.scenario.year
    kind: Kind = "milestones" if wanted.milestones is not None else wanted.schedule or "months"
    streams = {row.stream for row in rows}
    milestones = () if wanted.milestones is None else read_milestones(wanted.milestones, streams)
    limits = Limits(wanted.behind, wanted.idle_days, wanted.arrears, wanted.start_clock, wanted.monitor)
    schedule = schedule_of(kind, year, milestones, rows, path)
    setting = Setting(day, year, _unit(wanted, loaded), schedule, limits)
    return make_progress(rows, setting, loaded)


def _sources(wanted: Wanted) -> tuple[Path, str | None]:
    """The table, and the scenario if there is one: a scenario's own table brings it along."""
    path = Path(wanted.table)
    if path.is_dir() or (not path.exists() and wanted.table in bundled()):
        return find(wanted.table).parent / TABLE, wanted.scenario or wanted.table
    return path, wanted.scenario


def _unit(wanted: Wanted, loaded: Loaded | None) -> str:
    return wanted.unit or DEFAULT_UNIT if loaded is None else loaded.scenario.unit


def _day(text: str | None, rows: tuple[Row, ...]) -> date:
    """The day asked for, else the newest of the table: the machine's clock is never read."""
    if text is not None:
        day = parse_date(text)
        if day is None:
            raise BadInput([no_date(Place("--as-of"), text)])
        return day
    days = [row.day for row in rows if row.day is not None]
    if not days:
        what = Text("表中没有 date 列，需要给出截至日期", "the table has no dates: the day is needed")
        raise BadInput(
            [Fault(Place("--as-of"), what, Text("如 --as-of 2026-06-30", "such as --as-of 2026-06-30"))]
        )
    return max(days)


def _refuse_combinations(wanted: Wanted) -> None:
    """Options that would do nothing."""
    faults = []

    def fault(option: str, zh: str, en: str, fix: str) -> None:
        faults.append(Fault(Place(option), Text(zh, en), Text(f"请给出 {fix}", f"give {fix}")))

    if wanted.into is not None and wanted.out is None:
        fault("--into", "结果写在 -o 的文件夹里", "what it makes is written to the folder of -o", "-o")
    if wanted.column is not None and wanted.into is None:
        fault("--column", "只与 --into 同用", "goes with --into only", "--into")
    if wanted.milestones is not None and wanted.schedule is not None:
        what = Text("节点表代替序时，二者只能有一", "milestones take the place of a schedule")
        faults.append(Fault(Place("--schedule"), what, Text("去掉其一", "leave one out")))
    if wanted.unit is not None and _sources(wanted)[1] is not None:
        what = Text("有方案时单位由方案定", "the scenario says the unit")
        faults.append(Fault(Place("--unit"), what, Text("去掉 --unit", "leave it out")))
    if faults:
        raise BadInput(faults)
