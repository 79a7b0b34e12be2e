"""Which programme has which switch: the settings name the first programme's, a file the others'."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from host_api.core.feed_projection import FeedSettings
from host_api.core.host_link.settings import HostLinkSettings
from host_api.core.programmes import FIRST_PROGRAMME_CODE
from host_api.core.settings import Settings
from host_api.core.switches.addresses import DEFAULT_HOST_ID, endpoint_of
from host_api.core.switches.switches_file import FileSwitch, SwitchesFault, read_switches


@dataclass(frozen=True, slots=True)
class SwitchSettings:
    """Where a programme's switch is; by default nowhere.

    Attributes:
        link: None where nothing can be sent to it.
        feed: where its journal and sums are; None where they can't be asked for.
        host_id: under which this host's transactions stand in the journal, and which no terminal may have.
        journal_directory: the journal itself, only read; None where this machine does not have it.
    """

    link: HostLinkSettings | None = None
    feed: FeedSettings | None = None
    host_id: str = DEFAULT_HOST_ID
    journal_directory: Path | None = None


def configured_switches(settings: Settings) -> Mapping[str, SwitchSettings]:
    """The switch of each programme that is to have one, by the programme's code.

    Raises:
        SwitchesFault: the file can't be used, or gives the first programme a second switch.
    """
    found: dict[str, SwitchSettings] = {}
    if settings.switches_file is not None:
        found = {code: _of_file(entry) for code, entry in read_switches(settings.switches_file).items()}
    if (settings.switch_address, settings.operations_url, settings.journal_directory) != (None, None, None):
        if FIRST_PROGRAMME_CODE in found:
            raise SwitchesFault(
                f"switches file {settings.switches_file}: switches.{FIRST_PROGRAMME_CODE}: the settings"
                " (VAFA_HOST_API_SWITCH_ADDRESS…) name a switch of this programme already; keep one"
            )
        found = {FIRST_PROGRAMME_CODE: _of_settings(settings), **found}
    _see_that_each_serves_one(settings.switches_file, found)
    return found


def _see_that_each_serves_one(path: Path | None, found: Mapping[str, SwitchSettings]) -> None:
    codes: dict[object, str] = {}
    for code, switch in found.items():
        for name, place in (
            ("switch_address", switch.link and switch.link.endpoint),
            ("operations_url", switch.feed and switch.feed.operations_url),
        ):
            if place is not None and (other := codes.setdefault(place, code)) != code:
                raise SwitchesFault(
                    f"switches file {path}: switches.{code}.{name}: {other} has the same;"
                    " a switch serves one programme"
                )


def _of_settings(settings: Settings) -> SwitchSettings:
    link = feed = None
    if settings.switch_address is not None:
        link = HostLinkSettings(
            endpoint_of(settings.switch_address),
            settings.host_id,
            settings.master_key_path,
            links=settings.host_links,
        )
    if settings.operations_url is not None:
        feed = FeedSettings(settings.operations_url, settings.feed_token_path)
    return SwitchSettings(link, feed, settings.host_id, settings.journal_directory)


def _of_file(entry: FileSwitch) -> SwitchSettings:
    return SwitchSettings(
        HostLinkSettings(
            endpoint_of(entry.switch_address), entry.host_id, entry.master_key_file, links=entry.links
        ),
        FeedSettings(entry.operations_url, entry.feed_token_file),
        entry.host_id,
        entry.journal_directory,
    )
