"""The file that gives programmes their switches."""

import json
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from host_api.core.programmes import PROGRAMME_CODE_PATTERN
from host_api.core.switches.addresses import (
    DEFAULT_HOST_ID,
    DEFAULT_LINKS,
    MOST_LINKS,
    HostId,
    OperationsUrl,
    SwitchAddress,
)

FILE_BYTES_MAX = 262_144
_SWITCHES_MAX = 64

ProgrammeCode = Annotated[str, StringConstraints(pattern=PROGRAMME_CODE_PATTERN)]


class SwitchesFault(Exception):  # noqa: N818
    """The switches can't be used as they are written; the text is the one line that the operator reads."""


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class FileSwitch(_Part):
    """One programme's switch; relative paths begin at the folder of the file."""

    switch_address: SwitchAddress
    operations_url: OperationsUrl
    master_key_file: Path
    feed_token_file: Path
    host_id: HostId = DEFAULT_HOST_ID
    links: Annotated[int, Field(ge=1, le=MOST_LINKS, strict=True)] = DEFAULT_LINKS
    journal_directory: Path | None = None

    def beside(self, folder: Path) -> "FileSwitch":
        """The same with whole paths."""
        journal = self.journal_directory
        return self.model_copy(
            update={
                "master_key_file": folder / self.master_key_file,
                "feed_token_file": folder / self.feed_token_file,
                "journal_directory": None if journal is None else folder / journal,
            }
        )


class SwitchesDocument(_Part):
    """The whole file."""

    version: Literal[1]
    switches: dict[ProgrammeCode, FileSwitch] = Field(max_length=_SWITCHES_MAX)


def read_switches(path: Path) -> Mapping[str, FileSwitch]:
    """The switches of a file, JSON if its name ends so, else TOML, by the programme's code.

    Raises:
        SwitchesFault: it names each place that is wrong, never what stands there.
    """
    try:
        if path.stat().st_size > FILE_BYTES_MAX:
            raise ValueError(f"longer than {FILE_BYTES_MAX} bytes")
        text = path.read_text("utf-8")
        document = SwitchesDocument.model_validate(
            json.loads(text, object_pairs_hook=_once) if path.suffix == ".json" else tomllib.loads(text)
        )
    except OSError as error:
        raise SwitchesFault(f"switches file {path}: {error.strerror}") from None
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(str(part) for part in fault['loc']) or 'file'}: {fault['msg']}"
            for fault in error.errors(include_input=False, include_url=False, include_context=False)
        )
        raise SwitchesFault(f"switches file {path}: {faults}") from None
    except (ValueError, RecursionError) as error:
        raise SwitchesFault(f"switches file {path}: {error}") from None
    return {code: entry.beside(path.parent) for code, entry in document.switches.items()}


def _once(pairs: Sequence[tuple[str, object]]) -> dict[str, object]:
    """What TOML sees to by itself."""
    found = dict(pairs)
    if len(found) < len(pairs):
        twice = next(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)
        raise ValueError(f"{twice} is there twice")
    return found
