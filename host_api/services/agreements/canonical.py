"""The form of a text that is hashed: the same words have the same hash, however they were typed in."""

import hashlib
import json
import unicodedata


def canonical_text(text: str) -> str:
    """Unicode NFC, lines ended by one line feed without blanks before it, no empty lines around."""
    lines = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    return "\n".join(line.rstrip() for line in lines).strip("\n")


def content_hash(*, code: str, number: int, title_fa: str, title_en: str, text_fa: str, text_en: str) -> str:
    """SHA-256, in hexadecimal, over the parts as JSON with sorted keys, no blanks, in UTF-8."""
    parts = {
        "code": code,
        "number": number,
        "text_en": canonical_text(text_en),
        "text_fa": canonical_text(text_fa),
        "title_en": canonical_text(title_en),
        "title_fa": canonical_text(title_fa),
    }
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)
    return hashlib.sha256(written.encode()).hexdigest()
