"""A year's scenario as a folder of its own, with the columns that the year before filled in."""

from __future__ import annotations

import csv
import io

from allocator.flatten import flatten
from allocator.input.extends import read_chain
from allocator.input.yaml_tree import parse_yaml
from allocator.input.yaml_write import yaml_bytes
from allocator.load import find, table_path
from allocator.years.series import Fed


def scenario_copy(year: Fed) -> dict[str, bytes]:
    """File name → bytes; the first year's is a plain copy, the others' county table is written anew."""
    files = flatten(year.source)
    if not year.fed:
        return files
    chain = read_chain(find(year.source))
    path = table_path(chain.tree, chain, "counties", "counties.csv")
    if path is not None and path.suffix.lower() != ".csv":
        del files[path.name]
        plain = parse_yaml(files["scenario.yaml"].decode(), "scenario.yaml").plain()
        files["scenario.yaml"] = yaml_bytes({**plain, "counties": "counties.csv"})
    files["counties.csv"] = _table(year)
    return files


def _table(year: Fed) -> bytes:
    """The county table with every column of the file, in order of code."""
    text = year.loaded.counties.text
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(text)
    writer.writerows(zip(*text.values(), strict=True))
    return out.getvalue().encode("utf-8-sig")
