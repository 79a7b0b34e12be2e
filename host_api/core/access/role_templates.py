"""The roles that a new programme begins with; from then on they are rows like others."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import insert, select

from host_api.core.access.modules import Modules
from host_api.core.access.permissions import EVERYTHING, Action
from host_api.core.access.users import Role
from host_api.core.database import AnySession, WriteSession

# Who decides over access, over other clubs or over the traces of it is the owner, until he says otherwise.
_OWNERS_OWN = ("api_keys", "audit", "modules", "programmes", "roles")
_SHOP_FLOOR = (
    *("members:read", "members:write", "cards:read", "cards:write", "transactions:read"),
    *("merchants:read", "terminals:read", "status:read"),
    *("operators:read", "operators:write", "shifts:read", "shifts:write"),
)


@dataclass(frozen=True, slots=True)
class RoleTemplate:
    """A role to begin with."""

    name: str
    permissions: list[str]


def role_templates(modules: Modules) -> list[RoleTemplate]:
    """Owner, manager, cashier supervisor and read-only, for these modules."""
    everyday = [name for name in modules.by_name if name not in _OWNERS_OWN]
    return [
        RoleTemplate("Owner · مالک", [EVERYTHING]),
        RoleTemplate(
            "Manager · مدیر",
            [*(f"{name}:*" for name in everyday), "roles:read", "modules:read", "audit:read"],
        ),
        RoleTemplate(
            "Cashier supervisor · سرپرست صندوق", [name for name in _SHOP_FLOOR if modules.knows(name)]
        ),
        RoleTemplate(
            "Read only · فقط مشاهده", [*(f"{name}:{Action.READ}" for name in everyday), "modules:read"]
        ),
    ]


async def ensure_roles(
    session: WriteSession, modules: Callable[[], Modules], programme_id: int, now: datetime
) -> None:
    """Give a programme the roles to begin with where it has none.

    The session may work for another programme: whoever makes a programme works in his own.

    Parameters:
        modules: gives what may be permitted; asked only where roles are missing, as it loads all services.
    """
    present = select(Role.id).where(Role.programme_id == programme_id).limit(1)
    if await session.scalar(present, execution_options={"any_programme": True}) is None:
        await session.execute(
            insert(Role),
            [
                {
                    "programme_id": programme_id,
                    "name": template.name,
                    "permissions": template.permissions,
                    "created_at": now,
                    "version": 1,
                }
                for template in role_templates(modules())
            ],
        )


async def owners_role(session: AnySession, programme_id: int) -> int | None:
    """Id of the first role of a programme that holds everything."""
    roles = await session.execute(
        select(Role.id, Role.permissions).where(Role.programme_id == programme_id).order_by(Role.id),
        execution_options={"any_programme": True},
    )
    return next((role_id for role_id, permissions in roles if EVERYTHING in permissions), None)
