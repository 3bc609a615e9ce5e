"""Where chunks are solved: in this process, in several, or on the machines of a Dask cluster."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

from allocator.faults import AllocatorError, BadInput, Place, SolverTrouble
from allocator.input.yaml_tree import fault
from allocator.text import Text
from allocator.whatif.sweep import Solved, Task, solve_task

A = TypeVar("A")
B = TypeVar("B")
AHEAD = 4
"""Chunks in flight for each worker, so that memory stays flat."""
WAIT = 5
"""Seconds within which the scheduler of a cluster must answer."""
RETRIES = 3
"""Times that a cluster tries a chunk again after losing a worker."""


def solve_all(
    tasks: Sequence[Callable[[], Task]], jobs: int = 1, cluster: str | None = None
) -> Iterator[Solved]:
    """Every chunk solved, in any order."""
    if cluster is not None:
        return _on_cluster(tasks, cluster)
    if jobs > 1 and len(tasks) > 1:
        return _in_processes(tasks, jobs)
    return (solve_task(make()) for make in tasks)


def in_parallel(function: Callable[[A], B], items: Sequence[A], jobs: int = 1) -> list[B]:
    """The function of every item, in order; with several jobs in processes of their own."""
    if jobs == 1 or len(items) < 2:
        return [function(item) for item in items]
    try:
        from joblib import Parallel, delayed  # noqa: PLC0415 - only where it is asked for
    except ImportError:
        raise missing("joblib") from None
    return list(Parallel(n_jobs=jobs, batch_size=1)(delayed(function)(item) for item in items))


def _in_processes(tasks: Sequence[Callable[[], Task]], jobs: int) -> Iterator[Solved]:
    try:
        from joblib import Parallel, delayed  # noqa: PLC0415 - only where it is asked for
    except ImportError:
        raise missing("joblib") from None
    work = Parallel(
        n_jobs=jobs, return_as="generator_unordered", pre_dispatch=f"{AHEAD}*n_jobs", batch_size=1
    )
    yield from work(delayed(solve_task)(make()) for make in tasks)


def _on_cluster(tasks: Sequence[Callable[[], Task]], address: str) -> Iterator[Solved]:
    try:
        from distributed import CancelledError, Client, KilledWorker, as_completed  # noqa: PLC0415
    except ImportError:
        raise missing("distributed", "cluster") from None
    try:
        client = Client(address, timeout=WAIT)
    except (OSError, ValueError) as error:
        raise BadInput(
            [
                fault(
                    Place(f"--cluster {address}"),
                    f"连不上集群（{error}）",
                    f"cannot reach the cluster ({error})",
                    "请检查地址，例如 tcp://主机:8786",
                    "check the address, such as tcp://host:8786",
                )
            ]
        ) from None
    with client:
        waiting = iter(tasks)
        most = AHEAD * max(1, len(client.nthreads()))
        running = as_completed([_submit(client, make) for make in islice(waiting, most)])
        for done in running:
            try:
                solved = done.result()
            except (CancelledError, KilledWorker, OSError) as error:
                raise SolverTrouble(
                    Text(
                        f"集群中断（{type(error).__name__}），已完成的部分已保存",
                        f"the cluster broke off ({type(error).__name__}); what was done is kept",
                    )
                ) from None
            yield solved
            following = next(waiting, None)
            if following is not None:
                running.add(_submit(client, following))


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
