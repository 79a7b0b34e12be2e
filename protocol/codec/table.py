"""A spec compiled once: codecs by field number, and the fixed parts in front of them."""

from functools import cache

from protocol.codec.characters import FROM_LATIN_1, TO_LATIN_1
from protocol.codec.field import FieldCodec, field_codec
from protocol.faults import FaultCode, ProtocolFault
from protocol.spec import SpecDocument

FIELDS = 193  # numbers 0 to 192
_MTI_DIGITS = 4
_BITMAP_WORD_BITS = 64
_HEXADECIMAL = "0123456789ABCDEF"


class CodecTable:
    """What the codecs look up; immutable after it is made."""

    def __init__(self, spec: SpecDocument) -> None:
        self.spec = spec
        self.payload_maximum_bytes = spec.payload_maximum_bytes
        self.mti_bytes = 2 if spec.mti_encoding == "bcd" else _MTI_DIGITS
        self.bitmap_word_bytes = 8 if spec.bitmap_encoding == "binary" else 16
        # Bytes that tell all of the bitmap, by its first byte. A spec with fields past 128 takes a third word
        # along, whether it is there or not.
        words = spec.bitmap_bytes // 8
        more = 0 if words == 2 else 2 if max(spec.fields) > 2 * _BITMAP_WORD_BITS else 1
        self.head_bytes = tuple(
            self.mti_bytes + self.bitmap_word_bytes * (words + more * self._announces(byte))
            for byte in range(256)
        )
        self.fields: list[FieldCodec | None] = [None] * FIELDS
        for number, field in spec.fields.items():
            self.fields[number] = field_codec(spec, field, str(number))

    def _announces(self, byte: int) -> bool:
        """Whether a bitmap with this first byte has its first bit set."""
        return byte >= 0x80 if self.spec.bitmap_encoding == "binary" else chr(byte) in "89ABCDEF"

    @staticmethod
    def unknown_field(number: int) -> ProtocolFault:
        """Fault of a message of ours with a field that its spec lacks.

        What is no field number is not told: it may be a value in the wrong place.
        """
        path = str(number) if 0 <= number < FIELDS else ""
        return ProtocolFault(FaultCode.UNKNOWN_FIELD, path, side="local")

    def field(self, number: int) -> FieldCodec:
        """Codec of a field that the spec has; KeyError where it has none."""
        codec = self.fields[number]
        if codec is None:
            raise KeyError(number)
        return codec

    def read_mti(self, payload: bytes) -> str:
        """The message type in front. Raises ProtocolFault BAD_MESSAGE_TYPE."""
        raw = payload[: self.mti_bytes]
        encoding = self.spec.mti_encoding
        if encoding == "bcd":
            mti = raw.hex()
        else:
            mti = (raw if encoding == "ascii" else raw.translate(TO_LATIN_1[encoding])).decode("latin-1")
        if len(mti) != _MTI_DIGITS or not (mti.isascii() and mti.isdecimal()):
            raise ProtocolFault(FaultCode.BAD_MESSAGE_TYPE, "mti", offset=0)
        return mti

    def write_mti(self, mti: str) -> bytes:
        """Bytes of a message type."""
        if len(mti) != _MTI_DIGITS or not (mti.isascii() and mti.isdecimal()):
            raise ProtocolFault(FaultCode.BAD_MESSAGE_TYPE, "mti", side="local")
        encoding = self.spec.mti_encoding
        if encoding == "bcd":
            return bytes.fromhex(mti)
        raw = mti.encode("ascii")
        return raw if encoding == "ascii" else raw.translate(FROM_LATIN_1[encoding])

    def read_bitmap(self, payload: bytes) -> tuple[int, int, int]:
        """(bits, how many, offset behind them); the bits that announce further words are among them."""
        offset = self.mti_bytes
        bits, width = self._word(payload, offset), _BITMAP_WORD_BITS
        offset += self.bitmap_word_bytes
        if self.spec.bitmap_bytes == 16:
            if bits >> (_BITMAP_WORD_BITS - 1):
                raise ProtocolFault(FaultCode.BAD_BITMAP, "bitmap", offset=self.mti_bytes)
            bits = bits << _BITMAP_WORD_BITS | self._word(payload, offset)
            return bits, 2 * width, offset + self.bitmap_word_bytes
        for _ in range(2):
            # Bits 1 and 65 announce another word.
            if not bits >> (_BITMAP_WORD_BITS - 1) & 1:
                break
            word = self._word(payload, offset)
            if word == 0:
                raise ProtocolFault(FaultCode.BAD_BITMAP, "bitmap", offset=offset)
            bits, width = bits << _BITMAP_WORD_BITS | word, width + _BITMAP_WORD_BITS
            offset += self.bitmap_word_bytes
        if width > 2 * _BITMAP_WORD_BITS and bits >> (_BITMAP_WORD_BITS - 1) & 1:
            raise ProtocolFault(FaultCode.BAD_BITMAP, "bitmap", offset=self.mti_bytes)
        return bits, width, offset

    def write_bitmap(self, numbers: list[int]) -> bytes:
        """Bitmap of fields in ascending order, as long as the last of them needs."""
        last = numbers[-1] if numbers else 0
        always_two = self.spec.bitmap_bytes == 16
        words = 2 if always_two else 1 + (last > 64) + (last > 128)
        width = words * _BITMAP_WORD_BITS
        bits = 0
        for number in numbers:
            bits |= 1 << (width - number)
        if words > 1 and not always_two:
            bits |= 1 << (width - 1)
        if words > 2:
            bits |= 1 << (width - 65)
        raw = bits.to_bytes(width // 8, "big")
        return raw if self.spec.bitmap_encoding == "binary" else raw.hex().upper().encode("ascii")

    def _word(self, payload: bytes, offset: int) -> int:
        raw = payload[offset : offset + self.bitmap_word_bytes]
        if len(raw) < self.bitmap_word_bytes:
            raise ProtocolFault(
                FaultCode.TRUNCATED,
                "bitmap",
                offset=offset,
                expected=self.bitmap_word_bytes,
                actual=len(raw),
            )
        if self.spec.bitmap_encoding == "binary":
            return int.from_bytes(raw, "big")
        text = raw.decode("latin-1")
        if text.strip(_HEXADECIMAL):
            raise ProtocolFault(FaultCode.BAD_BITMAP, "bitmap", offset=offset)
        return int(text, 16)


codec_table = cache(CodecTable)
