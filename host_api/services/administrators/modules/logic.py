"""Modules of the programme: listed with their help, switched on and off."""

from datetime import datetime

from sqlalchemy import select

from host_api.core.access.module_switches import SwitchedOffModule
from host_api.core.access.modules import known_modules
from host_api.core.access.permissions import Module
from host_api.core.clock import utc_now
from host_api.core.database import AnySession, WriteSession, conflict_as
from host_api.core.errors import Problem
from host_api.core.locking import ChangedMeanwhile
from host_api.core.persian_text import search_words
from host_api.services.administrators.modules.page_help import example_of, operations, page_help
from host_api.services.administrators.modules.schemas import (
    ModuleCall,
    ModuleDetail,
    ModuleOperation,
    ModuleRead,
)


class ModuleNotFound(Problem):
    """No module has this name."""

    status = 404
    code = "module-not-found"
    title = "Module not found"
    title_fa = "بخش پیدا نشد"
    detail = "There is no module with this name."
    detail_fa = "بخشی با این نام وجود ندارد."


class ModuleNeeded(Problem):
    """No programme can do without this module."""

    status = 409
    code = "module-needed"
    title = "Module needed"
    title_fa = "این بخش لازم است"
    detail = "No programme can do without this module."
    detail_fa = "هیچ برنامه‌ای بدون این بخش کار نمی‌کند."


async def read_all(session: AnySession, query: str | None = None) -> list[ModuleRead]:
    """Every module, or those whose titles, help or operations have all words of `query`."""
    off = {row.module: row.since for row in await session.scalars(select(SwitchedOffModule))}
    read = [_read(module, off.get(module.name)) for module in known_modules().by_name.values()]
    if query is None:
        return read
    wanted = search_words(query)
    return [module for module in read if wanted and all(word in _searched(module) for word in wanted)]


def _searched(module: ModuleRead) -> str:
    """All that a module is found by, in one spelling."""
    texts = [module.name, module.title, module.title_fa, module.help, module.help_fa]
    texts += [f"{each.summary} {each.path}" for each in operations()[module.name]]
    return " ".join(search_words(" ".join(texts)))


async def read(session: AnySession, name: str) -> ModuleDetail:
    """One module with its operations.

    Raises:
        ModuleNotFound
    """
    module = _find(name)
    row = await session.scalar(select(SwitchedOffModule).where(SwitchedOffModule.module == name))
    read = _read(module, None if row is None else row.since)
    listed = [
        ModuleOperation(method=each.method, path=each.path, summary=each.summary, permission=each.permission)
        for each in operations()[name]
    ]
    return ModuleDetail(**read.model_dump(), operations=listed)


async def switch(session: WriteSession, name: str, *, is_on: bool) -> ModuleRead:
    """Switch a module on or off; one that is so already stays so.

    Raises:
        ModuleNotFound, ModuleNeeded, ChangedMeanwhile
    """
    module = _find(name)
    if not is_on and not module.is_optional:
        raise ModuleNeeded
    row = await session.scalar(
        select(SwitchedOffModule).where(SwitchedOffModule.module == name).with_for_update()
    )
    if is_on and row is not None:
        await session.delete(row)
        row = None
    elif not is_on and row is None:
        row = SwitchedOffModule(module=name, since=utc_now())
        session.add(row)
    async with conflict_as(ChangedMeanwhile()):
        await session.flush()
    return _read(module, None if row is None else row.since)


def _find(name: str) -> Module:
    module = known_modules().by_name.get(name)
    if module is None:
        raise ModuleNotFound
    return module


def _read(module: Module, off_since: datetime | None) -> ModuleRead:
    texts, example = page_help()[module.name], example_of(operations()[module.name])
    return ModuleRead(
        name=module.name,
        title=module.title,
        title_fa=module.title_fa,
        help=texts.en,
        help_fa=texts.fa,
        documentation=texts.documentation,
        call=ModuleCall(method=example.method, path=example.path, body=example.example),
        permissions=known_modules().permissions[module.name],
        is_optional=module.is_optional,
        is_on=off_since is None,
        off_since=off_since,
    )
