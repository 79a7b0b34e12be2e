"""A member's plastic."""

from dataclasses import dataclass, field


def check_digit(digits: str) -> str:
    """The digit that completes `digits` by the Luhn formula (ISO/IEC 7812-1 annex B)."""
    total = 0
    for position, digit in enumerate(reversed(digits)):
        value = int(digit) * (2 if position % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)


@dataclass(frozen=True, slots=True)
class Card:
    """What a stripe carries. The number includes its check digit; expiry is YYMM."""

    number: str = field(repr=False)
    expiry: str = "3012"
    service_code: str = "101"
    discretionary: str = field(default="", repr=False)

    @property
    def track2(self) -> str:
        """The characters between the sentinels (ISO/IEC 7813)."""
        return f"{self.number}={self.expiry}{self.service_code}{self.discretionary}"

    @classmethod
    def issue(cls, issuer: str, serial: int, expiry: str = "3012") -> "Card":
        """A 16-digit card of `issuer` (its leading digits) with its check digit."""
        body = issuer + str(serial).zfill(15 - len(issuer))
        return cls(body + check_digit(body), expiry)
