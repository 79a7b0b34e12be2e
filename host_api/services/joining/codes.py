"""Codes that prove a mobile number: made, put into a text for the gateway, compared."""

import secrets
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import func, select

from host_api.core.clock import utc_now
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.isolation import programme_of
from host_api.core.persian_text import persian_digits
from host_api.core.texted_codes import CodeOutcome, TextedCode, issue_code, try_code
from host_api.services.joining.models import MOBILE, Application
from host_api.services.joining.problems import TooManyCodes
from host_api.services.messages import logic as messages

_PURPOSE: Final = "joining"
# For one number, whatever applications it stands in: nobody is to be flooded in the club's name.
_MOST_A_DAY: Final = 10
_APART: Final = timedelta(minutes=1)


async def send(session: WriteSession, cipher: FieldCipher, application: Application) -> None:
    """Have a fresh code texted to an application's number, in place of any earlier one.

    Raises:
        TooManyCodes
    """
    now = utc_now()
    receiver = MOBILE.open(cipher, application) or ""
    await _check_number(session, cipher, receiver, now)
    code, kept = issue_code(
        _key(session, cipher),
        purpose=_PURPOSE,
        receiver=receiver,
        now=now,
        random_below=secrets.randbelow,
        random_bytes=secrets.token_bytes,
    )
    _keep(application, kept)
    application.codes_sent += 1
    application.code_sent_at = now
    await messages.send_sealed(
        session,
        cipher,
        receiver,
        topic=_PURPOSE,
        reference=str(application.id),
        text=f"کد عضویت شما: {persian_digits(code)}\n{code}",
        expires_at=kept.expires_at,
    )


async def compare(
    session: WriteSession, cipher: FieldCipher, application: Application, typed: str
) -> CodeOutcome:
    """Compare what was typed; the try counts, so the transaction is committed whatever comes of it."""
    if (
        application.code_salt is None
        or application.code_digest is None
        or application.code_expires_at is None
    ):
        return CodeOutcome.SPENT
    kept = TextedCode(
        application.code_salt,
        application.code_digest,
        application.code_expires_at,
        application.code_tries_left,
    )
    receiver = MOBILE.open(cipher, application) or ""
    outcome, kept = try_code(
        _key(session, cipher), kept, typed, purpose=_PURPOSE, receiver=receiver, now=utc_now()
    )
    _keep(application, kept)
    if outcome is CodeOutcome.ACCEPTED:
        await forget_texts(session, application)
    await session.flush()
    return outcome


async def forget_texts(session: WriteSession, application: Application) -> None:
    """Delete the text of an application's code."""
    await messages.forget(session, topic=_PURPOSE, reference=str(application.id))


async def _check_number(session: WriteSession, cipher: FieldCipher, receiver: str, now: datetime) -> None:
    same = MOBILE.equals(cipher, programme_of(session.sync_session), receiver)
    sent, last_at = (
        await session.execute(
            select(func.sum(Application.codes_sent), func.max(Application.code_sent_at)).where(
                same, Application.created_at > now - timedelta(days=1)
            )
        )
    ).one()
    if (sent or 0) >= _MOST_A_DAY or (last_at is not None and now < last_at + _APART):
        raise TooManyCodes


def _keep(application: Application, kept: TextedCode) -> None:
    application.code_salt, application.code_digest = kept.salt, kept.digest
    application.code_expires_at, application.code_tries_left = kept.expires_at, kept.tries_left


def _key(session: WriteSession, cipher: FieldCipher) -> bytes:
    """The programme's key for these codes, 32 bytes: another one after a rotation, which outlives no code."""
    return cipher.index(programme_of(session.sync_session), "joining.texted_codes", _PURPOSE)[-32:]
