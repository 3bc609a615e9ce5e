"""The repair menu against scenarios that were broken on purpose, by a known parameter or two."""

from __future__ import annotations

import random
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path

import pytest

from allocator.amounts import LevelOne
from allocator.cli.main import run
from allocator.faults import BadInput
from allocator.load import BUNDLED, load
from allocator.loaded import Loaded
from allocator.plan import attempt
from allocator.variant import with_budgets, with_parameters
from allocator.why.diagnosis import Diagnosis, diagnose
from allocator.why.repairs import Repair
from solvers.solution import Infeasible
from tests.builders import YAML, write_scenario
from tests.oracle.generate import generate

ONE = Decimal(1)
SINGLES = (0, 1, 5, 6, 10, 13, 15, 16, 17, 21, 26, 27, 28, 34, 37, 41, 44, 45, 51, 53, 54)
WHOLE_MONEY = (25,)
"""Whole money needs visibly more than real amounts do."""
PAIRS = (0, 6, 8, 15, 28, 29, 32, 34)
BUDGETS = (1, 6, 8, 10, 61)
CASES = (
    *(("random", seed, "rules", 1) for seed in SINGLES + WHOLE_MONEY),
    *(("random", seed, "rules", 2) for seed in PAIRS),
    *(("random", seed, "streams", 1) for seed in BUDGETS),
    *(("yangquan-2024", seed, "rules", 1) for seed in (1, 3, 4, 5)),
    ("tutorial", 5, "streams", 1),
)


@dataclass(frozen=True)
class Dial:
    """One number of a scenario: its path, the value that is possible, the direction that loosens it."""

    kind: str
    name: str
    key: str
    value: Decimal
    loosens: int
    step: Decimal | None = None

    def at(self, value: Decimal) -> str:
        return f"{self.kind}.{self.name}.{self.key}={value:f}"

    def tighter(self, part: float) -> Decimal:
        """The value turned against `loosens` by a part of itself."""
        new = self.value - self.loosens * (abs(self.value) or ONE) * Decimal(part)
        return round(new, 7) if self.step is None else (new / self.step).to_integral_value() * self.step


@dataclass(frozen=True)
class Broken:
    """A scenario that was possible until these dials were turned."""

    source: str
    dials: tuple[Dial, ...]
    bad: tuple[Decimal, ...]
    found: Diagnosis

    @property
    def sets(self) -> list[str]:
        return [dial.at(value) for dial, value in zip(self.dials, self.bad, strict=True)]

    @property
    def repair(self) -> Repair:
        """The repair that changes what was broken, back in the direction where it was possible."""
        wanted = {(d.kind, d.name, d.key): v < d.value for d, v in zip(self.dials, self.bad, strict=True)}
        fits = [
            repair
            for repair in self.found.menu.repairs
            if {(c.kind, c.name, c.key): c.new > c.old for c in repair.changes} == wanted
        ]
        assert len(fits) == 1
        return fits[0]


def dials(source: str, kind: str, rng: random.Random) -> list[Dial]:
    """Every number that may be broken, in random order; equations hit whole money by luck alone."""
    scenario = load(source).scenario
    if kind == "streams":
        made = [Dial("streams", name, "budget", stream.budget, rng.choice([-1, 1]), scenario.step)
                for name, stream in scenario.streams.items() if stream.budget]  # fmt: skip
    else:
        rules = [r for r in scenario.rules if not r.law and getattr(r, "sense", "") != "="]
        knobs = [knob for rule in rules for knob in rule.knobs(scenario.year)]
        made = [Dial("rules", k.rule, k.key, k.value, k.loosens) for k in knobs]
    rng.shuffle(made)
    return made


def possible(source: str, sets: Sequence[str]) -> bool:
    """Whether real amounts keep all the rules; raises BadInput where the value is refused."""
    try:
        LevelOne(load(source, sets)).under()
    except Infeasible:
        return False
    return True


def fits_turned(loaded: Loaded, dial: Dial, part: float) -> bool:
    """The same as `possible`, without reading the files again; for the search alone."""
    value = dial.tighter(part)
    try:
        if dial.kind == "streams":
            LevelOne(with_budgets(loaded, {dial.name: value})).under()
        else:
            LevelOne(with_parameters(loaded, [(dial.name, dial.key, value)])).under()
    except Infeasible:
        return False
    return True


