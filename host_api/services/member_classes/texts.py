"""Reasons in people's words."""

from typing import Annotated

from pydantic import StringConstraints

Reason = Annotated[
    str,
    StringConstraints(
        strip_whitespace=True, min_length=3, max_length=200, pattern=r"^[^\x00-\x1f\x7f-\x9f]+$"
    ),
]
