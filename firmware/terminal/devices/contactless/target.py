"""What a card says of itself as it is found: ISO/IEC 14443-3 (ATQA, SAK, UID) and 14443-4 (ATS)."""

from terminal.constant import const
from terminal.devices.contactless.fault import ContactlessFault

_ISO_DEP = const(0x20)
_NOT_TYPE2 = const(0x7B)  # ISO-DEP, NFC-DEP, and the bits of MIFARE Classic and Plus
_CASCADE = const(0x04)
_UID_SIZES = (4, 7, 10)
_FRAME_SIZES = (16, 24, 32, 40, 48, 64, 96, 128, 256, 512, 1024, 2048, 4096)


class Target:
    """One card in the field.

    Attributes:
        number: what the chip calls it, 1 or 2.
        atqa: SENS_RES as a number, 0x0344 where the standard writes 0344.
        sak: SEL_RES.
        uid: 4, 7 or 10 bytes. A phone makes up another each time; it identifies nobody.
        ats: the whole answer to select, its length byte first; empty without ISO/IEC 14443-4.
    """

    def __init__(self, number: int, atqa: int, sak: int, uid: bytes, ats: bytes) -> None:
        self.number = number
        self.atqa = atqa
        self.sak = sak
        self.uid = uid
        self.ats = ats

    @property
    def is_iso_dep(self) -> bool:
        """Whether it takes APDUs (ISO/IEC 14443-4)."""
        return bool(self.sak & _ISO_DEP)

    @property
    def is_type2(self) -> bool:
        """Whether it may be an NFC Forum Type 2 tag."""
        return not self.sak & _NOT_TYPE2


class Ats:
    """The answer to select, ISO/IEC 14443-4 clause 5.2, with the standard's defaults for what it leaves out.

    Attributes:
        frame_bytes: the longest frame the card takes.
        wait_us: how long it may take to answer a frame without asking for more time.
        takes_cid: whether it can be addressed beside another card.
        historical: bytes of the card's maker.
    """

    def __init__(self, frame_bytes: int, wait_us: int, takes_cid: bool, historical: bytes) -> None:
        self.frame_bytes = frame_bytes
        self.wait_us = wait_us
        self.takes_cid = takes_cid
        self.historical = historical


def read_targets(answer: bytes) -> "list[Target]":
    """Read the answer of InListPassiveTarget for type A, from its command code on (UM0701-02, 7.3.5).

    Raises:
        ContactlessFault: answer.
    """
    if len(answer) < 2 or answer[1] > 2:
        raise ContactlessFault("answer")
    targets = []
    at = 2
    for _ in range(answer[1]):
        if len(answer) < at + 5:
            raise ContactlessFault("answer")
        sak = answer[at + 3]
        uid_end = at + 5 + answer[at + 4]
        if answer[at + 4] not in _UID_SIZES or uid_end > len(answer) or sak & _CASCADE:
            raise ContactlessFault("answer")
        end = uid_end
        if sak & _ISO_DEP:
            if uid_end == len(answer) or not answer[uid_end]:
                raise ContactlessFault("answer")
            end += answer[uid_end]
            if end > len(answer):
                raise ContactlessFault("answer")
        atqa = answer[at + 1] << 8 | answer[at + 2]
        targets.append(Target(answer[at], atqa, sak, answer[at + 5 : uid_end], answer[uid_end:end]))
        at = end
    if at != len(answer):
        raise ContactlessFault("answer")
    return targets


def read_ats(ats: bytes) -> Ats:
    """Read an answer to select.

    Raises:
        ContactlessFault: answer.
    """
    if not ats or ats[0] != len(ats):
        raise ContactlessFault("answer")
    size_code = 2
    wait_code = 4
    takes_cid = True
    at = 1
    if len(ats) > 1:
        format_byte = ats[1]
        size_code = format_byte & 15
        at = 2
        if format_byte & 0x10:
            at += 1
        if format_byte & 0x20:
            if at < len(ats):
                wait_code = ats[at] >> 4
            at += 1
        if format_byte & 0x40:
            if at < len(ats):
                takes_cid = bool(ats[at] & 2)
            at += 1
        if at > len(ats) or format_byte & 0x80:
            raise ContactlessFault("answer")
    # The standard has unknown codes read as the greatest size and the default time.
    frame_bytes = _FRAME_SIZES[min(size_code, len(_FRAME_SIZES) - 1)]
    if wait_code == 15:
        wait_code = 4
    return Ats(frame_bytes, (4096 << wait_code) * 1000 // 13560, takes_cid, ats[at:])
