"""Parameters of terminals: given by merchant, branch and terminal, issued as a document for each terminal."""

import json
from collections.abc import Mapping
from typing import Final

from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.locking import ChangedMeanwhile, check_version
from host_api.services.merchants import logic as merchants
from host_api.services.merchants.places import read_places
from host_api.services.terminals import repository
from host_api.services.terminals.logic import TerminalNotFound, TerminalRetired, find
from host_api.services.terminals.models import Terminal, TerminalParameters
from host_api.services.terminals.parameter_schemas import (
    EffectiveParametersRead,
    Level,
    ParameterDocumentRead,
    ParametersRead,
    TerminalSettings,
)
from host_api.services.terminals.schemas import Step, TerminalStatus

# A document has at most 3,072 bytes, of which 18 are its head and 256 its signature.
LARGEST_BODY_BYTES: Final = 3072 - 18 - 256
HIGHEST_SEQUENCE: Final = 0xFFFF_FFFF
NOTHING_YET: Final = '"0"'


class ParametersTooLarge(Problem):
    """More settings than a terminal's document has room for."""

    status = 409
    code = "parameters-too-large"
    title = "Parameters too large"
    title_fa = "تنظیمات جا نمی‌شود"
    detail = "A terminal's document has at most 2,798 bytes of settings; leave some out, or operators."
    detail_fa = "سند پایانه حداکثر ۲۷۹۸ بایت تنظیمات دارد؛ چند تنظیم یا اپراتور را بردارید."


class SequencesUsedUp(Problem):
    """The terminal takes no higher sequence."""

    status = 409
    code = "parameter-sequences-used-up"
    title = "No sequence left"
    title_fa = "شمارهٔ سند تمام شده است"
    detail = "This terminal can be given no further document: its sequence is the highest there is."
    detail_fa = "برای این پایانه سند دیگری نمی‌توان داد: شمارهٔ آن بیشترین مقدار است."


async def read_parameters(
    session: AnySession, level: Level, holder_id: int
) -> tuple[TerminalParameters | None, ParametersRead]:
    """What a merchant, branch or terminal gives its terminals; no row where it gives nothing yet.

    Raises:
        merchants.MerchantNotFound, merchants.BranchNotFound, TerminalNotFound
    """
    await _check_holder(session, level, holder_id)
    row = (await repository.parameters_of(session, [(level.value, holder_id)])).get(level.value)
    return row, _shown(level, holder_id, row)


async def change_parameters(
    session: WriteSession, level: Level, holder_id: int, if_match: str, wanted: TerminalSettings
) -> tuple[TerminalParameters, ParametersRead]:
    """Set what is given; null takes a setting back, what is left out stays.

    Raises:
        merchants.MerchantNotFound, merchants.BranchNotFound, TerminalNotFound, ChangedMeanwhile
    """
    await _check_holder(session, level, holder_id)
    holder = (level.value, holder_id)
    row = (await repository.parameters_of(session, [holder], for_update=True)).get(level.value)
    given = wanted.model_dump(exclude_unset=True)
    if row is None:
        if if_match != NOTHING_YET.strip('"'):
            raise ChangedMeanwhile
        row = TerminalParameters(level=level.value, holder_id=holder_id, settings=_merged({}, given))
        async with conflict_as(ChangedMeanwhile()):
            await repository.add(session, row)
    else:
        check_version(row, if_match)
        row.settings = _merged(row.settings, given)
        await session.flush()
    return row, _shown(level, holder_id, row)


async def read_effective(session: AnySession, terminal_id: str) -> EffectiveParametersRead:
    """What a document issued now would have.

    Raises:
        TerminalNotFound
    """
    settings, origins = await _effective(session, await find(session, terminal_id))
    return EffectiveParametersRead(terminal_id=terminal_id, settings=settings, origins=origins)


async def issue_document(
    session: WriteSession, terminal_id: str, *, above: int = 0, more: Mapping[str, object] | None = None
) -> ParameterDocumentRead:
    """Give out what is to be signed for a terminal, under its next sequence.

    Parameters:
        above: highest sequence that the terminal may know from elsewhere.
        more: further settings of the firmware, such as `operators`.

    Raises:
        TerminalNotFound, TerminalRetired, ParametersTooLarge, SequencesUsedUp
    """
    found = await repository.key_and_branch(session, terminal_id)
    terminal = None if found is None else await repository.lock(session, found[0])
    if terminal is None:
        raise TerminalNotFound
    if terminal.status == TerminalStatus.RETIRED:
        raise TerminalRetired
    settings, _ = await _effective(session, terminal)
    settings |= more or {}
    # As the tool that signs writes it.
    if len(json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()) > LARGEST_BODY_BYTES:
        raise ParametersTooLarge
    sequence = max(terminal.parameter_sequence, above) + 1
    if sequence > HIGHEST_SEQUENCE:
        raise SequencesUsedUp
    terminal.parameter_sequence = sequence
    await session.flush()
    return ParameterDocumentRead(
        terminal_id=terminal_id, sequence=sequence, settings=settings, steps=_steps(terminal_id, sequence)
    )


async def _effective(session: AnySession, terminal: Terminal) -> tuple[dict[str, object], dict[str, Level]]:
    place = (await read_places(session, [terminal.branch_id]))[terminal.branch_id]
    holders = {
        Level.MERCHANT: place.merchant,
        Level.BRANCH: terminal.branch_id,
        Level.TERMINAL: terminal.id,
    }
    rows = await repository.parameters_of(
        session, [(level.value, holder_id) for level, holder_id in holders.items()]
    )
    # A terminal that has moved to another merchant signs its messages with the new one's id.
    settings: dict[str, object] = {"merchant_id": place.merchant_id}
    origins = {"merchant_id": Level.MERCHANT}
    for level in holders:
        row = rows.get(level.value)
        if row is not None:
            settings |= row.settings
            origins |= dict.fromkeys(row.settings, level)
    return settings, origins


async def _check_holder(session: AnySession, level: Level, holder_id: int) -> None:
    match level:
        case Level.MERCHANT:
            await merchants.find_merchant(session, holder_id)
        case Level.BRANCH:
            await merchants.find_branch(session, holder_id)
        case Level.TERMINAL:
            if await repository.find_by_key(session, holder_id) is None:
                raise TerminalNotFound


def _merged(before: Mapping[str, object], given: Mapping[str, object]) -> dict[str, object]:
    return {name: value for name, value in {**before, **given}.items() if value is not None}


def _shown(level: Level, holder_id: int, row: TerminalParameters | None) -> ParametersRead:
    return ParametersRead(level=level, holder_id=holder_id, settings={} if row is None else row.settings)


def _steps(terminal_id: str, sequence: int) -> list[Step]:
    return [
        Step(
            text="Write the content of `settings` into a file, and sign it where the signing key is.",
            text_fa="محتوای settings را در فایلی بنویسید و در جایی که کلید امضا هست امضایش کنید.",
            command=f"vafa firmware parameters {terminal_id}.json --terminal {terminal_id} "
            f"--sequence {sequence} --key signing.pem -o PARAMETERS",
        ),
        Step(
            text="Put it into the switch's downloads directory under this name; the terminal fetches it.",
            text_fa="آن را با این نام در پوشهٔ بارگیری سوئیچ بگذارید؛ پایانه خودش می‌گیرد.",
            command=f"mv PARAMETERS DOWNLOADS/terminals/{terminal_id}/PARAMETERS",
        ),
    ]
