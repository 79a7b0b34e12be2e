"""The numbers as field types: any usual writing comes in, the canonical form is kept and goes out.

An error has the kind as its code, and `reason` and `message_fa` in its context. A model with such a field
wants `hide_input_in_errors=True`, else pydantic's own text of a failed validation repeats the value.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Final

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from host_api.core.iran.bank_card import parse_bank_card_number
from host_api.core.iran.legal_person_id import parse_legal_person_id
from host_api.core.iran.national_id import parse_national_id
from host_api.core.iran.number_fault import NumberFault
from host_api.core.iran.phone_numbers import parse_landline_number, parse_mobile_number
from host_api.core.iran.postal_code import parse_postal_code
from host_api.core.iran.sheba import parse_sheba
from host_api.core.iran.written_digits import LONGEST_WRITTEN, SEPARATOR, written_pattern


@dataclass(frozen=True, slots=True)
class WrittenNumber:
    """Annotation of a string that holds a number of one kind.

    Parameters:
        parse: gives the canonical form or raises NumberFault.
        description: what stands in the OpenAPI document.
        written: pattern that every accepted writing matches.
        canonical: pattern of what `parse` gives.
        example: a canonical value that is published as an example.
    """

    parse: Callable[[str], str]
    description: str
    written: str
    canonical: str
    example: str

    def __get_pydantic_core_schema__(self, source: type[str], handler: GetCoreSchemaHandler) -> CoreSchema:
        """A string, then `parse`."""
        return core_schema.no_info_after_validator_function(self._validated, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """A string with a pattern: of any writing coming in, of the canonical form going out."""
        described = handler(schema) | {"description": self.description, "examples": [self.example]}
        if handler.mode == "validation":
            return described | {"pattern": self.written, "maxLength": LONGEST_WRITTEN}
        return described | {"pattern": self.canonical}

    def _validated(self, text: str) -> str:
        try:
            return self.parse(text)
        except NumberFault as fault:
            context = {"reason": fault.reason.value, "message_fa": fault.message_fa}
            raise PydanticCustomError(fault.kind.value, fault.message, context) from None


_SCRIPTS: Final = "Persian and Arabic digits, spaces and hyphens are accepted."
_PREFIX_OF_COUNTRY: Final = r"\+?"

NationalId = Annotated[
    str,
    WrittenNumber(
        parse_national_id,
        description=f"National id of a person, 10 digits. {_SCRIPTS}",
        written=written_pattern(10, 10),
        canonical="^[0-9]{10}$",
        example="0013542419",
    ),
]
LegalPersonId = Annotated[
    str,
    WrittenNumber(
        parse_legal_person_id,
        description=f"National id of a legal person, 11 digits. {_SCRIPTS}",
        written=written_pattern(11, 11),
        canonical="^[0-9]{11}$",
        example="14007650912",
    ),
]
Sheba = Annotated[
    str,
    WrittenNumber(
        parse_sheba,
        description=f"Sheba (IBAN of Iran): IR and 24 digits. {_SCRIPTS}",
        written=written_pattern(24, 24, before=f"(?:[Ii]{SEPARATOR}*[Rr])?"),
        canonical="^IR[0-9]{24}$",
        example="IR580540105180021273113007",
    ),
]
MobileNumber = Annotated[
    str,
    WrittenNumber(
        parse_mobile_number,
        description=f"Iranian mobile number, kept as +989…; 09…, 989… and 00989… come in too. {_SCRIPTS}",
        written=written_pattern(10, 14, before=_PREFIX_OF_COUNTRY),
        canonical=r"^\+989[0-9]{9}$",
        example="+989123456789",
    ),
]
LandlineNumber = Annotated[
    str,
    WrittenNumber(
        parse_landline_number,
        description=f"Iranian landline number with its area code, kept as +98…. {_SCRIPTS}",
        written=written_pattern(10, 14, before=_PREFIX_OF_COUNTRY),
        canonical=r"^\+98[1-8][0-9]{9}$",
        example="+982123456789",
    ),
]
PostalCode = Annotated[
    str,
    WrittenNumber(
        parse_postal_code,
        description=f"Postal code, 10 digits. {_SCRIPTS}",
        written=written_pattern(10, 10),
        canonical="^[13-9]{5}[0-9]{5}$",
        example="1193653471",
    ),
]
BankCardNumber = Annotated[
    str,
    WrittenNumber(
        parse_bank_card_number,
        description=f"Number of a bank card, 16 digits. {_SCRIPTS}",
        written=written_pattern(16, 16),
        canonical="^[1-9][0-9]{15}$",
        example="6037991234567893",
    ),
]
