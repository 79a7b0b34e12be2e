"""Field types of Iranian numbers: what they take and tell, and how they stand in the OpenAPI document."""

import re
from typing import Annotated

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from host_api.core.iran.schema_types import (
    BankCardNumber,
    LandlineNumber,
    LegalPersonId,
    MobileNumber,
    NationalId,
    PostalCode,
    Sheba,
)

ADAPTERS: dict[str, TypeAdapter[str]] = {
    "national_id": TypeAdapter(NationalId),
    "legal_person_id": TypeAdapter(LegalPersonId),
    "sheba": TypeAdapter(Sheba),
    "mobile_number": TypeAdapter(MobileNumber),
    "landline_number": TypeAdapter(LandlineNumber),
    "postal_code": TypeAdapter(PostalCode),
    "bank_card_number": TypeAdapter(BankCardNumber),
}

kinds = pytest.mark.parametrize("kind", list(ADAPTERS))


@kinds
def test_the_example_is_accepted_and_matches_both_patterns(kind: str) -> None:
    adapter = ADAPTERS[kind]
    accepted = adapter.json_schema(mode="validation")
    kept = adapter.json_schema(mode="serialization")
    (example,) = accepted["examples"]
    assert adapter.validate_python(example) == example
    assert re.search(accepted["pattern"], example)
    assert re.search(kept["pattern"], example)
    assert accepted["type"] == kept["type"] == "string"
    assert accepted["description"] == kept["description"]


@kinds
def test_a_refusal_has_the_kind_as_its_code_and_a_persian_text(kind: str) -> None:
    with pytest.raises(ValidationError) as caught:
        ADAPTERS[kind].validate_python("55555")
    (error,) = caught.value.errors()
    assert error["type"] == kind
    assert error["ctx"]["reason"] == "length"
    assert error["ctx"]["message_fa"]
    assert "55555" not in error["msg"]


@kinds
def test_only_text_is_taken(kind: str) -> None:
    with pytest.raises(ValidationError):
        ADAPTERS[kind].validate_python(9123456789)


@given(
    st.sampled_from(list(ADAPTERS)),
    st.sampled_from(["0013542419", "10380284790", "IR580540105180021273113007", "6037701689095443"])
    | st.sampled_from(["09123456789", "+98 (21) 8877-6655", "1193653471", "00989123456789", "i r"]),
    st.lists(st.tuples(st.integers(0, 30), st.sampled_from(list(" -./()\u200c\u200e\u2067+۰"))), max_size=6),
)
def test_whatever_is_accepted_matches_the_pattern_of_its_schema(
    kind: str, number: str, inserted: list[tuple[int, str]]
) -> None:
    for place, character in inserted:
        number = number[:place] + character + number[place:]
    adapter = ADAPTERS[kind]
    try:
        canonical = adapter.validate_python(number)
    except ValidationError:
        return
    schema = adapter.json_schema(mode="validation")
    assert re.search(schema["pattern"], number)
    assert len(number) <= schema["maxLength"]
    assert re.search(adapter.json_schema(mode="serialization")["pattern"], canonical)


def test_a_model_that_hides_its_input_shows_nothing_of_it() -> None:
    class Person(BaseModel):
        model_config = ConfigDict(hide_input_in_errors=True)

        national_id: Annotated[NationalId | None, "kept encrypted"] = None

    with pytest.raises(ValidationError) as caught:
        Person(national_id="0013542418")
    assert "0013542418" not in str(caught.value)
    assert Person(national_id="۰۰۱۳۵۴۲۴۱۹").national_id == "0013542419"
    assert Person().national_id is None
