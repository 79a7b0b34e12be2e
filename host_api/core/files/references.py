"""Who refers to a file, so that none goes that is still needed.

A service that keeps the id of a file which people can delete declares it beside its logic::

    @refers_to_files
    async def _of_contracts(session: AnySession, file_id: int) -> list[FileUse]: ...
"""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from host_api.core.database import AnySession
from host_api.core.errors import FieldProblem, Problem


@dataclass(frozen=True, slots=True)
class FileUse:
    """What refers to a file. `code` is stable; the texts say which record it is, and name no person."""

    code: str
    text: str
    text_fa: str


UsesOfFile = Callable[[AnySession, int], Awaitable[Sequence[FileUse]]]

_users: list[UsesOfFile] = []


class FileInUse(Problem):
    """A record refers to the file; the problem's `errors` say which."""

    status = 409
    code = "file-in-use"
    title = "File in use"
    title_fa = "فایل در حال استفاده است"
    detail = "Records refer to this file; it can be deleted when they no longer do."
    detail_fa = "رکوردهایی به این فایل اشاره می‌کنند؛ تا آن زمان نمی‌توان آن را پاک کرد."

    def __init__(self, uses: Sequence[FileUse] = ()) -> None:
        super().__init__(
            [
                FieldProblem(
                    field="id", location="path", code=use.code, message=use.text, message_fa=use.text_fa
                )
                for use in uses
            ]
        )


def refers_to_files(user: UsesOfFile) -> UsesOfFile:
    """Have `user` asked before a file is deleted."""
    _users.append(user)
    return user


async def check_unused(session: AnySession, file_id: int) -> None:
    """See that nothing refers to a file.

    Raises:
        FileInUse
    """
    uses = [use for user in _users for use in await user(session, file_id)]
    if uses:
        raise FileInUse(uses)
