"""Ctrl-C while several processes solve: one word, no stack, no process left, and it can go on."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pytest

from allocator.faults import BadInput
from allocator.whatif import workers
from tests.whatif.sweeps.cases import NOISE, ROOT, partial, rows, sweep, written

HEARING = """
import signal
from allocator.cli.main import main
signal.signal(signal.SIGINT, signal.default_int_handler)
main()
"""
"""The command; what a shell starts in the background has the signal ignored, and so have its children."""

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="process groups")


@pytest.mark.parametrize("whole_group", [True, False])
def test_an_interruption_ends_in_one_word(tmp_path, whole_group):
    plan, out = written(tmp_path / "plan.yaml", NOISE.format(1500)), tmp_path / "out"
    command = [sys.executable, "-c", HEARING, "sweep", "tutorial", "--plan", str(plan)]
    with subprocess.Popen(
        [*command, "-o", str(out), "--jobs", "2", "--chunk", "20"],
        cwd=ROOT,
        stderr=subprocess.PIPE,
        start_new_session=True,
        text=True,
    ) as process:
        while process.poll() is None and len(list(partial(out).glob("values-*"))) < 3:
            time.sleep(0.005)
        (os.killpg if whole_group else os.kill)(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
        assert process.returncode == 130
        assert said.split() == ["interrupted"]
    assert sweep(plan, out, "--resume", "--jobs", "2", chunk=20) == 0
    assert len(rows(out)) == 1500


def times(number: int) -> int:
    return number * 7


def failing(number: int) -> int:
    if number == 3:
        raise BadInput([])
    return number


def fatal(number: int) -> int:
    if number == 3:
        os._exit(1)
    return number


def test_results_of_several_processes_are_in_order():
    assert workers.in_parallel(times, range(40), 2) == [7 * k for k in range(40)]


def test_what_a_process_raises_is_raised_here():
    with pytest.raises(BadInput):
        workers.in_parallel(failing, range(20), 2)
    assert workers.in_parallel(times, range(3), 2) == [0, 7, 14]


def test_a_process_that_dies_is_said():
    with pytest.raises(workers.SolverTrouble) as caught:
        workers.in_parallel(fatal, range(20), 2)
    assert caught.value.exit_code == 1
    assert "a solving process died" in caught.value.say("en")
    assert workers.in_parallel(times, range(3), 2) == [0, 7, 14]
