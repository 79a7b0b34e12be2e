"""The second thing that a user shows at a login: a code of the authenticator app, or a recovery code."""

from datetime import datetime
from enum import Enum, auto

from sqlalchemy import update

from host_api.core.access.users import TOTP_SECRET, User
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.one_time_codes import matching_recovery_code, verify_totp


class SecondFactor(Enum):
    """What became of it."""

    PASSED = auto()
    MISSING = auto()
    WRONG = auto()


async def use_second_factor(
    session: WriteSession, cipher: FieldCipher, user: User, code: str | None, now: datetime
) -> SecondFactor:
    """Check `code` where the user has an authenticator, and use it up.

    Parameters:
        user: locked by this transaction, so that of two logins with one code the second meets its use.
    """
    secret = TOTP_SECRET.open(cipher, user)
    if secret is None:
        return SecondFactor.PASSED
    if not code:
        return SecondFactor.MISSING
    step = verify_totp(
        bytes.fromhex(secret), code, now_s=int(now.timestamp()), last_used_step=user.totp_last_step
    )
    if step is not None:
        await _keep(session, user, {"totp_last_step": step})
        return SecondFactor.PASSED
    spent = matching_recovery_code(code, [bytes.fromhex(kept) for kept in user.recovery_sha256])
    if spent is not None:
        await _keep(
            session,
            user,
            {"recovery_sha256": [kept for kept in user.recovery_sha256 if kept != spent.hex()]},
        )
        return SecondFactor.PASSED
    return SecondFactor.WRONG


async def _keep(session: WriteSession, user: User, values: dict[str, object]) -> None:
    # Beside the unit of work: nobody has edited the user, so neither version nor audit log moves.
    await session.execute(update(User).where(User.id == user.id).values(**values))
