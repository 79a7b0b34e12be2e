"""Bar codes of digits as rows of modules: Code 128 (ISO/IEC 15417) and EAN-13 (ISO/IEC 15420).

A row is a text of 1 (bar) and 0 (space), without quiet zones.
"""

from itertools import cycle
from typing import Final

# ISO/IEC 15417, table 1: widths of bar, space and so on; the last is the stop, which has a bar more.
_WIDTHS: Final = (
    "212222 222122 222221 121223 121322 131222 122213 122312 132212 221213 221312 231212 112232 "
    "122132 122231 113222 123122 123221 223211 221132 221231 213212 223112 312131 311222 321122 "
    "321221 312212 322112 322211 212123 212321 232121 111323 131123 131321 112313 132113 132311 "
    "211313 231113 231311 112133 112331 132131 113123 113321 133121 313121 211331 231131 213113 "
    "213311 213131 311123 311321 331121 312113 312311 332111 314111 221411 431111 111224 111422 "
    "121124 121421 141122 141221 112214 112412 122114 122411 142112 142211 241211 221114 413111 "
    "241112 134111 111242 121142 121241 114212 124112 124211 411212 421112 421211 212141 214121 "
    "412121 111143 111341 131141 114113 114311 411113 411311 113141 114131 311141 411131 211412 "
    "211214 211232 2331112"
)
_CODE_128: Final = tuple(_WIDTHS.split())
_START_C: Final = 105
_SWITCH_TO_B: Final = 100
_STOP: Final = 106
_MODULUS: Final = 103
_DIGIT_0_IN_B: Final = 16

# ISO/IEC 15420: set A of each digit; B is C turned round, C is A with bars for spaces.
_EAN_A: Final = (
    *("0001101", "0011001", "0010011", "0111101", "0100011"),
    *("0110001", "0101111", "0111011", "0110111", "0001011"),
)
# Of which set the six digits on the left are, by the first digit.
_EAN_LEFT_SETS: Final = (
    *("AAAAAA", "AABABB", "AABBAB", "AABBBA", "ABAABB"),
    *("ABBAAB", "ABBBAA", "ABABAB", "ABABBA", "ABBABA"),
)
_EAN_GUARD: Final = "101"
_EAN_CENTRE: Final = "01010"

EAN_13_DIGITS: Final = 13


def code_128(digits: str) -> str:
    """The modules of digits in Code 128: pairs in code set C, an odd last one in code set B.

    Raises:
        ValueError: something else than 2 to 40 ASCII digits.
    """
    _check(digits, 2, 40)
    even = len(digits) & ~1
    values = [_START_C, *(int(digits[at : at + 2]) for at in range(0, even, 2))]
    if even < len(digits):
        values += [_SWITCH_TO_B, _DIGIT_0_IN_B + int(digits[-1])]
    check = sum(value * max(weight, 1) for weight, value in enumerate(values)) % _MODULUS
    widths = "".join(_CODE_128[value] for value in (*values, check, _STOP))
    return "".join(module * int(width) for module, width in zip(cycle("10"), widths, strict=False))


def ean_13(digits: str) -> str:
    """The modules of an EAN-13 number.

    Raises:
        ValueError: something else than 13 ASCII digits, or a wrong check digit.
    """
    _check(digits, EAN_13_DIGITS, EAN_13_DIGITS)
    if ean_check_digit(digits[:-1]) != digits[-1]:
        raise ValueError("the last digit is not the check digit")
    left = "".join(
        _EAN_A[int(digit)] if of == "A" else _inverted(_EAN_A[int(digit)])[::-1]
        for digit, of in zip(digits[1:7], _EAN_LEFT_SETS[int(digits[0])], strict=True)
    )
    right = "".join(_inverted(_EAN_A[int(digit)]) for digit in digits[7:])
    return _EAN_GUARD + left + _EAN_CENTRE + right + _EAN_GUARD


def ean_check_digit(payload: str) -> str:
    """The check digit behind `payload` (GS1 General Specifications, 7.9)."""
    total = sum(int(digit) * (3 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(payload)))
    return str(-total % 10)


def bars_path(modules: str, height: int) -> str:
    """The bars of a row as an SVG path, a unit wide for each module."""
    bars = []
    at = 0
    while (begin := modules.find("1", at)) >= 0:
        at = modules.find("0", begin)
        at = len(modules) if at < 0 else at
        bars.append(f"M{begin} 0h{at - begin}v{height}h-{at - begin}z")
    return "".join(bars)


def _inverted(modules: str) -> str:
    return "".join("0" if module == "1" else "1" for module in modules)


def _check(digits: str, fewest: int, most: int) -> None:
    if not (fewest <= len(digits) <= most and digits.isascii() and digits.isdigit()):
        raise ValueError("not digits, or too few or many")
