"""Method and provenance on the page: formulas, objective, certificate, readings, digests, sources."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from markupsafe import Markup

from allocator.text import Text
from reports.page.words import amount, cleaned, points, slim
from reports.report_input import Report

OBJECTIVES = {
    "leximin": Text(
        "逐级最小化最大偏离（leximin）：先使偏离应得额最多的旗县偏离得最少，再看其次，依次类推；"
        "答案唯一，与旗县的先后无关",
        "Leximin: the largest departure from the entitlement is made as small as the rules allow, then the "
        "next, and so on; the answer is unique and does not hang on the order of counties",
    ),
    "proportional": Text(
        "按应得额成比例地偏离最少（二次规划），答案唯一",
        "Least squared departures in proportion to entitlements; the answer is unique",
    ),
    "minimax": Text(
        "只使最大的偏离最小；答案不唯一", "Only the largest departure is made smallest; not unique"
    ),
    "least_moved": Text("移动的资金最少；答案不唯一", "Least money moved; not unique"),
}
STATUSES = {"optimal": Text("已证明为最优", "proved optimal")}
FORMS = {
    "share": Text("按数值占比", "share of the total"),
    "inverse": Text("数值越小份额越大", "inverse"),
    "gap": Text("与参照值的差距", "gap to a reference"),
    "equal": Text("均等", "equal parts"),
    "points": Text("按分组计分", "points by group"),
    "bands": Text("按档次", "bands"),
    "ranks": Text("按同类中的名次", "ranks among peers"),
}


@dataclass(frozen=True, slots=True)
class FormulaLine:
    """One factor in the formula of one stream."""

    stream: Text
    factor: Text
    form: Text
    weight: str


@dataclass(frozen=True, slots=True)
class LevelLine:
    """One round of the objective."""

    level: int
    departure: str
    settled: int
    rules: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class ReadingLine:
    """One question that a clause leaves open, and how it is read here."""

    rule: Text
    question: Text
    reading: Text
    clause: str
    """What the rule itself stands on; a dash where the scenario names nothing."""
    source: str
    """Where the words stand that the question is about; empty where that is the rule's own clause."""


@dataclass(frozen=True, slots=True)
class Method:
    """Everything that shows how the result came about."""

    objective: Text
    formulas: tuple[FormulaLine, ...]
    levels: tuple[LevelLine, ...]
    facts: tuple[tuple[Text, Text], ...]
    readings: tuple[ReadingLine, ...]
    notices: tuple[Text, ...]
    inputs: tuple[tuple[str, str], ...]
    """File and SHA-256."""
    files: tuple[tuple[str, str], ...]
    versions: tuple[tuple[str, str], ...]
    sources: Markup
    """SOURCES.md as written; empty where there is none."""


def method_of(report: Report) -> Method:
    """Method and provenance of a result."""
    run = report.run
    objective = report.loaded.scenario.objective
    return Method(
        OBJECTIVES.get(objective, Text(objective, objective)),
        tuple(_formulas(report)),
        tuple(_levels(report, run["solving"])),
        tuple(_facts(report, run)),
        tuple(_readings(report)),
        tuple(Text(n["zh"], n["en"]) for n in run["notices"]),
        tuple((name, entry["sha256"]) for name, entry in run["inputs"].items()),
        tuple((name, entry["sha256"]) for name, entry in run["files"].items()),
        tuple((name, str(version)) for name, version in run["versions"].items()),
        _sources(report),
    )


def _formulas(report: Report) -> Iterable[FormulaLine]:
    scenario = report.loaded.scenario
    for name, stream in scenario.streams.items():
        for factor in scenario.formulas[stream.formula]:
            yield FormulaLine(
                stream.title.text(name),
                factor.title.text(factor.factor),
                FORMS[factor.kind],
                f"{slim(Fraction(factor.weight) * 100)}%",
            )


def _levels(report: Report, solving: Mapping[str, Any]) -> Iterable[LevelLine]:
    rules = report.loaded.scenario.rule_by_id
    for one in solving.get("levels", ()):
        yield LevelLine(
            one["level"],
            points(Fraction(one["departure"]), places=2),
            len(one["frozen"]),
            tuple(rules[r].text if r in rules else Text(r, r) for r in one["rules"]),
        )


def _facts(report: Report, run: Mapping[str, Any]) -> Iterable[tuple[Text, Text]]:
    solving, unit = run["solving"], report.loaded.scenario.unit
    solver = solving["solver"]
    yield Text("求解器", "Solver"), _same(f"{solver['name']} {solver['version']}")
    yield Text("状态", "Status"), STATUSES.get(solving["status"], _same(solving["status"]))
    if solving.get("certificate") is not None:
        largest = f"{float(solving['certificate']):.1e}"
        yield (
            Text("最优性证明", "Proof of optimality"),
            Text(
                f"每一轮都由原始值和对偶值证明最优；残差与间隙最大为 {largest}",
                f"every round is proved optimal from its primal and dual values; the largest residual or "
                f"gap is {largest}",
            ),
        )
    if run.get("certified"):
        yield Text("第二个求解器的复核", "Second opinion"), _second(run["certified"])
    rounding = run["rounding"]
    cell, county = (slim(Fraction(rounding[key])) for key in ("largest_cell", "largest_county"))
    step = amount(report.step, report.places)
    yield (
        Text("取整", "Rounding"),
        Text(
            f"取整到 {step} {unit}；单格最多变动 {cell}，单县最多 {county}；各项总数不变，每条规则仍精确符合",
            f"to {step} {unit}; at most {cell} in a cell and {county} in a county; totals stay and every "
            "rule still holds exactly",
        ),
    )
    counts = run["verdict"]
    yield (
        Text("核验", "Verification"),
        Text(
            f"独立核验 {counts['rows']} 行：不符合 {counts['broken']} 行，不适用 {counts['vacuous']} 行，"
            f"取整前恰好卡住 {counts['binding']} 行",
            f"{counts['rows']} rows judged apart from the solver: {counts['broken']} broken, "
            f"{counts['vacuous']} ask for nothing, {counts['binding']} tight before rounding",
        ),
    )


def _readings(report: Report) -> Iterable[ReadingLine]:
    for rule in report.loaded.scenario.rules:
        values = {key: getattr(rule, key) for key in type(rule).model_fields}
        for question in rule.asked():
            chosen = question.answered(values)
            own = next((r.title for r in question.readings if r.name == chosen), Text("自定", "its own"))
            source = "" if question.clause in rule.clause else question.clause
            yield ReadingLine(rule.text, question.title, own, rule.clause or "–", source)


def _same(said: str) -> Text:
    return Text(said, said)


def _second(second: Mapping[str, Any]) -> Text:
    """What another solver found."""
    solver, same = second["solver"], second["same_table"]
    said = f"{solver['name']} {solver['version']}"
    apart = f"{float(second['largest_difference_of_departures']):.1e}"
    return Text(
        f"{said}：分配表{'相同' if same else '不同'}，偏离最多相差 {apart}",
        f"{said}: {'the same table' if same else 'another table'}, departures differ by at most {apart}",
    )


def _sources(report: Report) -> Markup:
    """SOURCES.md, line by line as written; empty where there is none."""
    path = report.folder / "scenario" / "SOURCES.md"
    lines = path.read_text("utf-8-sig", errors="replace").splitlines() if path.is_file() else []
    return Markup("\n").join(map(cleaned, lines))
