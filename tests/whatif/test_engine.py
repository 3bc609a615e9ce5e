"""The quick way of the engine against two slow ones: cold, and from files written with the change."""

from __future__ import annotations

import csv
import random
from decimal import Decimal
from pathlib import Path

import numpy as np
import pytest

from allocator.faults import BadInput, NoAllocation
from allocator.input.yaml_write import yaml_bytes
from allocator.load import load
from allocator.optimum import optimum
from allocator.plan import decide
from allocator.whatif.engine import AGREEMENT, Engine
from solvers.choose import make_solver
from solvers.solution import Infeasible
from tests.builders import YAML, write_scenario
from tests.oracle.generate import generate

SCENARIOS, CHANGES, WRITTEN = range(7000, 7020), 25, 2
TEN_PLACES = Decimal("1e-10")


def draw(rng: random.Random, engine: Engine) -> dict:
    """One to three changes of different kinds, mostly mild."""
    scenario, counties = engine.loaded.scenario, engine.loaded.counties
    columns = list(counties.numbers)
    kinds = [*["weight", "budget", "rule", "column", "figure"] * 2, "drop"]
    found: dict = {}
    for kind in {rng.choice(kinds) for _ in range(rng.choice([1, 2, 3]))}:
        if kind == "weight":
            name = rng.choice(sorted(scenario.formulas))
            if len(scenario.formulas[name]) > 1:
                factor = rng.choice(scenario.formulas[name]).factor
                found[f"formulas.{name}.{factor}.weight"] = Decimal(rng.randint(0, 90)) / 100
        elif kind == "budget":
            name = rng.choice(sorted(scenario.streams))
            steps = scenario.streams[name].budget * rng.choice([80, 99, 101, 120]) / 100 / scenario.step
            found[f"streams.{name}.budget"] = steps.to_integral_value() * scenario.step
        elif kind == "rule":
            knobs = [k for rule in scenario.rules for k in rule.knobs(scenario.year)]
            if knobs:
                knob, steps = rng.choice(knobs), rng.choice([-10, -3, -1, 1, 2, 5, 15])
                found[f"rules.{knob.rule}.{knob.key}"] = knob.within(knob.value + knob.step * steps)
        elif kind == "column":
            found[f"columns.{rng.choice(columns)}"] = Decimal(rng.choice([80, 95, 99, 101, 110, 130])) / 100
        elif kind == "figure":
            column, i = rng.choice(columns), rng.randrange(len(counties))
            old = counties.numbers[column][i]
            if old is not None:
                figure = old * Decimal(rng.choice([50, 90, 97, 103, 140])) / 100
                found[f"columns.{column}.{counties.codes[i]}"] = figure
        else:
            found["counties.drop"] = rng.sample(counties.codes, rng.choice([1, 1, 2]))
    return found


def write_changed(engine: Engine, changes: dict, folder: Path) -> Path:
    """The changed scenario as files, made without the engine."""
    folder.mkdir()
    loaded, document = engine.loaded, engine.loaded.tree.plain()
    table = {c: dict(zip(loaded.counties.codes, cells, strict=True)) for c, cells in _cells(engine).items()}
    # a single figure replaces the scaled one of its column
    for path, value in sorted(changes.items(), key=lambda change: change[0].count(".")):
        head, _, rest = path.partition(".")
        name, _, key = rest.partition(".")
        if head == "formulas":
            _weigh(document["formulas"][name], key.removesuffix(".weight"), value)
        elif head == "streams":
            document["streams"][name]["budget"] = value
        elif head == "rules":
            rule = document["rules"][list(loaded.scenario.rule_by_id).index(name)]
            old = rule.get(key)
            rule[key] = {**old, str(loaded.scenario.year): value} if isinstance(old, dict) else value
        elif rest in table:
            table[rest] = {c: str(Decimal(cell) * value) if cell else "" for c, cell in table[rest].items()}
        elif head == "columns":
            column, _, code = rest.rpartition(".")
            table[column][code] = str(value)
    dropped = changes.get("counties.drop", [])
    _drop(document, dropped)
    left = [code for code in loaded.counties.codes if code not in dropped]
    _csv(folder / "counties.csv", [list(table), *([table[c][code] for c in table] for code in left)])
    issued = [
        [loaded.counties.codes[i], stream, use, str(Decimal(m.numerator) / m.denominator)]
        for (i, stream, use), m in loaded.issued.items()
        if loaded.counties.codes[i] in left
    ]
    if issued:
        _csv(folder / "committed.csv", [["code", "stream", "use", "amount"], *issued])
    document.pop("committed", None)
    (folder / "scenario.yaml").write_bytes(yaml_bytes(document))
    return folder


def _cells(engine: Engine) -> dict:
    counties = engine.loaded.counties
    plain = {c: ["" if v is None else str(v) for v in values] for c, values in counties.numbers.items()}
    return {**counties.text, **plain}


