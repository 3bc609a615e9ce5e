"""The decision in one screen: money, rules and how tight, who departs, last year, robustness."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from allocator.names import number
from allocator.text import Text
from allocator.verdict import Judged
from reports.page.statements import Because
from reports.page.table import last_year
from reports.page.words import amount, points, ratio_of, several
from reports.report_input import Report
from reports.rules_table import place_label, rule_title

MOST = 3
"""Departures shown either way."""
LEAST = Fraction(1, 10000)
"""Smaller margins are told as money alone."""
TIGHTEST = 5
"""Margins shown."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One large figure."""

    label: Text
    figure: Text
    note: Text
    bad: bool = False


@dataclass(frozen=True, slots=True)
class StreamLine:
    """One stream: money of this run."""

    title: Text
    source: str
    batch: str
    budget: str
    counties: int


@dataclass(frozen=True, slots=True)
class Departure:
    """One county away from its entitlement."""

    county: str
    position: int
    due: str
    paid: str
    share: str
    up: bool
    why: Text


@dataclass(frozen=True, slots=True)
class Margin:
    """The tightest row of a rule."""

    title: Text
    where: Text
    slack: str
    share: str
    """Slack as a share of the right side; empty where it says nothing."""
    broken: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """The first screen."""

    facts: tuple[Fact, ...]
    streams: tuple[StreamLine, ...]
    batches: bool
    """Whether the streams are of several batches."""
    departures: tuple[Departure, ...]
    margins: tuple[Margin, ...]
    last_year: Text | None
    robustness: Text
    unstudied: Text | None
    """How to study the plan; None where a study tells how robust it is."""
    broken: tuple[tuple[Text, Text], ...]
    """Rule and place of every row that does not hold."""


def decision_of(report: Report, reasons: Because) -> Decision:
    """The decision; `reasons` are those of the counties, in order."""
    loaded = report.loaded
    broken = [row for row in report.verdict.rows if not row.holds]
    return Decision(
        tuple(_facts(report, len(broken))),
        tuple(_streams(report)),
        len({stream.batch for stream in loaded.problem.streams.values()}) > 1,
        tuple(_departures(report, reasons)),
        tuple(_margins(report)),
        _last_year(report),
        *_robustness(report),
        tuple((rule_title(loaded, row.rule), place_label(loaded, row)) for row in broken),
    )


def _facts(report: Report, broken: int) -> Iterable[Fact]:
    unit, rows = report.loaded.scenario.unit, report.verdict.rows
    paid = sum(report.by_county, Fraction(0))
    said = amount(paid, report.places)
    given = sum(1 for x in report.by_county if x)
    everyone = len(report.loaded.counties)
    yield Fact(
        Text("本次分配", "Distributed"),
        Text(said, said),
        Text(f"{unit}，{len(report.loaded.problem.streams)} 笔资金", _streams_in(report, unit)),
    )
    yield Fact(
        Text("得到资金的旗县", "Counties funded"),
        Text(str(given), str(given)),
        Text(f"共 {everyone} 个旗县", f"of {several(everyone, 'county')}"),
    )
    rules = len(report.loaded.scenario.rules)
    kept = Text(
        f"{rules} 条规则，核验 {len(rows)} 行",
        f"{several(rules, 'rule')}, {several(len(rows), 'row')} judged exactly",
    )
    if broken:
        count = Text(f"{broken} 行不符合", f"{several(broken, 'row')} broken")
        yield Fact(Text("规则", "Rules"), count, kept, True)
    else:
        yield Fact(Text("规则", "Rules"), Text("全部符合", "All kept"), kept)
    yield from _largest(report)
    yield from _on_last_year(report)


def _streams_in(report: Report, unit: str) -> str:
    return f"{unit} in {several(len(report.loaded.problem.streams), 'stream')}"


def _largest(report: Report) -> Iterable[Fact]:
    known = _known(report)
    if known:
        share, i = max(known, key=lambda pair: abs(pair[0]))
        said = points(share, sign=True)
        name = report.loaded.names.county(i)
        yield Fact(Text("偏离应得最多", "Furthest off entitlement"), Text(said, said), Text(name, name))


def _known(report: Report) -> list[tuple[Fraction, int]]:
    """Departure and county, where there is an entitlement."""
    shares = (ratio_of(x, e) for x, e in zip(report.by_county, report.entitlement, strict=True))
    return [(share - 1, i) for i, share in enumerate(shares) if share is not None]


