"""What somebody who wants to join has told, and whether that is enough."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, cast

from pydantic import TypeAdapter

from host_api.core.encryption.field_cipher import FieldCipher
from host_api.services.joining.models import DETAILS, Application, JoiningPolicy
from host_api.services.joining.problems import FormIncomplete
from host_api.services.joining.schemas import Way

# On these ways anybody can type any number: a code proves that it is theirs.
WITH_CODE: Final = (Way.APP, Way.WEB)
_DETAILS: Final = TypeAdapter(dict[str, object])


@dataclass(frozen=True, slots=True)
class Wish:
    """What somebody who wants to join has told."""

    way: Way
    club_level: str | None
    details: Mapping[str, object]

    @property
    def name(self) -> str | None:
        """The name, None where it was not told."""
        return self._text("name")

    @property
    def mobile(self) -> str | None:
        """The mobile number."""
        return self._text("mobile")

    @property
    def national_id(self) -> str | None:
        """The national id."""
        return self._text("national_id")

    @property
    def interests(self) -> list[str]:
        """Codes of interests."""
        return cast("list[str]", self.details.get("interests", []))

    @property
    def text(self) -> str:
        """The details as they are sealed."""
        return _DETAILS.dump_json(dict(self.details)).decode()

    def _text(self, name: str) -> str | None:
        value = self.details.get(name)
        return value if isinstance(value, str) and value else None


def wish_of(cipher: FieldCipher, application: Application) -> Wish:
    """What was told; nothing of it once the application is over."""
    text = DETAILS.open(cipher, application)
    details = {} if text is None else _DETAILS.validate_json(text)
    return Wish(Way(application.way), application.club_level or None, details)


def check_form(policy: JoiningPolicy, wish: Wish) -> None:
    """See that the wish has all that the policy asks for.

    Raises:
        FormIncomplete: names what is missing.
    """
    needed = {*policy.required_fields, *(("mobile",) if wish.way in WITH_CODE else ())}
    missing = sorted(needed - wish.details.keys())
    given = cast("list[int]", wish.details.get("agreements", []))
    if set(policy.required_agreements) - set(given):
        missing.append("agreements")
    if missing:
        raise FormIncomplete(missing)
