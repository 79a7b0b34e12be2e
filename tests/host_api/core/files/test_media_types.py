"""What a content is, told by its bytes."""

import io
import zipfile

import pytest

from host_api.core.files.media_types import MediaType, sniff


def _zip(*names: str) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return content.getvalue()


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (b"\x00\x00\x00\x18ftypisom\x00\x00\x02\x00", MediaType.MP4),
        (_zip("mimetype", "META-INF/container.xml"), MediaType.EPUB),
        (_zip("xl/workbook.xml"), MediaType.XLSX),
        (_zip("anything"), None),
        (b"%PDF-1.7", MediaType.PDF),
        (b"\x00\x01\x02", None),
    ],
)
def test_contents_are_told_by_their_bytes(content: bytes, expected: MediaType | None) -> None:
    raw: io.RawIOBase = io.BytesIO(content)  # type: ignore[assignment]
    assert sniff(raw) is expected