def broken_value(source: str, dial: Dial, rng: random.Random) -> Decimal | None:
    """A value beyond the last possible one by 5 to 30 % of the way there; None if there is none."""
    loaded, good, bad = load(source), 0.0, 0.05
    try:
        while fits_turned(loaded, dial, bad):
            good, bad = bad, 2 * bad
            if bad > 100:
                return None
        for _ in range(6):
            middle = (good + bad) / 2
            fits = fits_turned(loaded, dial, middle)
            good, bad = (middle, bad) if fits else (good, middle)
        value = dial.tighter(bad + max(bad, 0.05) * rng.uniform(0.05, 0.3))
        return None if possible(source, [dial.at(value)]) else value
    except BadInput:
        return None


def least_possible(source: str, dial: Dial, bad: Decimal, others: Sequence[str]) -> Decimal:
    """The possible value nearest to the bad one, by bisection on real amounts, to 0.1 % of the change."""
    good, bad_end = dial.value, bad
    assert possible(source, [*others, dial.at(good)])
    while abs(good - bad_end) > Decimal("0.001") * abs(good - bad):
        middle = (good + bad_end) / 2
        if dial.step is not None:
            middle = (middle / dial.step).to_integral_value() * dial.step
        if middle in (good, bad_end):
            break
        fits = possible(source, [*others, dial.at(middle)])
        good, bad_end = (middle, bad_end) if fits else (good, middle)
    return good


def made(plans: Path, name: str, seed: int, kind: str, count: int) -> Broken:
    """A broken scenario, diagnosed."""
    folder = plans / name
    if name == "random":
        generate(folder, seed, small=True, infeasible=False)
    else:
        shutil.copytree(BUNDLED / name, folder)
    source, rng = str(folder), random.Random(seed)
    assert attempt(load(source)) is not None
    chosen: dict[tuple[str, str], tuple[Dial, Decimal]] = {}
    for dial in dials(source, kind, rng):
        value = None if (dial.name, dial.key) in chosen else broken_value(source, dial, rng)
        if value is not None:
            chosen[dial.name, dial.key] = dial, value
        if len(chosen) == count:
            break
    turned, values = zip(*chosen.values(), strict=True)
    sets = [dial.at(value) for dial, value in chosen.values()]
    loaded = load(source, sets)
    assert attempt(loaded) is None
    return Broken(source, turned, values, diagnose(loaded))


def test_there_are_forty():
    assert len(CASES) == 40


@pytest.mark.parametrize("case", CASES, ids=str)
def test_what_was_broken_is_named_and_its_repair_found_and_applied(case, tmp_path, capsys, monkeypatch):
    """One test for all three, since a case takes a second to make."""
    broken = made(tmp_path, *case)
    what_was_broken_conflicts(broken, case[2])
    the_menu_finds_it_and_by_how_much(broken)
    monkeypatch.setattr("allocator.cli.diagnosing.diagnose", lambda loaded, progress: broken.found)
    applied_it_solves(broken, tmp_path)
    capsys.readouterr()


def what_was_broken_conflicts(broken: Broken, kind: str) -> None:
    if kind == "rules":
        names = {dial.name for dial in broken.dials}
        assert broken.found.conflicts
        for one in broken.found.conflicts:
            assert names & {rule for rule, _ in one.members}


def the_menu_finds_it_and_by_how_much(broken: Broken) -> None:
    """Real amounts: within 0.3 % of the least change. Whole money: within 1 %, or 1 % is not enough."""
    repair = broken.repair
    assert broken.found.menu.paired == (len(broken.dials) == 2)
    change = {(c.name, c.key): c for c in repair.changes}
    reached = dict(zip(change, repair.least, strict=True))
    for dial, bad in zip(broken.dials, broken.bad, strict=True):
        mine = change[dial.name, dial.key]
        # the other one of a pair a hair beyond the least, where the solver's tolerance cannot matter
        beside = [
            f"{c.kind}.{c.name}.{c.key}={c.old + (reached[key] - c.old) * Decimal('1.0001'):f}"
            for key, c in change.items()
            if c is not mine
        ]
        step = dial.step or Decimal(0)
        turn = abs(least_possible(broken.source, dial, bad, beside) - bad)
        real, whole = abs(reached[dial.name, dial.key] - bad), abs(mine.new - bad)
        assert abs(real - turn) <= Decimal("0.003") * turn + step
        assert whole >= Decimal("0.999") * turn
        if whole > Decimal("1.01") * turn + step:
            assert short_in_whole_money(broken, repair)


