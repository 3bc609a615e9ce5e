"""The annexes: one table for each fund, batch and source, and one of everything together."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from allocator.rules.use_share_floor import UseShareFloor
from allocator.text import Language, Text, one_line
from allocator.verdict import Judged
from reports.figures import fixed
from reports.publication.pieces import Annex, Cell, Head, Row
from reports.publication.selections import ALL_MONEY, tagged
from reports.publication.sentences import counted
from reports.publication.words import Words
from reports.report_input import Report

MOST = 12
"""Columns of money on one page; more go on a table that continues it."""

NUMBER, CODE = Text("序号", "No."), Text("区划代码", "Code")
PLACE, SUM, REMARK = Text("地区", "Place"), Text("合计", "Total"), Text("备注", "Remarks")
BY_TASK, BY_USE = (
    Text("其中：按任务方向", "of which by task direction"),
    Text("其中：按用途", "of which by use"),
)
BY_TABLE, YEAR = Text("其中", "of which"), Text("全年", "Year")
THIS_RUN = Text("本次合计", "This time")

Money = NDArray[np.object_]
"""(n): an amount for each county."""
By = Callable[[str], Cell]
"""The cell of a row: 合计 is asked for as "", a prefecture by its name."""


@dataclass(frozen=True)
class Column:
    """A column: money of each county, or cells of totals and prefectures alone."""

    head: Head
    money: Money | None = None
    other: By | None = None

    def over(self, wheres: Sequence[str], counties: Sequence[int]) -> Cell:
        """The sum over counties, or what is known of the first of `wheres`."""
        if self.money is not None:
            return sum((self.money[i] for i in counties), Fraction(0))
        known = (self.other(where) for where in wheres) if self.other is not None else ()
        return next((cell for cell in known if cell is not None), None)


@dataclass(frozen=True)
class Pot:
    """The streams of one fund, batch and source that have money in this run."""

    fund: str
    batch: int | str
    source: str
    streams: tuple[int, ...]
    """Positions in the cube."""


def pots(report: Report) -> tuple[Pot, ...]:
    """In order of fund, batch, then as the scenario lists the streams."""
    problem = report.loaded.problem
    found: dict[tuple[str, int | str, str], list[int]] = {}
    for name, stream in report.loaded.scenario.streams.items():
        s = problem.stream_names.index(name)
        if report.whole[:, s].any():
            found.setdefault((stream.fund, stream.batch, stream.source), []).append(s)
    listed = [Pot(*key, tuple(streams)) for key, streams in found.items()]
    funds = list(dict.fromkeys(pot.fund for pot in listed))
    return tuple(sorted(listed, key=lambda pot: (funds.index(pot.fund), natural(pot.batch))))


def natural(batch: int | str) -> tuple[tuple[int, int, str], ...]:
    """A batch as people order it: 2 before 10, 2 before 2b."""
    parts = re.findall(r"\d+|\D+", str(batch))
    return tuple((0, int(p), "") if p.isdecimal() else (1, 0, p) for p in parts)


def annexes(report: Report, words: Words, others: int = 0) -> tuple[Annex, ...]:
    """A table for each pot, then all of them together; a table too wide goes on in another.

    `others` are annexes that follow the tables.
    """
    found = pots(report)
    made: list[tuple[Text, list[Column], bool, tuple[str, ...]]] = [
        (words.pot_title(pot.fund, pot.batch, pot.source), _pot_columns(report, words, pot), False, ())
        for pot in found
    ]
    together = _together(report, words, found)
    if len(together) > 2 and (found or any(report.committed)):
        notes = (*words.summary_notes(report), *_counted_notes(report, words))
        made.append((words.summary_title, together, True, notes))
    listed = []
    for k, (title, columns, coded, below) in enumerate(made, start=1):
        only = k if len(made) + others > 1 else None
        listed += _parts(report, words, title, columns, coded, below, only)
    return tuple(listed)


def _pot_columns(report: Report, words: Words, pot: Pot) -> list[Column]:
    lang = words.lang
    streams = list(pot.streams)
    names = [report.loaded.problem.stream_names[s] for s in streams]
    columns = [Column(Head(SUM.say(lang)), report.by_stream[:, streams].sum(axis=1))]
    for s, title in zip(streams, words.direction_titles(names), strict=True):
        if len(streams) == 1 and not words.has_direction(names[0]):
            continue
        columns.append(Column(Head(title, BY_TASK.say(lang)), report.by_stream[:, s]))
    order = [report.loaded.problem.use_names.index(name) for name in report.loaded.scenario.uses]
    if len(order) > 1:
        for u in (u for u in order if report.whole[:, streams, u].any()):
            title = words.use_title(report.loaded.problem.use_names[u])
            columns.append(Column(Head(title, BY_USE.say(lang)), report.amounts[:, streams, u].sum(axis=1)))
    return columns


def _together(report: Report, words: Words, found: Sequence[Pot]) -> list[Column]:
    lang = words.lang
    columns = [Column(Head(THIS_RUN.say(lang)), report.by_county)]
    if len(found) > 1:
        for pot in found:
            title = words.pot_heading(pot.fund, pot.batch, pot.source).say(lang)
            money = report.by_stream[:, list(pot.streams)].sum(axis=1)
            columns.append(Column(Head(title, BY_TABLE.say(lang)), money))
    if any(report.committed):
        year = YEAR.say(lang)
        issued = Text("此前已下达", "Issued before").say(lang)
        columns.append(Column(Head(issued, year), report.committed))
        whole = Text("累计", "Together").say(lang)
        columns.append(Column(Head(whole, year), report.committed + report.by_county))
    return columns + list(_targets(report, words))


def _targets(report: Report, words: Words) -> Iterable[Column]:
    """What each prefecture's share floor asks for and what it has, of the year's money."""
    for rule in _share_floors(report):
        rows: dict[str, Judged] = {}
        for row in report.verdict.rows:
            whose = row.where in report.loaded.counties.prefectures or row.where == ""
            if row.rule == rule.id and row.vacuous is None and whose:
                old = rows.get(row.where)
                rows[row.where] = row if old is None or row.right > old.right else old
        over = one_line(rule.text.say(words.lang))
        had, asked = _of_year(rule, words), Text("应不低于", "Must be at least")
        lefts = {where: row.left for where, row in rows.items()}
        places = max(2, report.places)
        rights = {where: Fraction(fixed(row.right, places)) for where, row in rows.items()}
        yield Column(Head(one_line(had.say(words.lang)), over), other=lefts.get)
        yield Column(Head(asked.say(words.lang), over), other=rights.get)


def _of_year(rule: UseShareFloor, words: Words) -> Text:
    """全年产业发展资金: the money that a share floor counts, by the use that its tag is named after."""
    known = words.loaded.scenario.uses
    uses = words.loaded.names.use(rule.tag) if rule.tag in known else tagged(rule.tag, words)
    money = counted(rule, words)
    english = f"{money.en.removeprefix('the ')} of the year for {uses.en}"
    chinese = f"全年{uses.zh}资金" if money == ALL_MONEY else f"全年{money.zh}用于{uses.zh}的部分"
    return Text(chinese, english[:1].upper() + english[1:])


def _counted_notes(report: Report, words: Words) -> tuple[str, ...]:
    """Which uses a column of _of_year adds up, where its heading does not name them all."""
    found = []
    for rule in _share_floors(report):
        every = tagged(rule.tag, words)
        if rule.tag in words.loaded.scenario.uses and every != words.loaded.names.use(rule.tag):
            column = _of_year(rule, words)
            said = Text(f"注：{column.zh}包括{every.zh}。", f"Note: '{column.en}' adds up {every.en}.")
            found.append(one_line(said.say(words.lang)))
    return tuple(dict.fromkeys(found))


def _share_floors(report: Report) -> Iterable[UseShareFloor]:
    """The rules that ask prefectures, or all together, for a share; none of a part of a plan."""
    # a part of a plan leaves the shares of the year unfinished
    rules = () if report.part else report.loaded.scenario.rules
    return (rule for rule in rules if isinstance(rule, UseShareFloor) and rule.by in ("prefecture", "all"))


def _parts(
    report: Report,
    words: Words,
    title: Text,
    columns: list[Column],
    coded: bool,
    notes: tuple[str, ...],
    position: int | None,
) -> list[Annex]:
    first, rest = columns[0], columns[1:]
    count = max(1, -(-len(rest) // (MOST - 1)))
    size = -(-len(rest) // count) if rest else 1
    made = []
    for part in range(count):
        own = [first, *rest[part * size : (part + 1) * size]]
        more = Text("（续表）", " (continued)").say(words.lang) if part else ""
        label, sheet = words.annex_label(position), words.annex_sheet(position)
        made.append(
            Annex(
                label,
                title.say(words.lang) + more,
                sheet + (f"-{part + 1}" if part else ""),
                words.unit,
                _heads(own, coded, words.lang),
                _rows(report, words, own, coded),
                notes if part == count - 1 else (),
            )
        )
    return made


def _heads(columns: Sequence[Column], coded: bool, lang: Language) -> tuple[Head, ...]:
    code = (Head(CODE.say(lang), kind="code"),) if coded else ()
    return (
        Head(NUMBER.say(lang), kind="count"),
        *code,
        Head(PLACE.say(lang), kind="place"),
        *(column.head for column in columns),
        Head(REMARK.say(lang), kind="remark"),
    )


def _rows(report: Report, words: Words, columns: Sequence[Column], coded: bool) -> tuple[Row, ...]:
    """Total, then each prefecture's subtotal above its counties; who has no money is left out."""
    counties = report.loaded.counties
    money = [column.money for column in columns if column.money is not None]
    funded = [i for i in range(len(counties)) if any(m[i] for m in money)]
    members: dict[str, list[int]] = {}
    for i in funded:
        members.setdefault(counties.prefectures[i], []).append(i)
    blank = (None,) if coded else ()

    def sums(wheres: Sequence[str], rows: Sequence[int]) -> tuple[Cell, ...]:
        return tuple(column.over(wheres, rows) for column in columns)

    # where there is one prefecture alone, its own figures stand in the row of totals
    sole = tuple(members) if len(members) == 1 else ()
    rows = [Row("total", (None, *blank, words.total, *sums(("", *sole), funded), None))]
    position = 0
    for name, own in members.items():
        if len(members) > 1:
            label = one_line(name) + Text("小计", ", subtotal").say(words.lang)
            rows.append(Row("subtotal", (None, *blank, label, *sums((name,), own), None)))
        for i in own:
            position += 1
            code = (counties.codes[i],) if coded else ()
            cells = tuple(None if c.money is None else c.money[i] for c in columns)
            place, remark = words.county(i), words.remark(counties.codes[i])
            rows.append(Row("county", (position, *code, place, *cells, remark)))
    return tuple(rows)
