"""Ids in paths."""

from typing import Annotated

from fastapi import Path

LARGEST_ID = 999_999_999_999  # twelve digits, as the switch's messages carry them

IdInPath = Annotated[int, Path(ge=1, le=LARGEST_ID)]
