"""Tries the promise of `allocator envelope` on drawn later batches: each is placed in whole money.

    python -m benchmarks.release [--draws 1000]

Half of the draws are of yangquan-2024 (two ways to split the year), a tenth of inner-mongolia-2025, the rest
of random scenarios with any of the rules (tests/oracle/generate.py), five draws each. A draw takes one
county to an end of its own range or into it, or all counties into the box or to its corners, and a budget
within bounds for each later stream; then the batch is issued, the later one solved, and the year judged.
Exits 1 where a draw breaks a rule.
"""

from __future__ import annotations

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from allocator.envelope.bounds import Range, read_ranges
from allocator.envelope.release import Envelope, envelope, expected
from allocator.faults import NoAllocation
from allocator.load import load
from allocator.loaded import Loaded
from tests.envelope.release import draw, placed, year
from tests.oracle.generate import generate

BUNDLED = (
    ("yangquan-2024", ("provincial_3=200..500",), 0.25),
    ("yangquan-2024", ("provincial_2=600..800", "provincial_3=300..400"), 0.25),
    ("inner-mongolia-2025", ("regional_consolidation=170000..200000", "central_ethnic=20000..26000"), 0.1),
)
EACH = 5
"""Draws of a random scenario."""


def main() -> None:
    """Draws, and prints what came of it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--draws", type=int, default=1000)
    draws = parser.parse_args().draws
    counts: Counter[str] = Counter()
    for name, later, share in BUNDLED:
        start = time.perf_counter()
        loaded = load(name)
        ranges = read_ranges(loaded, later)
        found = envelope(expected(loaded, ranges), ranges)
        made = time.perf_counter() - start
        _try(found, name, range(round(share * draws)), counts)
        print(f"{name} {' '.join(later)}: envelope in {made:.1f} s, {dict(counts)}", flush=True)
    for seed, found in _random(counts):
        left = draws - counts["draws"]
        if left <= 0:
            break
        _try(found, f"random {seed}", range(min(EACH, left)), counts)
    print(dict(counts))
    sys.exit(1 if counts["broken"] else 0)


def _try(found: Envelope, name: str, seeds: range, counts: Counter[str]) -> None:
    for seed in seeds:
        verdict, near = placed(year(found, *draw(found, random.Random(f"{name}/{seed}"))))
        counts["draws"] += 1
        counts["placed by solve" if near else "placed by search"] += verdict.holds
        if not verdict.holds:
            counts["broken"] += 1
            print(f"BROKEN: {name}, draw {seed}: {[(row.rule, row.where) for row in verdict.broken]}")


def _random(counts: Counter[str]) -> Iterator[tuple[int, Envelope]]:
    """Envelopes of random scenarios; those whose plan is not safe are counted and left out."""
    for seed in range(10_000):
        with tempfile.TemporaryDirectory() as folder:
            generate(Path(folder), seed, small=True, infeasible=False)
            loaded = load(folder)
        ranges = random_ranges(loaded, random.Random(seed))
        if not ranges:
            continue
        try:
            yield seed, envelope(expected(loaded, ranges), ranges)
            counts["random scenarios"] += 1
        except NoAllocation:
            counts["random scenarios whose plan is not safe"] += 1


def random_ranges(loaded: Loaded, rng: random.Random) -> tuple[Range, ...]:
    """Bounds for some of the streams with money, at least one less than all; none where there is only one."""
    streams = [name for name, stream in loaded.scenario.streams.items() if stream.budget]
    if len(streams) < 2:
        return ()
    step = loaded.scenario.step
    found = []
    for name in sorted(rng.sample(streams, rng.randint(1, len(streams) - 1))):
        budget = loaded.scenario.streams[name].budget
        low, high = (
            budget * Decimal(rng.choice(ends)) // step * step
            for ends in (("0", "0.8", "0.9", "1"), ("1", "1.05", "1.2"))
        )
        found.append(Range(name, low, max(high, step)))
    return tuple(found)


if __name__ == "__main__":
    main()
