"""The least turn of a parameter that makes a program possible, against bisection."""

from __future__ import annotations

from decimal import Decimal

import numpy as np
import pytest
from scipy.optimize import linprog
from scipy.sparse import csr_array

from allocator.amounts import LevelOne
from allocator.load import load
from allocator.whatif.nearest import Nearest, way_of
from solvers.choose import make_solver
from solvers.nearest import Giving, nearest
from solvers.program import LinearProgram
from solvers.solution import Infeasible
from tests.builders import YAML, write_scenario

MOST = 8.0


def random_program(seed: int):
    """Rows A x ≥ b, 0 ≤ x ≤ 3; of the last k rows coefficients and bounds give way, always to ease."""
    rng = np.random.default_rng(seed)
    m, n, k = 9, 4, 4
    matrix = rng.integers(-3, 4, (m, n)).astype(float)
    bound = matrix @ rng.uniform(0, 3, n) - rng.uniform(0, 2, m)
    bound[-k:] += rng.choice([0.0, 3.0, 9.0]) * rng.uniform(0.5, 1.5, k)
    growth = rng.integers(0, 3, (k, n)) * rng.choice([0.0, 0.02, 1.0])
    growth_bound = -rng.integers(1, 4, k) * rng.choice([0.02, 1.0])
    return matrix, bound, growth, growth_bound


def fits(matrix, bound, growth, growth_bound, mu: float) -> bool:
    turned, needed = matrix.copy(), bound.copy()
    k = len(growth_bound)
    turned[-k:] += mu * growth
    needed[-k:] += mu * growth_bound
    return bool(linprog(np.zeros(matrix.shape[1]), A_ub=-turned, b_ub=-needed, bounds=(0, 3)).status == 0)


def bisected(given) -> float | None:
    if not fits(*given, MOST):
        return None
    low, high = 0.0, MOST
    if fits(*given, low):
        return 0.0
    for _ in range(32):
        middle = (low + high) / 2
        low, high = (low, middle) if fits(*given, middle) else (middle, high)
    return high


def as_program(given, turned: bool):
    """The same as a LinearProgram; `turned` writes every giving row as ≤."""
    matrix, bound, growth, growth_bound = (part.copy() for part in given)
    m, n, k = *matrix.shape, len(growth_bound)
    lower, upper, sign = bound, np.full(m, np.inf), np.ones(k)
    if turned:
        matrix[-k:], growth, growth_bound, sign = -matrix[-k:], -growth, -growth_bound, -sign
        upper[-k:], lower[-k:] = -bound[-k:], -np.inf
    program = LinearProgram(csr_array(matrix), lower, upper, np.zeros(n), np.full(n, 3.0), np.zeros(n))
    return program, Giving(np.arange(m - k, m), sign, csr_array(growth), growth_bound)


@pytest.mark.parametrize("seed", range(60))
def test_equals_bisection(seed):
    given = random_program(seed)
    program, giving = as_program(given, turned=seed % 2 == 1)
    found, expected = nearest(program, giving, MOST, make_solver("highs")), bisected(given)
    if expected is None:
        assert found is None
    else:
        assert found == pytest.approx(expected, abs=1e-6)


def test_the_random_programs_are_of_every_kind():
    answers = [bisected(random_program(seed)) for seed in range(60)]
    assert sum(a is None for a in answers) >= 5
    assert sum(a == 0 for a in answers) >= 5
    assert sum(a is not None and a > 0 for a in answers) >= 20


def test_a_row_that_can_only_hold_at_zero():
    """Money of 1 to p or q. p has no industry at all, q up to 0.5: shares of 0.6 need 0.1, all of it in q."""
    matrix = np.array([[1, 1, 1, 1], [0.4, -0.6, 0, 0], [0, 0, 0.4, -0.6]])
    lower, upper = np.array([1.0, 0.0, 0.0]), np.array([1.0, np.inf, np.inf])
    most = np.array([0.0, np.inf, 0.5, np.inf])
    program = LinearProgram(csr_array(matrix), lower, upper, np.zeros(4), most, np.zeros(4))
    growth = csr_array(np.array([[1.0, 1, 0, 0], [0, 0, 1, 1]]))
    giving = Giving(np.array([1, 2]), np.ones(2), growth, np.zeros(2))
    assert nearest(program, giving, 0.6, make_solver("highs")) == pytest.approx(0.1, abs=1e-7)


# Central money 1000, regional 100 for livelihood alone. Industry can be at most what the caps below leave.
PIPELINES = {"150101": 100, "150102": 90, "150201": 60, "150202": 50}
"""Industry money that each county can absorb: 190 in 东盟, 110 in 西市."""


def near(tmp_path, rules: str, last: dict[str, str] | None = None) -> tuple[Nearest, dict]:
    """Nearest of a scenario with these rules; every way by rule, key and direction."""
    yaml = YAML.partition("rules:\n")[0] + "rules:\n" + rules
    folder = write_scenario(tmp_path / "plan", yaml=yaml)
    lines = (folder / "counties.csv").read_text(encoding="utf-8").splitlines()
    head, *rest = lines
    added = [f"{line},{PIPELINES[line[:6]]},{(last or {}).get(line[:6], '')}" for line in rest]
    (folder / "counties.csv").write_text("\n".join([f"{head},pipe,last_share", *added]) + "\n", "utf-8")
    loaded = load(str(folder))
    solver = make_solver("highs")
    ways = [way_of(knob) for rule in loaded.scenario.rules for knob in rule.knobs(2025)]
    found = Nearest(loaded, LevelOne(loaded, solver).linear, solver)
    return found, {(way.knob.rule, way.knob.key): way for way in ways}


