"""Ranges that options of several tables have."""

from typing import Annotated

from annotated_types import Ge, Le

Share = Annotated[float, Ge(0), Le(1)]