def short_in_whole_money(broken: Broken, repair: Repair) -> bool:
    """Whether 1 % beyond the least change is not enough for whole money."""
    sets = []
    for c, least in zip(repair.changes, repair.least, strict=True):
        new = round(c.old + (least - c.old) * Decimal("1.01"), 9)
        if c.kind == "streams":
            step = broken.found.loaded.scenario.step
            new = (new / step).to_integral_value() * step
        sets.append(f"{c.kind}.{c.name}.{c.key}={new:f}")
    return attempt(load(broken.source, sets)) is None


def applied_it_solves(broken: Broken, tmp_path: Path) -> None:
    """The diagnosis is the one above, to save time; test_diagnose_command runs all of the command."""
    number = broken.found.menu.repairs.index(broken.repair) + 1
    target = Path(broken.source).parent / "repaired"
    arguments = [f"--set={text}" for text in broken.sets]
    asked = ["diagnose", broken.source, *arguments, "--apply", str(number), "-o", str(target)]
    assert run(asked) == 0
    assert run(["solve", str(target), "-o", str(tmp_path / "out")]) == 0
    assert (tmp_path / "out" / "allocation.csv").exists()


HEAD = YAML.partition("rules:\n")[0] + "rules:\n"


def menu_of(tmp_path, rules: str):
    loaded = load(str(write_scenario(tmp_path / "plan", yaml=HEAD + rules)))
    assert attempt(loaded) is None
    return diagnose(loaded).menu


def keys(menu) -> list[set[tuple[str, str]]]:
    return [{(c.name, c.key) for c in repair.changes} for repair in menu.repairs]


def test_a_share_that_must_be_all_beside_an_amount_that_needs_a_step_more(tmp_path):
    """East 320 each, west 250.3 by law, which is 251: 299.7 in real amounts, 299 in whole money."""
    rules = (
        "  - {kind: amount_bounds, id: all, by: all, max_share: 0.9932492}\n"
        "  - {kind: amount_bounds, id: east, min: 320, scope: {counties: ['150101', '150102']}}\n"
        "  - {kind: amount_bounds, id: w, min: 250.3, scope: {counties: ['150201', '150202']}, law: true}\n"
    )
    kept = ["rules.all.max_share=1", "rules.east.min=299"]
    menu = menu_of(tmp_path, rules)
    assert attempt(load(str(tmp_path / "plan"), kept)) is not None
    assert {("all", "max_share"), ("east", "min")} in keys(menu)


def test_a_factor_beside_a_constant_can_be_one_of_a_pair(tmp_path):
    """Central: 丙 at least half of 甲's 400 and 10 more, at most 100. Regional: 乙 60, at most 55."""
    central, regional = "streams: [central]", "scope: {streams: [regional], counties: ['150102']}"
    rules = (
        f"  - {{kind: linear, id: more, left: {{counties: ['150201'], {central}}}, sense: '>=', times: 0.5,"
        f" plus: 10, right: {{counties: ['150101'], {central}}}}}\n"
        f"  - {{kind: amount_bounds, id: a, law: true, min: 400,"
        f" scope: {{counties: ['150101'], {central}}}}}\n"
        f"  - {{kind: amount_bounds, id: c, law: true, max: 100,"
        f" scope: {{counties: ['150201'], {central}}}}}\n"
        f"  - {{kind: amount_bounds, id: least, min: 60, {regional}}}\n"
        f"  - {{kind: amount_bounds, id: most, max: 55, {regional}, law: true}}\n"
    )
    found = keys(menu_of(tmp_path, rules))
    assert {("more", "plus"), ("least", "min")} in found
    assert {("more", "times"), ("least", "min")} in found


def test_two_that_each_would_do_if_not_for_whole_money(tmp_path):
    """301 + 301 + 251 + 251 of 1100; 299.6 rounds up to 300, and 249.6 to 250: 1102 either way."""
    rules = (
        "  - {kind: amount_bounds, id: east, min: 300.4, scope: {counties: ['150101', '150102']}}\n"
        "  - {kind: amount_bounds, id: west, min: 250.4, scope: {counties: ['150201', '150202']}}\n"
    )
    assert keys(menu_of(tmp_path, rules))


def test_a_small_change_that_whole_money_makes_larger():
    """Six floors of 1.03 times last year round up to 1001 of 1000; 1.0267 times will do."""
    assert attempt(load("tutorial", ["rules.change_limits.lower=1.0267"])) is not None
    menu = diagnose(load("tutorial", ["rules.change_limits.lower=1.04"])).menu
    assert {("change_limits", "lower")} in keys(menu)
