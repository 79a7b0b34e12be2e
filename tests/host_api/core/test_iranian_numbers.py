"""Iranian numbers: published examples, every usual writing, and nothing of a refused value in an error."""

from collections.abc import Callable

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from host_api.core.iran.bank_card import bank_of_card, parse_bank_card_number
from host_api.core.iran.banks import BANKS
from host_api.core.iran.legal_person_id import parse_legal_person_id
from host_api.core.iran.national_id import parse_national_id
from host_api.core.iran.number_fault import FaultReason, NumberFault, NumberKind
from host_api.core.iran.phone_numbers import domestic_number, parse_landline_number, parse_mobile_number
from host_api.core.iran.postal_code import parse_postal_code
from host_api.core.iran.sheba import bank_of_sheba, grouped_sheba, parse_sheba
from host_api.services.cards.card_number import new_card_number, parse_card_number

Parse = Callable[[str], str]

PARSERS: dict[NumberKind, Parse] = {
    NumberKind.NATIONAL_ID: parse_national_id,
    NumberKind.LEGAL_PERSON_ID: parse_legal_person_id,
    NumberKind.SHEBA: parse_sheba,
    NumberKind.MOBILE_NUMBER: parse_mobile_number,
    NumberKind.LANDLINE_NUMBER: parse_landline_number,
    NumberKind.POSTAL_CODE: parse_postal_code,
    NumberKind.BANK_CARD_NUMBER: parse_bank_card_number,
    NumberKind.CARD_NUMBER: parse_card_number,
}

# Examples that public libraries and documents print: laravel-persian-validation and persian-tools (national
# ids, legal persons, postal code, cards), the SWIFT IBAN registry (the first Sheba), the worked example of
# computerteacher.ir (0183382390).
PUBLISHED = [
    (parse_national_id, "0013542419"),
    (parse_national_id, "0183382390"),
    (parse_national_id, "0959744487"),
    (parse_legal_person_id, "10380284790"),
    (parse_legal_person_id, "14007650912"),
    (parse_sheba, "IR580540105180021273113007"),
    (parse_sheba, "IR820540102680020817909002"),
    (parse_sheba, "IR062960000000100324200001"),
    (parse_postal_code, "1193653471"),
    (parse_bank_card_number, "6037701689095443"),
    (parse_bank_card_number, "6219861034529007"),
]

numerals = st.sampled_from(["0123456789", "۰۱۲۳۴۵۶۷۸۹", "٠١٢٣٤٥٦٧٨٩"])
separators = st.sampled_from(["", " ", "-", "\u200c", "\u200e", "\u00a0"])


def in_script(text: str, script: str) -> str:
    return text.translate({ord("0") + digit: script[digit] for digit in range(10)})


def refusal(parse: Parse, text: str) -> NumberFault:
    with pytest.raises(NumberFault) as caught:
        parse(text)
    return caught.value


@pytest.mark.parametrize(("parse", "number"), PUBLISHED, ids=[number for _, number in PUBLISHED])
def test_published_examples_are_accepted(parse: Parse, number: str) -> None:
    assert parse(number) == number


@given(st.sampled_from(PUBLISHED), numerals, separators, st.integers(1, 5))
def test_any_usual_writing_gives_the_canonical_form(
    example: tuple[Parse, str], script: str, separator: str, group: int
) -> None:
    parse, number = example
    written = separator.join(number[place : place + group] for place in range(0, len(number), group))
    assert parse(in_script(written, script)) == number


@given(st.sampled_from(list(PARSERS)), st.text(max_size=80))
def test_no_text_raises_anything_else_and_what_is_given_is_canonical(kind: NumberKind, text: str) -> None:
    parse = PARSERS[kind]
    try:
        number = parse(text)
    except NumberFault as fault:
        assert fault.kind is kind
    else:
        assert parse(number) == number


@given(
    st.sampled_from(list(PARSERS)),
    st.text(alphabet="0123456789۰۱۲۳۴۵۶۷۸۹+IR -\u200c", min_size=8, max_size=80),
)
def test_a_refusal_tells_nothing_of_the_value(kind: NumberKind, text: str) -> None:
    try:
        PARSERS[kind](text)
    except NumberFault as fault:
        shown = f"{fault!r} {fault} {fault.args} {fault.message} {fault.message_fa}"
        assert text not in shown
        assert fault.__cause__ is None and fault.__context__ is None


