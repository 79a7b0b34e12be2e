"""Codes as images: SVG and PNG, black on white with their quiet zones."""

import io
import struct
import zlib
from enum import StrEnum
from typing import Final

from host_api.core.linear_barcode import bars_path, code_128, ean_13

_MODULE_PIXELS: Final = 3
_LINEAR_HEIGHT: Final = 60
# ISO/IEC 15417 and 15420 ask for 10 and 11 modules beside the bars, ISO/IEC 18004 for 4 around a QR code.
_LINEAR_QUIET: Final = 11
_QR_QUIET: Final = 4


class Symbology(StrEnum):
    """Kinds of code."""

    QR = "qr"
    CODE_128 = "code128"
    EAN_13 = "ean13"


class ImageForm(StrEnum):
    """Kinds of image."""

    SVG = "svg"
    PNG = "png"


MEDIA_TYPES: Final = {ImageForm.SVG: "image/svg+xml", ImageForm.PNG: "image/png"}


def draw(payload: str, symbology: Symbology, form: ImageForm) -> bytes:
    """The image of a payload.

    Raises:
        ValueError: the symbology can't hold it.
    """
    if symbology is Symbology.QR:
        return _qr(payload, form)
    modules = code_128(payload) if symbology is Symbology.CODE_128 else ean_13(payload)
    row = "0" * _LINEAR_QUIET + modules + "0" * _LINEAR_QUIET
    return _svg(row) if form is ImageForm.SVG else _png(row)


def _qr(payload: str, form: ImageForm) -> bytes:
    import segno  # noqa: PLC0415  (only who shows a code needs it)

    out = io.BytesIO()
    # Capital letters fit the denser alphanumeric mode, and the scheme of a URI may have them.
    code = segno.make(payload.upper(), error="m", micro=False)
    code.save(out, kind=form.value, scale=_MODULE_PIXELS, border=_QR_QUIET, light="white")
    return out.getvalue()


def _svg(row: str) -> bytes:
    size = f'width="{len(row) * _MODULE_PIXELS}" height="{_LINEAR_HEIGHT * _MODULE_PIXELS}"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" {size} viewBox="0 0 {len(row)} {_LINEAR_HEIGHT}" '
        f'shape-rendering="crispEdges"><path fill="#fff" d="M0 0h{len(row)}v{_LINEAR_HEIGHT}H0z"/>'
        f'<path d="{bars_path(row, _LINEAR_HEIGHT)}"/></svg>\n'
    ).encode()


def _png(row: str) -> bytes:
    """A PNG of one bit a pixel (ISO/IEC 15948)."""
    pixels = "".join(("0" if module == "1" else "1") * _MODULE_PIXELS for module in row)
    width, height = len(pixels), _LINEAR_HEIGHT * _MODULE_PIXELS
    padded = pixels + "0" * (-width % 8)
    line = b"\0" + int(padded, 2).to_bytes(len(padded) // 8)
    header = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    parts = ((b"IHDR", header), (b"IDAT", zlib.compress(line * height)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
