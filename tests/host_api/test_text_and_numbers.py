"""Card numbers, masks and the caller's language."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from host_api.core.errors import preferred_language
from host_api.core.logs import mask_card_numbers
from host_api.services.cards.card_number import is_card_number, mask_card_number, new_card_number


def test_issued_card_numbers_are_valid_and_differ() -> None:
    numbers = {new_card_number() for _ in range(200)}
    assert len(numbers) == 200
    assert all(is_card_number(number) for number in numbers)


@given(st.integers(0, 10**11 - 1), st.integers(0, 15), st.integers(1, 9))
def test_one_wrong_digit_is_found(payload: int, place: int, change: int) -> None:
    from host_api.services.cards.card_number import check_digit

    body = f"9364{payload:011d}"
    number = body + check_digit(body)
    wrong = number[:place] + str((int(number[place]) + change) % 10) + number[place + 1 :]
    assert is_card_number(number)
    assert not is_card_number(wrong)


def test_luhn_digit_of_a_published_example() -> None:
    from host_api.services.cards.card_number import check_digit

    assert check_digit("7992739871") == "3"


def test_card_numbers_are_masked_in_logs_and_answers() -> None:
    assert mask_card_number("9364120000000007") == "936412******0007"
    assert (
        mask_card_numbers("key (number)=(9364120000000007) exists")
        == "key (number)=(936412******0007) exists"
    )
    assert mask_card_numbers("rrn 000000000017") == "rrn 000000000017"


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, "en"),
        ("", "en"),
        ("fa", "fa"),
        ("fa-IR, en;q=0.9", "fa"),
        ("en, fa;q=0.9", "en"),
        ("de, fa;q=0.2", "fa"),
        ("fa;q=0, en;q=0", "en"),
        ("fa;q=x", "en"),
    ],
)
def test_language_follows_the_caller(header: str | None, language: str) -> None:
    assert preferred_language(header) == language