def _departures(report: Report, reasons: Because) -> Iterable[Departure]:
    known = sorted(_known(report), key=lambda pair: (pair[0], pair[1]))
    down = [pair for pair in known[:MOST] if pair[0] < 0]
    up = [pair for pair in known[: -MOST - 1 : -1] if pair[0] > 0]
    for share, i in (*up, *down):
        reason = reasons[i]
        yield Departure(
            report.loaded.names.county(i),
            i,
            amount(report.entitlement[i], report.places),
            amount(report.by_county[i], report.places),
            points(share, sign=True),
            share > 0,
            Text("只因取整", "rounding alone") if reason is None else reason.text,
        )


def _streams(report: Report) -> Iterable[StreamLine]:
    problem = report.loaded.problem
    for name, stream in report.loaded.scenario.streams.items():
        s = problem.stream_names.index(name)
        yield StreamLine(
            stream.title.text(name),
            stream.source,
            str(stream.batch),
            amount(problem.budgets[s], report.places),
            int((report.steps[:, s].sum(axis=1) > 0).sum()),
        )


def tightest(rows: Sequence[Judged]) -> Judged | None:
    """The row with the least slack for its size; None where no row asks for anything."""
    asking = [row for row in rows if row.vacuous is None]
    return min(asking, key=lambda row: row.slack / abs(row.right) if row.right else row.slack, default=None)


def _margins(report: Report) -> Iterable[Margin]:
    """The tightest rows, one a rule, the closest first."""
    found = []
    for rule in report.loaded.scenario.rules:
        row = tightest([row for row in report.verdict.rules if row.rule == rule.id])
        if row is not None:
            share = ratio_of(row.slack, abs(row.right))
            found.append((row.slack if share is None else share, rule.text, row))
    for _, title, row in sorted(found, key=lambda entry: entry[0])[:TIGHTEST]:
        share = ratio_of(row.slack, abs(row.right))
        yield Margin(
            title,
            place_label(report.loaded, row),
            report.loaded.names.money(row.slack),
            points(share, places=2) if share is not None and LEAST <= abs(share) < 1 else "",
            not row.holds,
        )


def _changes(report: Report) -> list[tuple[Fraction, Fraction, int]]:
    """Year's money, last year's and county, where last year's is known."""
    totals = [x + c for x, c in zip(report.by_county, report.committed, strict=True)]
    return [(totals[i], v, i) for i, v in enumerate(last_year(report)) if v is not None]


def _on_last_year(report: Report) -> Iterable[Fact]:
    known = _changes(report)
    now = sum((entry[0] for entry in known), Fraction(0))
    then = sum((entry[1] for entry in known), Fraction(0))
    share = ratio_of(now, then)
    if share is not None:
        said = points(share - 1, sign=True)
        label = Text("比上年", "On last year")
        note = report.loaded.names.money(now - then, sign=True)
        yield Fact(label, Text(said, said), Text(note, note))


def _last_year(report: Report) -> Text | None:
    known = [(now - then, i) for now, then, i in _changes(report)]
    if not known:
        return None
    up, down = sum(d > 0 for d, _ in known), sum(d < 0 for d, _ in known)
    zh = f"与上年相比，{up} 个旗县增加，{down} 个减少"
    en = f"Against last year {up} up and {down} down"
    same = len(known) - up - down
    if same:
        zh, en = f"{zh}，{same} 个不变", f"{en}, {same} unchanged"
    unknown = len(report.loaded.counties) - len(known)
    if unknown:
        zh, en = f"{zh}（{unknown} 个没有上年数）", f"{en} ({unknown} without last year's amount)"
    for word, extreme in (
        (Text("增加最多", "the largest gain"), max(known, key=lambda pair: pair[0])),
        (Text("减少最多", "the largest loss"), min(known, key=lambda pair: pair[0])),
    ):
        if (extreme[0] > 0) == (word.zh == "增加最多") and extreme[0]:
            name = report.loaded.names.county(extreme[1])
            moved = f"{number(extreme[0], sign=True)} {report.loaded.scenario.unit}"
            zh, en = f"{zh}；{word.zh}的是{name} {moved}", f"{en}; {word.en} is {name}, {moved}"
    return Text(f"{zh}。", f"{en}.")


def _robustness(report: Report) -> tuple[Text, Text | None]:
    """What a study finds, or that there is none and how to make one."""
    found = None if report.study is None else report.study.findings.get("uncertainty")
    if found is not None:
        return Text(f"{found.zh}。", f"{found.en}."), None
    how = "allocator sensitivity RESULT -o RESULT/sensitivity"
    return Text("尚未做敏感性研究。", "No sensitivity study yet."), Text(
        f"运行 {how} 后重新生成本页，这里会写明结果有多稳健。",
        f"Run {how} and make this page again to read how robust the result is.",
    )
