"""The summary of a sweep: one row a metric, from chunks that come in order, in flat memory."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

QUANTILES = (0.05, 0.25, 0.5, 0.75, 0.95)


class Summary:
    """Mean, spread, range and quantiles of each metric, from chunks that come in order."""

    def __init__(self, metrics: Sequence[str], every: int) -> None:
        width = len(metrics)
        self.metrics, self.every = list(metrics), every
        self.count, self.sum, self.squares = (np.zeros(width) for _ in range(3))
        self.low, self.high = np.full(width, np.inf), np.full(width, -np.inf)
        self.centre = np.full(width, np.nan)
        """First known value of each metric: spreads are taken around it, so that no digits are lost."""
        self.sample: list[NDArray[np.float64]] = []

    def add(self, start: int, values: NDArray[np.float64]) -> None:
        """Takes in points `start`, `start + 1`, …, (points, metrics)."""
        known = ~np.isnan(values)
        fresh = np.isnan(self.centre) & known.any(axis=0)
        self.centre[fresh] = values[known.argmax(axis=0)[fresh], np.flatnonzero(fresh)]
        shifted = np.where(known, values - self.centre, 0.0)
        self.count += known.sum(axis=0)
        self.sum += shifted.sum(axis=0)
        self.squares += (shifted**2).sum(axis=0)
        self.low = np.fmin(self.low, np.where(known, values, np.inf).min(axis=0, initial=np.inf))
        self.high = np.fmax(self.high, np.where(known, values, -np.inf).max(axis=0, initial=-np.inf))
        taken = (start + np.arange(len(values))) % self.every == 0
        self.sample.append(values[taken])

    def rows(self) -> Iterator[list[Any]]:
        """One row a metric."""
        every = np.concatenate(self.sample) if self.sample else np.empty((0, len(self.metrics)))
        for j, name in enumerate(self.metrics):
            own = every[:, j][~np.isnan(every[:, j])]
            if not self.count[j]:
                yield [name, 0, *[None] * (4 + len(QUANTILES)), 0]
                continue
            centre = float(self.centre[j])
            mean = self.sum[j] / self.count[j]
            spread = max(0.0, self.squares[j] / self.count[j] - mean**2) ** 0.5
            quantiles = (
                [float(q) for q in np.quantile(own, QUANTILES)] if len(own) else [None] * len(QUANTILES)
            )
            known = [mean + centre, spread, float(self.low[j]), float(self.high[j]), *quantiles]
            shown = [None if v is None else round(float(v), 6) + 0.0 for v in known]
            yield [name, int(self.count[j]), *shown, len(own)]

    def csv(self) -> bytes:
        """The summary as UTF-8 with BOM, for spreadsheets."""
        text = io.StringIO(newline="")
        writer = csv.writer(text, lineterminator="\r\n")
        heads = [f"p{round(q * 100):02d}" for q in QUANTILES]
        writer.writerow(["metric", "solved", "mean", "sd", "min", "max", *heads, "quantiles_from"])
        writer.writerows(self.rows())
        return text.getvalue().encode("utf-8-sig")
