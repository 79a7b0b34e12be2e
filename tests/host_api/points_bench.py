"""The served API with a switch, its feed, and two persons: one who asks and one who decides."""

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from host_api.client.models.points import AdjustmentCreate, Decision, PointsActRead
from host_api.client.operations.points import PointsOperations
from host_api.core.access.api_keys import ApiKey
from host_api.core.access.credentials import CredentialKind, new_credential
from host_api.core.application import create_runtime
from host_api.core.clock import utc_now
from host_api.core.programmes import FIRST_PROGRAMME
from host_api.core.runtime import Runtime
from host_api.core.settings import Settings
from tests.host_api.running_api import RunningApi
from tests.host_api.switch_peer import MASTER_KEY


def runtime_with(
    settings: Settings,
    tmp_path: Path,
    *,
    switch: tuple[str, int] | None = None,
    operations_url: str | None = None,
    token: str = "",
) -> Runtime:
    """A runtime whose links and feed lead to these addresses."""
    (tmp_path / "master.key").write_text(MASTER_KEY.hex(), "ascii")
    (tmp_path / "feed.token").write_text(token, "ascii")
    return create_runtime(
        settings.model_copy(
            update={
                "switch_address": None if switch is None else f"{switch[0]}:{switch[1]}",
                "operations_url": operations_url,
                "master_key_file": tmp_path / "master.key",
                "feed_token_file": tmp_path / "feed.token",
            }
        )
    )


async def new_key(
    api: RunningApi, name: str, *permissions: str, programme: int = FIRST_PROGRAMME
) -> dict[str, str]:
    """Headers of another caller."""
    key = new_credential(CredentialKind.API_KEY)
    async with api.runtime.database.writing(programme) as session:
        session.add(
            ApiKey(
                key_id=key.credential_id,
                secret_sha256=key.secret_sha256,
                name=name,
                permissions=list(permissions),
                created_at=utc_now(),
                expires_at=None,
                revoked_at=None,
            )
        )
    return {"X-API-Key": key.text}


@dataclass
class Person:
    """Somebody who calls the API with their own key."""

    api: RunningApi
    headers: dict[str, str]

    async def post(self, path: str, body: object | None = None, status: int = 201) -> dict[str, object]:
        answer = await self.api.client.post(path, json=body, headers=self.headers)
        assert answer.status_code == status, answer.text
        result: dict[str, object] = answer.json()
        return result

    @property
    def points(self) -> PointsOperations:
        """Calls about points in this person's name."""
        return self.api.calls.as_caller(api_key=self.headers["X-API-Key"]).points

    async def ask_credit(
        self, member_id: int, amount: int, direction: Literal["credit", "debit"] = "credit"
    ) -> PointsActRead:
        return await self.points.ask_adjustment(
            AdjustmentCreate(
                direction=direction,
                member_id=member_id,
                amount=amount,
                reason_code="complaint",
                reason="امتیاز ثبت نشده بود",
            )
        )

    async def approve(self, act: PointsActRead) -> PointsActRead:
        return await self.points.approve_act(act.id, Decision(), wait_s=10)


async def person(api: RunningApi, name: str, *permissions: str, programme: int = FIRST_PROGRAMME) -> Person:
    return Person(api, await new_key(api, name, *permissions, programme=programme))
