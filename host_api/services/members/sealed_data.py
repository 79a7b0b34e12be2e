"""What the members service keeps sealed of a person beside the identities and special days."""

from collections.abc import Mapping
from datetime import date
from typing import Final

from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.encryption.sealed_field import SealedField, keep_former_column
from host_api.services.members.models import Member

# Eight digits, YYYYMMDD, as the switch's records have it.
BIRTH_DATE: Final = SealedField("members.birth_date", Member.birth_date_sealed)
FIELDS: Final[Mapping[str, SealedField]] = {
    "city": SealedField("members.city", Member.city_sealed),
    "address": SealedField("members.address", Member.address_sealed),
    "postal_code": SealedField("members.postal_code", Member.postal_code_sealed),
    "sheba": SealedField("members.sheba", Member.sheba_sealed),
}

# Mobile numbers stood in the members' own table before they became identities.
keep_former_column("members", "mobile", "members.mobile")


def seal_birth_date(cipher: FieldCipher, member: Member, day: date | None) -> None:
    """Keep the day of birth."""
    BIRTH_DATE.seal(cipher, member, None if day is None else f"{day:%Y%m%d}")


def birth_date_of(cipher: FieldCipher, member: Member) -> date | None:
    """The day of birth."""
    text = BIRTH_DATE.open(cipher, member)
    return None if text is None else date(int(text[:4]), int(text[4:6]), int(text[6:]))
