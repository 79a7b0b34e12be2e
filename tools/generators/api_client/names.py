"""Names of the document as names of Python."""

import builtins
import keyword
import re
import textwrap

from pydantic import BaseModel

from tools.generators.api_client.document import NotKnown

# Of the base of all models, besides pydantic's own.
_OF_RECORDS = {"etag", "with_etag"}
# What a method's own arguments and text are called.
_OF_METHODS = {"self", "body", "form"}
# An annotation after a field of such a name would mean the field.
_TYPES = {"str", "int", "float", "bool", "bytes", "list", "dict", "datetime", "date", "time", "timedelta"}
_WIDTH = 110


def snake(name: str) -> str:
    """A module, method or argument: `api-keys` is `api_keys`, `from` is `from_`.

    Raises:
        NotKnown: no name can be made of it.
    """
    result = _words(name)
    return f"{result}_" if hasattr(builtins, result) or result in _OF_METHODS else result


def field_name(name: str) -> str:
    """A field of a model, called otherwise only where the name means something there already.

    Raises:
        NotKnown: no name can be made of it.
    """
    result = _words(name)
    return f"{result}_" if hasattr(BaseModel, result) or result in _OF_RECORDS | _TYPES else result


def constant(type_text: str) -> str:
    """A constant that belongs to a type: `Page[MemberRead]` has `_PAGE_MEMBER_READ`."""
    return f"_{_words(type_text).upper()}"


def pascal(name: str) -> str:
    """A class: `member-not-found` is `MemberNotFound`.

    Raises:
        NotKnown: no name can be made of it.
    """
    parts = re.split(r"[^A-Za-z0-9]+", name)
    return _python("".join(part[:1].upper() + part[1:] for part in parts), name)


def docstring(text: str, indent: str) -> str:
    """Lines of a docstring, each with `indent`, no wider than the project's code."""
    paragraphs = [" ".join(part.split()) for part in text.strip().split("\n\n")]
    first, *rest = paragraphs
    width = _WIDTH - len(indent)
    lines = textwrap.wrap(first, width - 6)
    for paragraph in rest:
        lines += ["", *textwrap.wrap(paragraph, width)]
    escaped = [line.replace("\\", "\\\\").replace('"""', "'''") for line in lines]
    if len(escaped) == 1 and not escaped[0].endswith('"'):
        return f'{indent}"""{escaped[0]}"""\n'
    return "".join(
        f"{line}\n" if not line.strip() else f"{indent}{line}\n"
        for line in (f'"""{escaped[0]}', *escaped[1:], '"""')
    )


def _words(name: str) -> str:
    with_breaks = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()
    return _python(re.sub(r"[^a-z0-9_]+", "_", with_breaks).strip("_"), name)


def _python(result: str, name: str) -> str:
    if not result.isidentifier():
        raise NotKnown(f"no Python name can be made of {name!r}")
    return f"{result}_" if keyword.iskeyword(result) else result
