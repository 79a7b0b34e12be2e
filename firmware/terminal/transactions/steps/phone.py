"""A phone number, as people here dial it and as ITU-T E.164 writes it."""

from terminal.constant import const
from terminal.transactions.steps.number import Number

TYPE_CHECKING = False
if TYPE_CHECKING:
    from terminal.transactions.flow import Flow

_COUNTRY = "98"
_SHORTEST = const(8)
_LONGEST = const(15)
_DIALLED_LONGEST = const(17)


def international(dialled: str) -> str:
    """Country code and number of one dialled with 0 or 00 in front, digits only; empty where it is none."""
    if dialled[:2] == "00":
        digits = dialled[2:]
    elif dialled[:1] == "0":
        digits = _COUNTRY + dialled[1:]
    else:
        return ""
    return digits if _SHORTEST <= len(digits) <= _LONGEST and digits[0] != "0" else ""


def _take(flow: "Flow", typed: str) -> bool:
    digits = international(typed)
    # A member may come without a telephone.
    flow.keyed["phone"] = "+" + digits if digits else ""
    return bool(digits) or not typed


read_if_any = Number("phone", "key_phone_if_any", _DIALLED_LONGEST, _take)
