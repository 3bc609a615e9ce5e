"""A sweep on a cluster gives the same rows, even if it loses a worker."""

from __future__ import annotations

import os
import signal
import time

import pytest

from allocator.cli import sweeping
from allocator.whatif import workers
from tests.whatif.sweeps.cases import ROOT, assert_same, partial, sweep

# cluster


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_a_worker_gives_the_same_rows(plan, tmp_path, whole, monkeypatch):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    killed = []
    with (
        distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        ) as own,
        distributed.Client(own) as client,
    ):
        pids = client.run(os.getpid)

        def losing(waiting, jobs, cluster):
            for number, solved in enumerate(workers.solve_all(waiting, jobs, cluster)):
                yield solved
                if number == 5:
                    killed.append(next(iter(pids.values())))
                    os.kill(killed[0], signal.SIGKILL)

        monkeypatch.setattr(sweeping, "solve_all", losing)
        assert sweep(plan, tmp_path / "out", "--cluster", own.scheduler_address, chunk=3) == 0
    assert killed
    monkeypatch.undo()
    assert sweep(plan, tmp_path / "local", chunk=3) == 0
    assert_same(tmp_path / "out", tmp_path / "local")


@pytest.mark.filterwarnings("default")
@pytest.mark.parametrize("address", ["nonsense", "foo://nowhere:1", "tcp://127.0.0.1:1"])
def test_a_bad_address_is_refused_and_leaves_nothing(plan, tmp_path, capsys, monkeypatch, address):
    pytest.importorskip("distributed")
    assert workers.WAIT <= 10
    monkeypatch.setattr(workers, "WAIT", 1)
    started = time.monotonic()
    assert sweep(plan, tmp_path / "out", "--cluster", address) == 2
    assert time.monotonic() - started < 8
    assert "cannot reach the cluster" in capsys.readouterr().err
    assert not partial(tmp_path / "out").exists()
