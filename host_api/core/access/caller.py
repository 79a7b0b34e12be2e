"""Who calls the API, as every part of it knows the caller."""

from dataclasses import dataclass
from enum import StrEnum


class CallerKind(StrEnum):
    """What stands behind a request."""

    USER = "user"
    API_KEY = "api_key"
    SYSTEM = "system"


@dataclass(frozen=True, slots=True)
class Caller:
    """A caller whose credential was checked.

    Parameters:
        identity: id of the user or key; the job's name for the system itself.
        name: what people call it, for the audit log.
        programme_id: the only programme whose rows the caller reaches.
        granted: names of permissions.
        login_id: the user's login; None for keys and jobs.
        must_change_password: the user has logged in with a first password, and has to choose one.
    """

    kind: CallerKind
    identity: str
    name: str
    programme_id: int
    granted: frozenset[str]
    login_id: str | None = None
    must_change_password: bool = False

    @property
    def key(self) -> str:
        """Whom an act is ascribed to: the same for the same person, key or job."""
        return f"{self.kind}:{self.identity}"


def system_caller(job: str, programme_id: int) -> Caller:
    """The host API itself, doing `job`."""
    return Caller(CallerKind.SYSTEM, job, job, programme_id, frozenset({"*"}))