def _weigh(factors: list, own: str, weight: Decimal) -> None:
    rest = sum((f["weight"] for f in factors if f["factor"] != own), Decimal(0))
    others = [f for f in factors if f["factor"] != own]
    for factor in others:
        factor["weight"] = (factor["weight"] / rest * (1 - weight)).quantize(TEN_PLACES)
    next(f for f in factors if f["factor"] == own)["weight"] = weight
    others[-1]["weight"] += 1 - sum(f["weight"] for f in factors)


def _drop(document: dict, codes: list) -> None:
    for group in document.get("groups", {}).values():
        if "codes" in group:
            group["codes"] = [c for c in group["codes"] if str(c) not in codes]
    for rule in document["rules"]:
        for selection in (rule.get("scope"), rule.get("left"), rule.get("right")):
            if selection and "counties" in selection:
                selection["counties"] = [c for c in selection["counties"] if str(c) not in codes]


def _csv(path: Path, rows: list) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)


def from_files(folder: Path) -> tuple[str, np.ndarray | str]:
    """Status, and payments or faults, of a folder, by the way that `allocator solve` takes."""
    try:
        loaded = load(folder)
        try:
            return "solved", decide(loaded)[1].payments
        except NoAllocation:
            # perhaps in whole money only, which a sweep does not ask
            return "solved", optimum(loaded, make_solver("highs")).payments
    except BadInput as error:
        return "failed", str(error)
    except Infeasible as error:
        return "infeasible", str(error)


def fits_files(engine: Engine, codes: list) -> bool:
    """Files refuse a group of nobody, where the engine's rules ask nothing, and adjustments of nobody."""
    groups, adjustments = engine.loaded.counties.groups.values(), engine.loaded.scenario.adjustments
    dropped = np.isin(engine.loaded.counties.codes, codes)
    adjusted = {item.county for item in adjustments.items} if adjustments else set()
    return not any((members <= dropped).all() for members in groups) and not adjusted & set(codes)


@pytest.mark.parametrize("seed", SCENARIOS)
def test_quick_points_equal_cold_ones(tmp_path, seed):
    rng = random.Random(seed)
    engine = Engine(str(generate(tmp_path / "plan", seed, small=True, infeasible=False).folder))
    rules = engine.loaded.scenario.rule_by_id
    total = float(sum(engine.loaded.problem.budgets))
    seen, written = set(), 0
    for number in range(CHANGES):
        changes = draw(rng, engine)
        point, cold = engine.solve(changes), engine.cold(changes)
        assert point.status == cold.status, (number, changes, point.reason, cold.reason)
        assert engine.agrees(point, cold), (number, changes)
        seen.add(point.status)
        if point.status == "infeasible":
            assert set(point.rules) <= set(rules)
            assert point.rules, (number, changes)
        if point.payments is not None:
            paid = point.payments.sum(axis=0)
            given = [
                float(changes.get(f"streams.{s}.budget", b.budget))
                for s, b in engine.loaded.problem.streams.items()
            ]
            assert np.allclose(paid, given, atol=1e-6 * total), (number, changes)
        codes = changes.get("counties.drop", [])
        if changes and written < WRITTEN and fits_files(engine, codes):
            written += 1
            status, found = from_files(write_changed(engine, changes, tmp_path / f"changed-{number}"))
            assert point.status == status, (number, changes, point.reason, found)
            if status == "solved":
                kept = ~np.isin(engine.loaded.counties.codes, codes)
                assert np.abs(point.payments[kept] - found).max() <= AGREEMENT * total, (number, changes)
                assert (point.payments[~kept] == 0).all()
    assert "solved" in seen
    assert written == WRITTEN


@pytest.fixture(scope="module")
def tutorial() -> Engine:
    return Engine("tutorial")


@pytest.fixture
def four(tmp_path):
    """Makes an engine of the four counties with other rules, or more lines at the end."""

    def make(rules: str, more: str = "") -> Engine:
        yaml = YAML.partition("rules:\n")[0] + f"rules:\n{rules}{more}"
        return Engine(str(write_scenario(tmp_path / "plan", yaml=yaml)))

    return make


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"formulas.main.population.weight": "0.7", "formulas.main.equal.weight": "0.4"}, "weight"),
        ({"formulas.main.population.weight": "1.5"}, "weight"),
        ({"streams.grant.budget": -1}, "-1"),
        ({"columns.last_amount.990101": -3}, "negative"),
        ({"columns.population": 0}, "population"),
        ({"streams.grant.budget": "much"}, "much"),
        ({"streams.grant.budget": float("nan")}, "nan"),
        ({"counties.drop": "999999"}, "999999"),
        ({"streams.grand.budget": 900}, "grant"),
        ({"objective": "kindness"}, "kindness"),
    ],
)
def test_what_fits_no_file_fails_either_way_and_says_why(tutorial, changes, word):
    for point in (tutorial.solve(changes), tutorial.cold(changes)):
        assert point.status == "failed"
        assert word in point.reason
        assert point.payments is None


