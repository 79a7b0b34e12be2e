"""Field 54: additional amounts (ISO 8583:1987), 20 characters for each balance."""

from dataclasses import dataclass

from protocol.faults import FaultCode, ProtocolFault

BALANCES_MAX = 6
_PART_CHARACTERS = 20


@dataclass(frozen=True, slots=True)
class Balance:
    """One amount: account type, amount type, ISO 4217 numeric currency, signed minor units."""

    account_type: str
    amount_type: str
    currency: str
    amount: int


def pack_balances(balances: list[Balance]) -> str:
    """Text of field 54; D marks a negative amount."""
    if len(balances) > BALANCES_MAX:
        raise ProtocolFault(
            FaultCode.LENGTH_OVER_MAXIMUM, "54", expected=BALANCES_MAX, actual=len(balances), side="local"
        )
    parts = []
    for balance in balances:
        sign = "D" if balance.amount < 0 else "C"
        digits = f"{abs(balance.amount):012d}"
        if len(digits) > 12:
            raise ProtocolFault(
                FaultCode.LENGTH_OVER_MAXIMUM, "54", expected=12, actual=len(digits), side="local"
            )
        parts.append(f"{balance.account_type}{balance.amount_type}{balance.currency}{sign}{digits}")
    return "".join(parts)


def unpack_balances(text: str) -> list[Balance]:
    """Balances of field 54."""
    if len(text) % _PART_CHARACTERS:
        raise ProtocolFault(FaultCode.BAD_LENGTH, "54", expected=_PART_CHARACTERS, actual=len(text))
    balances = []
    for start in range(0, len(text), _PART_CHARACTERS):
        part = text[start : start + _PART_CHARACTERS]
        digits = part[:7] + part[8:]
        if part[7] not in "CD" or not (digits.isascii() and digits.isdecimal()):
            raise ProtocolFault(FaultCode.BAD_CHARACTER, "54", offset=start)
        amount = int(part[8:])
        balances.append(Balance(part[:2], part[2:4], part[4:7], -amount if part[7] == "D" else amount))
    return balances
