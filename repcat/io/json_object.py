"""JSON object: the top of every JSON file that repcat writes."""

from __future__ import annotations

import json
from typing import Any


def parse_object(text: str | bytes) -> dict[str, Any]:
    """Read a JSON object.

    Raises:
        ValueError: where it is anything else, is not UTF-8, or is nested too deep to be read.
    """
    try:
        found = json.loads(text)
    except RecursionError:
        msg = "it is nested too deep"
        raise ValueError(msg) from None
    if not isinstance(found, dict):
        msg = "it is no JSON object"
        raise ValueError(msg)
    return found
