"""What reviews are about, where another service keeps it.

Such a service declares beside its logic how to see whether members may write about one::

    @checks_subject(SubjectKind.POST)
    async def _is_shown(session: AnySession, post_id: int) -> bool: ...
"""

from collections.abc import Awaitable, Callable

from host_api.core.database import AnySession
from host_api.core.path_ids import LARGEST_ID
from host_api.services.earning_events.reviews.problems import ReviewSubjectNotFound
from host_api.services.earning_events.reviews.schemas import SubjectKind

SubjectCheck = Callable[[AnySession, int], Awaitable[bool]]

_checks: dict[SubjectKind, SubjectCheck] = {}


def checks_subject(kind: SubjectKind) -> Callable[[SubjectCheck], SubjectCheck]:
    """Have a service asked before a review about something of this kind is taken."""

    def keep(check: SubjectCheck) -> SubjectCheck:
        _checks[kind] = check
        return check

    return keep


async def check_subject(session: AnySession, kind: SubjectKind, subject: str) -> None:
    """See that there is something to write about; kinds that no service checks are taken as they are.

    Raises:
        ReviewSubjectNotFound
    """
    check = _checks.get(kind)
    if check is not None and not await check(session, min(int(subject), LARGEST_ID)):
        raise ReviewSubjectNotFound