@pytest.mark.parametrize(
    ("parse", "text", "reason"),
    [
        (parse_national_id, "1111111111", FaultReason.REPEATED),
        (parse_national_id, "0000000000", FaultReason.REPEATED),
        (parse_national_id, "0013542418", FaultReason.CHECK_DIGIT),
        (parse_national_id, "013542419", FaultReason.LENGTH),
        (parse_national_id, "00135424190", FaultReason.LENGTH),
        (parse_national_id, "001354241O", FaultReason.CHARACTERS),
        (parse_national_id, "", FaultReason.LENGTH),
        (parse_national_id, "²013542419", FaultReason.CHARACTERS),
        (parse_legal_person_id, "10380284792", FaultReason.CHECK_DIGIT),
        (parse_legal_person_id, "10380285692", FaultReason.CHECK_DIGIT),
        (parse_legal_person_id, "11111111111", FaultReason.REPEATED),
        (parse_legal_person_id, "10300000090", FaultReason.REPEATED),
        (parse_legal_person_id, "1038028479", FaultReason.LENGTH),
        (parse_sheba, "IR012345678901234567890123", FaultReason.CHECK_DIGIT),
        (parse_sheba, "IR58054010518002127311300", FaultReason.LENGTH),
        (parse_sheba, "DE580540105180021273113007", FaultReason.CHARACTERS),
        (parse_sheba, "IRIR0540105180021273113007", FaultReason.CHARACTERS),
        (parse_mobile_number, "02188776655", FaultReason.PREFIX),
        (parse_mobile_number, "+19123456789", FaultReason.PREFIX),
        (parse_mobile_number, "0912345678", FaultReason.LENGTH),
        (parse_mobile_number, "091234567890", FaultReason.LENGTH),
        (parse_mobile_number, "++989123456789", FaultReason.CHARACTERS),
        (parse_mobile_number, "+", FaultReason.PREFIX),
        (parse_landline_number, "09123456789", FaultReason.PREFIX),
        (parse_landline_number, "02212345678", FaultReason.PREFIX),
        (parse_landline_number, "02102345678", FaultReason.PREFIX),
        (parse_landline_number, "88776655", FaultReason.LENGTH),
        (parse_postal_code, "1111111111", FaultReason.REPEATED),
        (parse_postal_code, "0423437584", FaultReason.PREFIX),
        (parse_postal_code, "142386473", FaultReason.LENGTH),
        (parse_bank_card_number, "6219861034529008", FaultReason.CHECK_DIGIT),
        (parse_bank_card_number, "621986103452900", FaultReason.LENGTH),
        (parse_bank_card_number, "0000000000000000", FaultReason.REPEATED),
        (parse_card_number, "6219861034529007", FaultReason.PREFIX),
        (parse_card_number, "9364120000000008", FaultReason.CHECK_DIGIT),
        (parse_card_number, "936412000000000", FaultReason.LENGTH),
    ],
)
def test_what_is_wrong_is_told(parse: Parse, text: str, reason: FaultReason) -> None:
    assert refusal(parse, text).reason is reason


@pytest.mark.parametrize("kind", list(NumberKind))
@pytest.mark.parametrize("reason", list(FaultReason))
def test_every_fault_has_both_texts(kind: NumberKind, reason: FaultReason) -> None:
    fault = NumberFault(kind, reason)
    assert fault.message.isascii()
    assert not fault.message_fa.isascii()


def test_a_text_too_long_is_refused_before_it_is_read() -> None:
    assert refusal(parse_national_id, " " * 60 + "0013542419").reason is FaultReason.LENGTH


@given(st.integers(0, 10**9 - 1), st.integers(0, 8), st.integers(1, 9))
def test_one_mistyped_digit_of_a_national_id_is_found(body: int, place: int, change: int) -> None:
    digits = f"{body:09d}"
    mistyped = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assume(len(set(digits)) > 1 and len(set(mistyped)) > 1)
    (fitting,) = (last for last in "0123456789" if _is_accepted(parse_national_id, digits + last))
    # Of eleven remainders, 1 and 10 share a check digit.
    assert not _is_accepted(parse_national_id, mistyped + fitting) or fitting == "1"


