"""Where chunks are solved: in this process, in several, or on the machines of a Dask cluster."""

from __future__ import annotations

import logging
import os
import signal
import time
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from itertools import islice
from typing import Any, TypeVar

from allocator.faults import AllocatorError, BadInput, Place, SolverTrouble
from allocator.input.yaml_tree import fault
from allocator.text import Text
from allocator.whatif.sweep import Solved, Task, solve_task

A = TypeVar("A")
B = TypeVar("B")
AHEAD = 4
"""Chunks in flight for each worker of a cluster, so that memory stays flat."""
IN_HAND = 2
"""Items in flight for each process: as many as the executor hands out at once, so that none lies about."""
IDLE = 300
"""Seconds that processes wait for more to do."""
HANDED = 5
"""Seconds within which the executor hands out what it was given."""
WAIT = 5
"""Seconds within which the scheduler of a cluster must answer."""
LONELY = 60
"""Seconds that a cluster may be without any worker."""
LOOK = 5
"""Seconds between two looks at whether a silent cluster has workers."""
RETRIES = 3
"""Times that a cluster tries a chunk again after losing a worker."""
THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
KEPT = Text("已完成的部分已保存，可用 --resume 接着算", "what was done is kept, --resume goes on from there")
DIED = Text(
    f"一个求解进程意外中止（可能内存不足），{KEPT.zh}",
    f"a solving process died, perhaps for lack of memory; {KEPT.en}",
)


def solve_all(
    tasks: Sequence[Callable[[], Task]], jobs: int = 1, cluster: str | None = None
) -> Generator[Solved, None, None]:
    """Every chunk solved, in any order."""
    if cluster is not None:
        return _on_cluster(tasks, cluster)
    if jobs > 1 and len(tasks) > 1:
        return _spread(solve_task, (make() for make in tasks), jobs)
    return (solve_task(make()) for make in tasks)


def in_parallel(function: Callable[[A], B], items: Sequence[A], jobs: int = 1) -> list[B]:
    """The function of every item, in order; with several jobs in processes of their own."""
    if jobs == 1 or len(items) < 2:
        return [function(item) for item in items]
    found = dict(_spread(partial(_numbered, function), enumerate(items), jobs))
    return [found[position] for position in range(len(items))]


def _numbered(function: Callable[[A], B], item: tuple[int, A]) -> tuple[int, B]:
    return item[0], function(item[1])


def _spread(function: Callable[[A], B], items: Iterable[A], jobs: int) -> Generator[B, None, None]:
    """The function of every item as it comes, in processes that the next call finds again."""
    try:
        from joblib.externals.loky import get_reusable_executor  # noqa: PLC0415 - only where it is asked for
    except ImportError:
        raise missing("joblib") from None
    executor = get_reusable_executor(max_workers=jobs, timeout=IDLE, env=_threads(jobs), initializer=_deaf)
    waiting = iter(items)
    running: set[Future[B]] = set()
    whole = False
    try:
        with _undisturbed():
            running |= {executor.submit(function, item) for item in islice(waiting, IN_HAND * jobs)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            for future in done:
                yield future.result()
            with _undisturbed():
                running |= {executor.submit(function, item) for item in islice(waiting, len(done))}
        whole = True
    except BrokenProcessPool as error:
        raise SolverTrouble(DIED) from error
    finally:
        if not whole:
            _stop(executor)


def _threads(jobs: int) -> dict[str, str]:
    """Threads of numeric libraries in each process, so that all together use the machine once."""
    each = str(max(1, (os.cpu_count() or 1) // jobs))
    return {name: os.environ.get(name, each) for name in THREADS}


def _deaf() -> None:
    """What a process begins with: Ctrl-C is for the one that started it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Processes that are started in here leave Ctrl-C to this one until they are deaf to it themselves."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _stop(executor: Any) -> None:
    """Ends the processes at once, without a word.

    An executor that is stopped with items not yet handed out stumbles over them. It hands them out
    in order, so one more item tells when all before it are.
    """
    with suppress(BrokenProcessPool):
        last = executor.submit(_nothing)
        until = time.monotonic() + HANDED
        while time.monotonic() < until and not (last.running() or last.done()):
            time.sleep(0.01)
    executor.shutdown(wait=True, kill_workers=True)


def _nothing() -> None:
    """An item that does nothing."""


def _on_cluster(tasks: Sequence[Callable[[], Task]], address: str) -> Generator[Solved, None, None]:
    try:
        from distributed import CancelledError, Client, KilledWorker  # noqa: PLC0415
    except ImportError:
        raise missing("distributed", "cluster") from None
    # what it would log with its stack is said in one line
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    try:
        client = Client(address, timeout=WAIT)
    except (OSError, ValueError) as error:
        what = f"连不上集群（{error}）", f"cannot reach the cluster ({error})"
        fix = "请检查地址，例如 tcp://主机:8786", "check the address, such as tcp://host:8786"
        raise _of_cluster(address, what, fix) from None
    with client:
        _await_workers(client, address)
        waiting = iter(tasks)
        most = AHEAD * max(1, len(client.nthreads()))
        running = {_submit(client, make) for make in islice(waiting, most)}
        try:
            while running:
                done = _some_done(client, running)
                running -= done
                for future in done:
                    yield future.result()
                running |= {_submit(client, make) for make in islice(waiting, len(done))}
        except (CancelledError, KilledWorker, OSError) as error:
            name = type(error).__name__
            raise SolverTrouble(
                Text(f"集群中断（{name}），{KEPT.zh}", f"the cluster broke off ({name}); {KEPT.en}")
            ) from None


def _await_workers(client: Any, address: str) -> None:
    """Raises BadInput where the cluster has no worker for too long."""
    try:
        client.wait_for_workers(1, timeout=LONELY)
    except TimeoutError:
        what = f"集群 {LONELY} 秒内没有可用的工作进程", f"the cluster has had no worker for {LONELY} seconds"
        fix = "请先启动，例如 dask worker 地址", "start some first, such as: dask worker ADDRESS"
        raise _of_cluster(address, what, fix) from None


def _some_done(client: Any, running: set[Any]) -> set[Any]:
    """Chunks that are done, at least one; raises SolverTrouble where all workers are gone for too long."""
    from distributed import wait as wait_for  # noqa: PLC0415

    last = time.monotonic()
    while True:
        try:
            return set(wait_for(list(running), timeout=min(LOOK, LONELY), return_when="FIRST_COMPLETED").done)
        except TimeoutError:
            last = time.monotonic() if client.nthreads() else last
        if time.monotonic() - last >= LONELY:
            raise SolverTrouble(
                Text(
                    f"集群已 {LONELY} 秒没有工作进程，{KEPT.zh}",
                    f"the cluster has had no worker for {LONELY} seconds; {KEPT.en}",
                )
            )


def _of_cluster(address: str, what: tuple[str, str], fix: tuple[str, str]) -> BadInput:
    return BadInput([fault(Place(f"--cluster {address}"), *what, *fix)])


def _submit(client: Any, make: Callable[[], Task]) -> Any:
    return client.submit(solve_task, make(), pure=False, retries=RETRIES)


def missing(package: str, extra: str = "sensitivity") -> AllocatorError:
    """A package of an extra is not installed."""
    return BadInput(
        [
            fault(
                Place(package),
                f"需要安装 {package}",
                f"{package} is needed and not installed",
                f"pip install 'allocator[{extra}]'",
                f"pip install 'allocator[{extra}]'",
            )
        ]
    )
