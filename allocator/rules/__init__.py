"""Policy rules, one file each. Nothing to register: the folder is read."""

from __future__ import annotations

import importlib
import pkgutil
from typing import Annotated, Any, Union

from pydantic import Field

from allocator.rules.base import Rule


def _discover() -> dict[str, type[Rule]]:
    found: dict[str, type[Rule]] = {}
    for module in sorted(m.name for m in pkgutil.iter_modules(__path__) if m.name != "base"):
        path = f"{__name__}.{module}"
        for value in vars(importlib.import_module(path)).values():
            if isinstance(value, type) and issubclass(value, Rule) and value.__module__ == path:
                found[module] = value
    return found


KINDS: dict[str, type[Rule]] = _discover()
"""Kind → class; a kind is named like its file."""

AnyRule: Any = Annotated[Union[tuple(KINDS.values())], Field(discriminator="kind")]  # noqa: UP007
"""Any rule, told apart by `kind`."""