def test_by_hand(tutorial):
    unlimited = {"rules.change_limits.lower": 0, "streams.grant.budget": 1200}
    point = tutorial.solve(unlimited)
    # 1200 × (0.6 × population / 100000 + 0.4 / 6)
    assert np.allclose(point.payments.ravel(), [224, 152, 152, 296, 224, 152], atol=1e-6)
    assert point.largest_departure == pytest.approx(0, abs=1e-9)
    scaled = tutorial.solve({**unlimited, "columns.population": "1.7"})
    assert np.allclose(scaled.payments, point.payments, atol=1e-6)
    equal = tutorial.solve({**unlimited, "formulas.main.population.weight": 0})
    assert np.allclose(equal.payments, 200, atol=1e-6)


def test_a_code_may_be_a_number(tutorial):
    one, two = (tutorial.solve({"counties.drop": codes}) for codes in (990203, ["990203"]))
    assert one.status == "solved"
    assert (one.payments == two.payments).all()
    assert one.payments[5] == 0


def test_falling_short_names_the_rule(tutorial):
    point = tutorial.solve({"rules.change_limits.lower": "1.2"})
    assert (point.status, point.rules) == ("infeasible", ("change_limits",))
    assert tutorial.cold({"rules.change_limits.lower": "1.2"}).rules == point.rules


def test_another_objective_is_solved_as_from_files(four, tmp_path):
    """The first county may get no more than the third: the second gains, and squares share that otherwise."""
    engine = four(
        "  - {kind: linear, left: {counties: ['150101', '150102']}, sense: '<=', times: 1, "
        "right: {counties: ['150102', '150201']}, plus: 0}\n"
    )
    changes = {"streams.central.budget": 900}
    point = engine.solve({"objective": "proportional", **changes})
    loaded = load(tmp_path / "plan", ["objective=proportional", "streams.central.budget=900"])
    assert np.abs(point.payments - decide(loaded)[1].payments).max() <= 1e-4
    assert np.abs(point.payments - engine.solve(changes).payments).max() > 1


def test_what_was_solved_before_leaves_no_trace(tutorial):
    points = [{"streams.grant.budget": 900 + 7 * k, "columns.population.990101": 15000} for k in range(8)]
    tutorial.forget()
    forwards = [tutorial.solve(points[-1]).payments]
    tutorial.forget()
    for changes in points[:-1]:
        tutorial.solve(changes)
    tutorial.forget()
    assert (tutorial.solve(points[-1]).payments == forwards[0]).all()


def test_points_of_a_scenario_without_an_allocation(four):
    engine = four("  - {kind: change_limits, column: last_amount, lower: 1.2}\n")
    assert engine.solve({}).status == "infeasible"
    changes = {"rules.change_limits.lower": "1.05"}
    point = engine.solve(changes)
    assert point.status == "solved"
    assert engine.agrees(point, engine.cold(changes))


def test_a_rule_may_name_a_county_that_is_dropped(four):
    rule = (
        "  - {kind: linear, left: {counties: ['150101', '150201']}, sense: '>=', times: 0, right: {}, "
        "plus: 700}\n"
    )
    engine = four(rule)
    point = engine.solve({"counties.drop": "150101"})
    assert point.status == "solved"
    assert point.payments[2].sum() == pytest.approx(700)
    assert point.payments[0].sum() == 0


ADJUSTED = (
    "adjustments:\n  limit: 0.03\n  items:\n"
    "    - {county: '150101', stream: central, amount: 10, reason: flood}\n"
    "    - {county: '150102', stream: central, amount: -9, reason: few projects}\n"
    "    - {county: '150201', stream: central, amount: -1, reason: few projects}\n"
)


def test_a_county_with_an_adjustment_cannot_be_dropped(four):
    point = four("  []\n", ADJUSTED).solve({"counties.drop": ["150102"]})
    assert point.status == "failed"
    assert "150102" in point.reason
    assert "adjustment" in point.reason


def test_an_adjustment_beyond_its_limit_fails_either_way(four):
    """-9 is 3 % of 300, and more than 3 % of 270."""
    engine = four("  []\n", ADJUSTED)
    changes = {"streams.central.budget": 900}
    assert "limit" in engine.cold(changes).reason
    assert engine.solve(changes).status == "failed"


def with_column(tmp_path: Path, start: str) -> tuple[Engine, str]:
    """A random scenario with a column whose name starts so, and the column."""
    for seed in range(7000, 7040):
        engine = Engine(str(generate(tmp_path / str(seed), seed, small=True, infeasible=False).folder))
        for column in engine.loaded.counties.numbers:
            if column.startswith(start):
                return engine, column
    raise LookupError(start)


def test_a_mix_that_does_not_add_up_fails_either_way(tmp_path):
    engine, column = with_column(tmp_path, "mix.")
    changes = {f"columns.{column}": "0.5"}
    assert "mix" in engine.cold(changes).reason
    assert engine.solve(changes).status == "failed"


def test_a_share_beyond_1_fails_either_way(tmp_path):
    engine, column = with_column(tmp_path, "last_share")
    changes = {f"columns.{column}": 1000}
    assert "exceeds 1" in engine.cold(changes).reason
    assert engine.solve(changes).status == "failed"
