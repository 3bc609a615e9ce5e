"""Progress as a picture: every county's spending against schedule, and the course of the year."""

from __future__ import annotations

from fractions import Fraction

from allocator.faults import BadInput, Fault, Place
from allocator.names import number, percent
from allocator.progress.spending import Progress
from allocator.text import Language, Text
from reports.charts.fonts import MissingGlyphs
from reports.charts.progress_chart import Day, ProgressData, Spent, draw_progress
from reports.charts.style import SLIDE, Heading, Size, save


def drawn(made: Progress, lang: Language, size: Size = SLIDE) -> dict[str, bytes]:
    """The chart; raises BadInput where a county's name has a character that no font can draw."""
    try:
        return save(draw_progress(chart_data(made), lang, size))
    except MissingGlyphs as error:
        what = Text(f"图中无法显示的字符：{error.characters}", f"the chart cannot show: {error.characters}")
        fix = Text("请更正旗县名称", "correct the county's name")
        raise BadInput([Fault(Place(column="county"), what, fix)]) from None


def chart_data(made: Progress) -> ProgressData:
    """The chart's data: counties in the order of their ranking."""
    counties = tuple(
        Spent(_one_line(s.county), s.sum.rate or Fraction(0), s.sum.planned or Fraction(0), s.sum.shortfall)
        for s in made.ranking
    )
    course = tuple(
        Day(p.day, p.sum.rate or Fraction(0), p.sum.planned or Fraction(0))
        for p in made.course
        if p.sum.allocated
    )
    day = made.setting.day
    subtitle = Text(
        f"截至 {day}；序时口径：{SCHEDULES[made.setting.schedule.kind].zh}",
        f"As of {day}; schedule: {SCHEDULES[made.setting.schedule.kind].en}",
    )
    heading = Heading(finding(made), subtitle, Text("allocator", "allocator"))
    stepped = made.setting.schedule.kind in ("months", "milestones")
    return ProgressData(heading, made.setting.unit, counties, course, stepped)


def _one_line(name: str) -> str:
    """A name without line breaks and marks that turn or hide it."""
    return "".join(mark if mark.isprintable() else " " for mark in name)


SCHEDULES = {
    "months": Text("满 n 个月应达 n/12", "n/12 after n months"),
    "days": Text("按天", "by the day"),
    "receipt": Text("自收到之日起至年末", "from receipt to the year's end"),
    "milestones": Text("节点表", "milestones"),
}


def finding(made: Progress) -> Text:
    """The rate against the schedule, how many are behind, and who weighs most."""
    total, gap = made.total, made.total.gap or Fraction(0)
    points = number(abs(gap) * 100, 1)
    rate, behind = percent(total.rate or Fraction(0), 1), [s for s in made.ranking if s.sum.shortfall]
    zh = f"支出 {rate}，{'超' if gap >= 0 else '落后'}序时 {points} 个百分点"
    en = f"{rate} spent, {points} points {'ahead of' if gap >= 0 else 'behind'} schedule"
    if not behind:
        return Text(
            f"{zh}，{len(made.ranking)} 个旗县全部达标", f"{en}; all {len(made.ranking)} counties on time"
        )
    worst = max(behind, key=lambda s: (s.contribution, s.code))
    part = percent(worst.contribution, 0)
    name = _one_line(worst.county)
    return Text(
        f"{zh}；{len(behind)} 个旗县未达序时，{name}占缺口的 {part}",
        f"{en}; {len(behind)} counties behind, {name} makes {part} of the gap",
    )
