"""Optimistic locking: a row that two people change at once is changed by the first only.

A row's version goes out as its `ETag` and comes back in `If-Match` (RFC 9110, sections 8.8.3 and 13.1.1).
"""

import re
from typing import Annotated

from fastapi import Header
from pydantic import AfterValidator
from pydantic_core import PydanticCustomError
from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from host_api.core.errors import Problem

_ETAG = re.compile(r'"([0-9]{1,9})"', re.ASCII)


class Versioned:
    """Base of rows that people change: each change counts `version` up, in the statement that changes it."""

    version: Mapped[int] = mapped_column(Integer, default=1)

    @declared_attr.directive
    def __mapper_args__(cls) -> dict[str, object]:  # noqa: N805  (SQLAlchemy gives the class)
        """Have SQLAlchemy check the version in the WHERE of each UPDATE and DELETE."""
        return {"version_id_col": cls.version}


class ChangedMeanwhile(Problem):
    """Somebody changed the row after it was read."""

    status = 412
    code = "changed-meanwhile"
    title = "Changed meanwhile"
    title_fa = "در این میان تغییر کرده است"
    detail = "Somebody has changed this record since you read it; read it again and repeat your change."
    detail_fa = "پس از خواندن شما این رکورد تغییر کرده است؛ دوباره بخوانید و تغییر خود را تکرار کنید."


def _version_in(text: str) -> int:
    match = _ETAG.fullmatch(text.strip())
    if match is None:
        raise PydanticCustomError("etag", 'If-Match must be the ETag of the record, such as "3"')
    return int(match[1])


IfMatch = Annotated[
    str,
    Header(
        alias="If-Match", max_length=16, description='`ETag` of the record as you read it, such as `"3"`.'
    ),
    AfterValidator(lambda text: str(_version_in(text))),
]


def etag(row: Versioned) -> str:
    """The `ETag` of `row`."""
    return f'"{row.version}"'


def check_version(row: Versioned, if_match: str) -> None:
    """See that `row` is still what the caller read.

    Raises:
        ChangedMeanwhile
    """
    if row.version != int(if_match):
        raise ChangedMeanwhile