FIXED = """\
  - {kind: amount_bounds, id: east, by: prefecture, min: 700, max: 700, scope: {group: exit}}
  - {kind: pipeline, id: pipe, columns: {industry: pipe}}
"""
FLOOR = "  - {kind: use_share_floor, id: floor, tag: industry, by: prefecture, floor: %s%s}\n"


def test_a_floor_comes_down_to_what_the_pipelines_carry(tmp_path):
    """East 190 of 700, west 110 of 400: 27.142857 % is the lower of the two."""
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.4", ""))
    way = ways["floor", "floor"]
    assert float(way.value(found.parameters([way]))) == pytest.approx(190 / 700, abs=1e-7)


def test_a_multiple_goes_up(tmp_path):
    """0.4 of 700 are 280 of 190; 0.4 of 400 are 160 of 110, which is less."""
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.4", ""))
    way = ways["pipe", "times"]
    assert float(way.value(found.parameters([way]))) == pytest.approx(280 / 190, abs=1e-7)


LAST = {"150201": "0.26", "150202": "0.26", "150101": "0.2", "150102": "0.2"}


def test_last_years_share_stops_the_floor_where_that_is_no_hindrance(tmp_path):
    """The west keeps 26 % of last year, which 110 of 400 carry; the east decides."""
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.4", ", not_below: last_share"), LAST)
    way = ways["floor", "floor"]
    assert float(way.value(found.parameters([way]))) == pytest.approx(190 / 700, abs=1e-7)


def test_last_years_share_can_make_the_floor_useless(tmp_path):
    """30 % of last year in the west are 120 of 110: no floor helps, but 275 ‰ / 300 ‰ of last year do."""
    last = {**LAST, "150201": "0.3", "150202": "0.3"}
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.25", ", not_below: last_share"), last)
    assert found.parameters([ways["floor", "floor"]]) is None
    assert not found.feasible([(ways["floor", "floor"].knob, Decimal(0))])
    retain = ways["floor", "retain"]
    assert float(retain.value(found.parameters([retain]))) == pytest.approx(0.275 / 0.3, abs=1e-7)


def test_the_floor_of_the_year_can_make_last_years_share_useless(tmp_path):
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.28", ", not_below: last_share"), LAST)
    assert found.parameters([ways["floor", "retain"]]) is None
    assert not found.feasible([(ways["floor", "retain"].knob, Decimal(0))])


def test_last_years_share_a_hair_below_the_floor(tmp_path):
    """110 of 440 are 0.25, which is last year's share too: the floor need not go below it."""
    rules = FIXED.replace("700", "660")
    last = {"150201": "0.25", "150202": "0.25"}
    found, ways = near(tmp_path, rules + FLOOR % ("0.25001", ", not_below: last_share"), last)
    way = ways["floor", "floor"]
    assert found.feasible([(way.knob, Decimal("0.25"))])
    assert float(way.value(found.parameters([way]))) == pytest.approx(0.25, abs=1e-7)


@pytest.mark.parametrize("key", ["min", "max"])
def test_what_cannot_help_is_none_even_at_its_loosest(tmp_path, key):
    """Half of everything for industry: 550 of 300 in the pipelines, whoever gets the money."""
    found, ways = near(tmp_path, FIXED + "  - {kind: linear, id: half, left: {tag: industry}, sense: '>=', "
                       "times: 0.5, right: {}}\n")  # fmt: skip
    way = ways["east", key]
    assert found.parameters([way]) is None
    assert not found.feasible([(way.knob, way.value(way.most))])


def test_a_parameter_that_is_not_in_the_way_needs_nothing(tmp_path):
    found, ways = near(tmp_path, FIXED)
    assert found.feasible()
    assert found.parameters([ways["pipe", "times"]]) == 0


@pytest.mark.parametrize(
    ("stream", "direction", "expected"),
    [
        # east takes 700 exactly, the west at least 450: 1150 of 1100; more of either stream will do
        ("central", 1, 50.0),
        ("regional", 1, 50.0),
        ("central", -1, None),
        ("regional", -1, None),
    ],
)
def test_budgets(tmp_path, stream, direction, expected):
    west = FIXED.splitlines()[0].replace("id: east", "id: west").replace("min: 700, max: 700", "min: 450")
    west = west.replace("group: exit", 'counties: ["150201", "150202"]')
    found, _ = near(tmp_path, f"{FIXED}{west}\n")
    answer = found.budget(stream, direction)
    assert answer == (None if expected is None else pytest.approx(expected, abs=1e-6))


def test_a_budget_can_be_too_large(tmp_path):
    """At most 900 for all of them together: 200 less, which is more than the regional money."""
    found, _ = near(tmp_path, "  - {kind: amount_bounds, id: all, by: all, max: 900}\n")
    assert found.budget("central", -1) == pytest.approx(200, abs=1e-6)
    assert found.budget("regional", -1) is None


def test_turned_values_are_possible_and_a_hair_less_is_not(tmp_path):
    """As LevelOne says, which is another program."""
    found, ways = near(tmp_path, FIXED + FLOOR % ("0.4", ""))
    way = ways["pipe", "times"]
    mu = found.parameters([way])
    for factor, possible in ((1.0001, True), (0.9999, False)):
        turned = LevelOne(found.loaded).turned([("pipe", "times", way.value(mu * factor))])
        try:
            turned.under()
        except Infeasible:
            assert not possible
        else:
            assert possible
