"""A Persian slip of forty lines, for CPython and for the VM: both must send the same bytes."""

from terminal.devices.escpos.slip import BIG, CENTRED, QR_CODE, ROW, SEPARATOR

# CRC-32 of all that is sent, by dots of the paper.
SENT = {384: 0xACD4DD81, 576: 0x67D8351E}


def elements() -> "list[tuple[int, int | str, str]]":
    """The slip."""
    found: list[tuple[int, int | str, str]] = [
        (CENTRED, "فروشگاه زنجیره‌ای مهر", ""),
        (SEPARATOR, "", ""),
        (BIG, "۲٬۵۰۰٬۰۰۰", ""),
    ]
    found += [(ROW, "شماره پیگیری", f"\u2066{number:06d}-AB\u2069") for number in range(36)]
    found.append((QR_CODE, "VAFA:V1:0123456789", ""))
    return found
