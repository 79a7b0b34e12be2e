"""Everything a person reads, by language and key.

The texts of a language are one string each of what every sale may need (`catalogue_fa`, `catalogue_en`) and
of what is seldom done (`rare_fa`, `rare_en`): as dicts of strings they would take three times the heap. The
second part is loaded when something is not in the first, and let go when the flow that wanted it ends.
"""

import sys

from terminal.loading import let_go

_FOLDER = "terminal.screens."
_loaded: "dict[str, str]" = {}


def say(language: str, key: str) -> str:
    """The text of `key` in `language` (fa or en); empty when there is none."""
    return _find("catalogue_" + language, key) or _find("rare_" + language, key)


def reason(language: str, response_code: str) -> str:
    """What an ISO 8583 response code other than approval means to the customer."""
    catalogue = "catalogue_" + language
    return _find(catalogue, "code_" + response_code) or _find(catalogue, "code_05")


def remedy(language: str, response_code: str) -> str:
    """What to do about it."""
    catalogue = "catalogue_" + language
    return _find(catalogue, "do_" + response_code) or _find(catalogue, "do_05")


def forget_rare() -> None:
    """Let go of the texts that are seldom needed."""
    for name in list(_loaded):
        if name.startswith("rare"):
            del _loaded[name]


def forget_texts() -> None:
    """Let go of all; what is wanted is loaded again."""
    _loaded.clear()


def _find(name: str, key: str) -> str:
    texts = _loaded.get(name)
    if texts is None:
        texts = _loaded[name] = _texts(name)
    mark = "\n" + key + "="
    start = texts.find(mark)
    if start < 0:
        return ""
    start += len(mark)
    return texts[start : texts.find("\n", start)]


def _texts(name: str) -> str:
    full = _FOLDER + name
    __import__(full)
    # What counts is the string; the module would only keep it.
    texts: str = sys.modules[full].TEXTS
    let_go("screens." + name)
    return texts
