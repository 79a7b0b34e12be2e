"""Who is logged in. No clock and no random source of its own; a restart of the switch ends all sessions."""

import base64
import hashlib
import hmac
from collections.abc import Callable
from typing import Final

from switch.console.access.roles import Role
from switch.console.access.users import Language, User

SESSIONS_MAX: Final = 64
SESSIONS_OF_USER_MAX: Final = 5
LONGEST_S: Final = 12 * 3600.0
# A picture on the wall may stay all day; what can act may not.
IDLE_S: Final = {Role.VIEWER: LONGEST_S, Role.OPERATOR: 3600.0, Role.SUPERVISOR: 1800.0}

_TOKEN_BYTES: Final = 32
_TOKEN_CHARACTERS_MAX: Final = 64

RandomBytes = Callable[[int], bytes]


class Session:
    """One login; times are monotonic seconds. `csrf` must come with whatever changes something."""

    __slots__ = ("began_s", "csrf", "language", "seen_s", "user")

    def __init__(self, user: User, language: Language, csrf: str, now_s: float) -> None:
        self.user = user
        self.language = language
        self.csrf = csrf
        self.began_s = self.seen_s = now_s

    def is_over(self, now_s: float) -> bool:
        """Whether it was idle for too long, or goes on for too long."""
        idle_s = IDLE_S[self.user.rank]
        return now_s - self.began_s >= LONGEST_S or now_s - self.seen_s >= idle_s

    def is_csrf(self, given: str) -> bool:
        """Whether this is the token that proves that our own page asks."""
        return hmac.compare_digest(given.encode(errors="replace"), self.csrf.encode())


class Sessions:
    """All sessions, by a digest of their token: what is in memory opens nothing."""

    def __init__(self, random_bytes: RandomBytes) -> None:
        self._random_bytes = random_bytes
        self._sessions: dict[bytes, Session] = {}

    def __len__(self) -> int:
        return len(self._sessions)

    def begin(self, user: User, language: Language, now_s: float) -> tuple[str, Session]:
        """The token of a new session, and the session. The oldest ones go where there would be too many."""
        for digest in [digest for digest, each in self._sessions.items() if each.is_over(now_s)]:
            del self._sessions[digest]
        own = [digest for digest, each in self._sessions.items() if each.user.name == user.name]
        for digest in own[: max(0, len(own) - SESSIONS_OF_USER_MAX + 1)]:
            del self._sessions[digest]
        while len(self._sessions) >= SESSIONS_MAX:
            del self._sessions[next(iter(self._sessions))]
        token = self._token()
        session = self._sessions[_digest(token)] = Session(user, language, self._token(), now_s)
        return token, session

    def find(self, token: str, now_s: float) -> Session | None:
        """The session of a token, while it lasts."""
        session = self._sessions.get(_digest(token)) if len(token) <= _TOKEN_CHARACTERS_MAX else None
        if session is not None and session.is_over(now_s):
            self.end(token)
            return None
        return session

    def end(self, token: str) -> None:
        """Log out."""
        self._sessions.pop(_digest(token), None)

    def _token(self) -> str:
        return base64.urlsafe_b64encode(self._random_bytes(_TOKEN_BYTES)).rstrip(b"=").decode()


def _digest(token: str) -> bytes:
    return hashlib.sha256(token.encode(errors="replace")).digest()
