"""A flat copy of a scenario is complete, whatever its tables are called."""

from __future__ import annotations

import shutil

from allocator.flatten import flatten
from allocator.load import BUNDLED, load


def test_a_table_of_another_name_is_copied_under_the_name_that_the_copy_says(tmp_path):
    folder = tmp_path / "plan"
    shutil.copytree(BUNDLED / "tutorial", folder)
    (folder / "counties.csv").rename(folder / "figures.csv")
    text = (folder / "scenario.yaml").read_text("utf-8")
    (folder / "scenario.yaml").write_text(text + "\ncounties: figures.csv\n", "utf-8")
    copy = tmp_path / "copy"
    copy.mkdir()
    for name, content in flatten(folder).items():
        (copy / name).write_bytes(content)
    assert load(copy).counties.numbers == load(folder).counties.numbers
    assert not (copy / "figures.csv").exists()
