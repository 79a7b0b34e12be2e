"""An export as a page that a person can read: no script, nothing from outside."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Final

from pydantic import JsonValue

from host_api.core.personal_data import PersonalData

_HEAD: Final = """<!doctype html>
<html lang="fa" dir="rtl"><head><meta charset="utf-8"><title>داده‌های عضو · Member data</title>
<style>body{font-family:sans-serif;margin:2rem auto;max-width:60rem}dt{font-weight:bold}
dd{margin-inline-start:1.5rem}section{border-top:1px solid #999}</style></head><body>
<h1>داده‌های عضو · <bdi>Member data</bdi></h1>
"""


def readable(parts: Iterable[PersonalData], records: Mapping[str, Mapping[str, JsonValue]]) -> str:
    """The page.

    Parameters:
        records: what was exported, by part, for each member number.
    """
    pieces = [_HEAD]
    titles = [(part.name, part.title, part.title_fa) for part in parts]
    for member_id, exported in records.items():
        pieces.append(f"<h2>شمارهٔ عضویت · <bdi>Member {escape(member_id)}</bdi></h2>")
        for name, title, title_fa in titles:
            if name in exported:
                heading = f"{escape(title_fa)} · <bdi>{escape(title)}</bdi>"
                pieces.append(f"<section><h3>{heading}</h3>{_shown(exported[name])}</section>")
    pieces.append("</body></html>\n")
    return "".join(pieces)


def _shown(value: JsonValue) -> str:
    match value:
        case dict():
            entries = (
                f"<dt><bdi>{escape(key)}</bdi></dt><dd>{_shown(entry)}</dd>"
                for key, entry in value.items()
                if entry not in (None, [], {})
            )
            return f"<dl>{''.join(entries)}</dl>"
        case list():
            return f"<ol>{''.join(f'<li>{_shown(entry)}</li>' for entry in value)}</ol>"
        case _:
            return f"<bdi>{escape(str(value))}</bdi>"