def _is_accepted(parse: Parse, text: str) -> bool:
    try:
        parse(text)
    except NumberFault:
        return False
    return True


@given(st.integers(0, 10**10 - 1))
def test_exactly_one_check_digit_fits_a_legal_person(body: int) -> None:
    digits = f"{body:010d}"
    assume(digits[3:9] != "000000" and len(set(digits)) > 1)
    fitting = [last for last in "0123456789" if _is_accepted(parse_legal_person_id, digits + last)]
    assert len(fitting) == 1


@given(st.integers(0, 10**22 - 1), st.integers(0, 23), st.integers(1, 9))
def test_a_sheba_is_what_iso_7064_says(account: int, place: int, change: int) -> None:
    body = f"{account:022d}"
    check = 98 - int(f"{body}182700") % 97  # I is 18 and R is 27
    digits = f"{check:02d}{body}"
    assert parse_sheba(f"ir{digits}") == f"IR{digits}"
    wrong = digits[:place] + str((int(digits[place]) + change) % 10) + digits[place + 1 :]
    assert refusal(parse_sheba, wrong).reason is FaultReason.CHECK_DIGIT


@pytest.mark.parametrize(("check", "twin"), [(97, 0), (98, 1), (2, 99)])
def test_a_sheba_has_no_second_pair_of_check_digits(check: int, twin: int) -> None:
    body = next(
        f"{account:022d}" for account in range(1000) if 98 - int(f"{account:022d}182700") % 97 == check
    )
    assert parse_sheba(f"{check:02d}{body}") == f"IR{check:02d}{body}"
    assert refusal(parse_sheba, f"{twin:02d}{body}").reason is FaultReason.CHECK_DIGIT


def test_banks_are_known_by_sheba_and_by_card() -> None:
    by_sheba = bank_of_sheba("IR580540105180021273113007")
    assert by_sheba is not None and by_sheba.name == "Parsian Bank"
    assert bank_of_sheba("IR062960000000100324200001") is None
    by_card = bank_of_card("6037701689095443")
    assert by_card is not None and by_card.code == "016"
    assert bank_of_card("4000000000000002") is None


def test_no_code_and_no_prefix_stands_twice() -> None:
    codes = [bank.code for bank in BANKS]
    prefixes = [prefix for bank in BANKS for prefix in bank.card_prefixes]
    assert len(set(codes)) == len(codes)
    assert len(set(prefixes)) == len(prefixes)
    assert all(len(code) == 3 and code.isdigit() for code in codes)
    assert all(len(prefix) == 6 and prefix.isdigit() for prefix in prefixes)


def test_a_sheba_is_printed_in_fours() -> None:
    assert grouped_sheba("IR580540105180021273113007") == "IR58 0540 1051 8002 1273 1130 07"
    assert parse_sheba(grouped_sheba("IR580540105180021273113007")) == "IR580540105180021273113007"


@pytest.mark.parametrize(
    "written",
    [
        "09123456789",
        "9123456789",
        "+989123456789",
        "00989123456789",
        "989123456789",
        "۰۹۱۲۳۴۵۶۷۸۹",
        "٠٩١٢٣٤٥٦٧٨٩",
        "0912 345 67-89",
        "\u200e+98 (912) 345.6789",
    ],
)
def test_mobile_numbers_take_one_form(written: str) -> None:
    assert parse_mobile_number(written) == "+989123456789"


@pytest.mark.parametrize(
    "written", ["02188776655", "۰۲۱-۸۸۷۷۶۶۵۵", "+98 21 8877 6655", "(021) 88776655", "0098 21 88776655"]
)
def test_landline_numbers_take_one_form(written: str) -> None:
    assert parse_landline_number(written) == "+982188776655"


def test_numbers_are_dialled_within_iran_with_a_zero() -> None:
    assert domestic_number("+989123456789") == "09123456789"
    assert domestic_number("+982188776655") == "02188776655"


def test_our_own_card_numbers_are_read_in_groups() -> None:
    number = new_card_number()
    assert parse_card_number(f"{number[:4]}-{number[4:8]} {number[8:12]} {number[12:]}") == number
