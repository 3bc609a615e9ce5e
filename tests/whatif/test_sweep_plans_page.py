"""The page on sweep plans: every example is a plan that works, and every design has one."""

from __future__ import annotations

import re
from pathlib import Path

from allocator.load import load
from allocator.whatif.designs import KINDS
from allocator.whatif.engine import Engine
from allocator.whatif.sweep_plan import Label, read_plan


def read(text, tmp_path):
    file = tmp_path / "plan.yaml"
    file.write_text(text, encoding="utf-8")
    return read_plan(file, load("tutorial"))


def test_every_example_of_the_page_works(tmp_path):
    page = (Path(__file__).parents[2] / "docs" / "sweep-plans.md").read_text(encoding="utf-8")
    examples = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)
    plans = [read(example, tmp_path) for example in examples]
    assert {design.design for plan in plans for design in plan.designs} == set(KINDS)
    engine = Engine("tutorial")
    for plan in plans:
        for point in plan.points(engine.loaded, 0, 2):
            assert engine.solve(point).status != "failed"
    code = page.partition("```python\n")[2].partition("```")[0]
    names: dict[str, object] = {}
    exec(code, names)  # the page's own code
    assert names["plan"].size(engine.loaded) == 105
    assert names["plan"].label(engine.loaded, 5) == Label("noise", 0, 1)
    for kind in KINDS.values():
        assert read(f"designs: [{{{kind.example}}}]", tmp_path).names == (kind.design,)
