"""Kinds of identities: those that are built in, those of the club's own, and how a value is written."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from sqlalchemy import select

from host_api.core.database import AnySession
from host_api.core.iran.national_id import parse_national_id
from host_api.core.iran.number_fault import NumberFault
from host_api.core.iran.phone_numbers import parse_mobile_number
from host_api.core.persian_text import fold_digits
from host_api.services.members.identities.models import IdentityKindRow

KIND_PATTERN: Final = r"^[a-z][a-z0-9_]{1,31}$"
LONGEST_VALUE: Final = 120
EMAIL_PATTERN: Final = r"^[^@\s\x00-\x20]{1,64}@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$"
_EMAIL: Final = re.compile(EMAIL_PATTERN)
_SEPARATORS: Final = re.compile(r"[\s\-_/.\u200c\u200e\u200f]+")


class BuiltIn(StrEnum):
    """Kinds that every programme has."""

    MOBILE = "mobile"
    EMAIL = "email"
    NATIONAL_ID = "national_id"
    PASSPORT = "passport"
    EMPLOYEE_NUMBER = "employee_number"
    STUDENT_NUMBER = "student_number"


@dataclass(frozen=True, slots=True)
class IdentityKind:
    """A kind, and the club's policy for it.

    Attributes:
        is_unique: no two members have the same value.
        version: of the club's own row, 0 without one.
    """

    kind: str
    title: str
    title_fa: str
    is_unique: bool
    version: int = 0


BUILT_IN: Final = {
    kind.kind: kind
    for kind in (
        IdentityKind(BuiltIn.MOBILE.value, "Mobile number", "شمارهٔ همراه", is_unique=False),
        IdentityKind(BuiltIn.EMAIL.value, "E-mail", "نشانی ایمیل", is_unique=False),
        IdentityKind(BuiltIn.NATIONAL_ID.value, "National id", "کد ملی", is_unique=True),
        IdentityKind(BuiltIn.PASSPORT.value, "Passport", "گذرنامه", is_unique=True),
        IdentityKind(BuiltIn.EMPLOYEE_NUMBER.value, "Employee number", "شمارهٔ کارمندی", is_unique=True),
        IdentityKind(BuiltIn.STUDENT_NUMBER.value, "Student number", "شمارهٔ دانشجویی", is_unique=True),
    )
}


async def kinds_of(session: AnySession) -> Mapping[str, IdentityKind]:
    """All kinds of the session's programme, the built-in ones first."""
    found = dict(BUILT_IN)
    for row in await session.scalars(select(IdentityKindRow).order_by(IdentityKindRow.kind)):
        base = found.get(row.kind, IdentityKind(row.kind, row.title, row.title_fa, row.is_unique))
        found[row.kind] = replace(
            base, title=row.title, title_fa=row.title_fa, is_unique=row.is_unique, version=row.version
        )
    return found


def canonical(kind: str, text: str) -> str:
    """`text` as identities of the kind are kept and compared.

    Raises:
        ValueError: it is no identity of the kind. Tells nothing of it.
    """
    try:
        return _FORMS.get(kind, _plain_number)(text)
    except NumberFault as fault:
        raise ValueError(fault.message) from None


def canonical_email(text: str) -> str:
    """An e-mail address in small letters; mail servers that tell them apart are not met with.

    Raises:
        ValueError
    """
    folded = text.strip().lower()
    if not _EMAIL.fullmatch(folded) or len(folded) > LONGEST_VALUE:
        raise ValueError("Not an e-mail address")
    return folded


def _plain_number(text: str) -> str:
    folded = _SEPARATORS.sub("", fold_digits(text)).upper()
    if not folded or len(folded) > LONGEST_VALUE or not folded.isprintable():
        raise ValueError("Not a number of this kind")
    return folded


_FORMS: Final[Mapping[str, Callable[[str], str]]] = {
    BuiltIn.MOBILE: parse_mobile_number,
    BuiltIn.NATIONAL_ID: parse_national_id,
    BuiltIn.EMAIL: canonical_email,
}
