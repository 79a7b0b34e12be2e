"""The message spec as JSON, for programs in other languages, which seldom read TOML."""

import json

from protocol.spec import SpecDocument


def spec_json(spec: SpecDocument) -> str:
    """A spec file that `load_spec` reads as the same spec: no defaults, each field and tag on its line."""
    document: dict[str, object] = spec.model_dump(mode="json", exclude_defaults=True)
    members = ",\n".join(f"{_plain(key)}: {_by_line(value)}" for key, value in document.items())
    return f"{{\n{members}\n}}\n"


def _by_line(value: object) -> str:
    if not isinstance(value, dict) or not all(isinstance(each, dict) for each in value.values()):
        return _plain(value)
    lines = ",\n".join(f"  {_plain(key)}: {_plain(each)}" for key, each in value.items())
    return f"{{\n{lines}\n}}"


def _plain(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
