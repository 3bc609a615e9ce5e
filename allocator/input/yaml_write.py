"""Plain values written out as YAML, decimals digit by digit."""

from __future__ import annotations

import io
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from ruamel.yaml import YAML


def yaml_bytes(plain: Mapping[str, Any], comment: str = "") -> bytes:
    """The document as UTF-8, after comment lines."""
    stream = io.StringIO()
    writer = YAML()
    writer.allow_unicode = True
    writer.width = 110
    writer.representer.add_representer(Decimal, _represent)
    writer.dump(dict(plain), stream)
    head = "".join(f"# {line}\n" for line in comment.splitlines())
    return (head + stream.getvalue()).encode("utf-8")


def _represent(representer: Any, value: Decimal) -> Any:
    """A decimal, digit by digit as it was written."""
    return representer.represent_scalar("tag:yaml.org,2002:float", format(value, "f"))
