"""What the generated models are made of."""

from functools import cached_property
from typing import Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

ItemT = TypeVar("ItemT")


class Record(BaseModel):
    """Base of all models. What an answer has beyond a model's fields is left out: a newer API may tell more.

    Of a body only what was given is sent; the API has its own defaults.
    """

    model_config = ConfigDict(
        frozen=True, validate_by_name=True, validate_by_alias=True, serialize_by_alias=True
    )

    @cached_property
    def etag(self) -> str:
        """The answer's `ETag`, to be sent as `if_match` with a change of this record.

        Two records are equal whatever it is.

        Raises:
            LookupError: the answer had none; items of lists have none.
        """
        raise LookupError("the answer had no ETag: read the record by itself")

    def with_etag(self, value: str) -> None:
        """Note the answer's `ETag`."""
        self.__dict__["etag"] = value  # where `cached_property` looks first


class Page(Record, Generic[ItemT]):
    """One page of a list."""

    items: list[ItemT]
    next_cursor: str | None


class FieldProblem(Record):
    """One field of the request that was not accepted."""

    field: str
    location: str
    code: str
    message: str
    message_fa: str


class ProblemDocument(Record):
    """An error as problem details (RFC 9457)."""

    type: str
    title: str
    title_fa: str
    status: int
    detail: str
    detail_fa: str
    errors: list[FieldProblem] = Field(default_factory=list)
