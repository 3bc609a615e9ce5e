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


@pytest.mark.filterwarnings("default")
def test_a_cluster_without_workers_is_refused_and_leaves_nothing(plan, tmp_path, capsys, monkeypatch):
    distributed = pytest.importorskip("distributed")
    assert workers.LONELY <= 120
    monkeypatch.setattr(workers, "LONELY", 1)
    with distributed.LocalCluster(n_workers=0, dashboard_address=None) as own:
        started = time.monotonic()
        assert sweep(plan, tmp_path / "out", "--cluster", own.scheduler_address) == 2
        assert time.monotonic() - started < 20
    assert "the cluster has had no worker for 1 seconds. start some first" in capsys.readouterr().err
    assert not partial(tmp_path / "out").exists()


@pytest.mark.filterwarnings("default")
def test_a_cluster_that_loses_all_workers_breaks_off_and_can_be_resumed(
    plan, tmp_path, capsys, whole, monkeypatch
):
    distributed = pytest.importorskip("distributed")
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(workers, "LONELY", 2)
    real = workers.solve_all
    with distributed.LocalCluster(
        n_workers=1, threads_per_worker=1, processes=True, dashboard_address=None
    ) as own:

        def losing(waiting, jobs, cluster):
            for number, solved in enumerate(real(waiting, jobs, cluster)):
                yield solved
                if number == 1:
                    own.scale(0)

        with monkeypatch.context() as patched:
            patched.setattr(sweeping, "solve_all", losing)
            assert sweep(plan, tmp_path / "out", "--cluster", own.scheduler_address) == 1
    said = capsys.readouterr().err
    assert "no worker for 2 seconds; what was done is kept, --resume goes on from there" in said
    assert sweep(plan, tmp_path / "out", "--resume") == 0
    assert_same(tmp_path / "out", whole)
