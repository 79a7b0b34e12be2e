"""The OpenAPI page works without a network, and the document says everything in version 3.0."""

import re
from collections.abc import Iterator

import pytest

from host_api.core.access.open_routes import OPEN_TO_ANYBODY
from host_api.core.settings import Settings
from tests.host_api.running_api import RunningApi

pytestmark = pytest.mark.anyio

OUTSIDE = re.compile(r"""(?:src|href|action)\s*=\s*["'](?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""")


@pytest.fixture
def settings(prepared_sqlite: Settings) -> Settings:
    return prepared_sqlite


def _nodes(node: object, path: str = "") -> Iterator[tuple[str, dict[str, object]]]:
    if isinstance(node, dict):
        yield path, node
        for key, value in node.items():
            if key not in ("example", "value", "default"):
                yield from _nodes(value, f"{path}/{key}")
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from _nodes(value, f"{path}/{index}")


async def test_page_needs_nothing_from_outside(api: RunningApi) -> None:
    root = await api.client.get("/")
    assert root.is_redirect
    page = await api.client.get(root.headers["location"])
    assert page.status_code == 200
    assert "://" not in page.text
    assert "default-src 'self'" in page.headers["content-security-policy"]
    linked = re.findall(r'(?:src|href|data-openapi)="([^"]+)"', page.text)
    assert len(linked) == 5
    for address in linked:
        answer = await api.client.get(f"/{address}")
        assert answer.status_code == 200, address
        if address.endswith((".css", "start.js")):
            assert not OUTSIDE.search(answer.text), address


async def test_every_operation_is_described(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    assert document["openapi"] == "3.0.3"
    tags = {tag["name"] for tag in document["tags"]}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert set(operation["tags"]) <= tags, where
            if path.startswith("/v1"):
                is_open = (method.upper(), path.removeprefix("/v1")) in OPEN_TO_ANYBODY
                schemes: list[dict[str, list[str]]] = [] if is_open else [{"ApiKey": []}, {"Password": []}]
                assert operation.get("security", []) == schemes, where
                for status in ("401", "403", "422", "429", "503"):
                    content = operation["responses"][status]["content"]
                    assert set(content) == {"application/problem+json"}, where
                    assert content["application/problem+json"]["schema"]["$ref"].endswith("/ProblemDocument")
                    assert content["application/problem+json"]["examples"], where
            if "{" in path:
                assert "404" in operation["responses"], where
    assert document["components"]["securitySchemes"]["ApiKey"]["in"] == "header"


async def test_document_keeps_to_version_3_0(api: RunningApi) -> None:
    document = (await api.client.get("/openapi.json")).json()
    for path, node in _nodes(document):
        if not path.endswith("/properties"):
            assert not {"const", "prefixItems", "propertyNames", "patternProperties"} & set(node), path
            assert node.get("type") != "null", path
            assert not isinstance(node.get("type"), list), path
            assert isinstance(node.get("exclusiveMinimum", True), bool), path
            assert "$ref" not in node or len(node) == 1, path
    references = {node["$ref"] for _, node in _nodes(document) if "$ref" in node}
    schemas = document["components"]["schemas"]
    assert references == {f"#/components/schemas/{name}" for name in schemas}
    for name, schema in schemas.items():
        if schema.get("type") == "object" and name.endswith(("Read", "Create", "Issued", "Document")):
            assert "example" in schema, name


async def test_examples_are_accepted_by_their_own_models(api: RunningApi) -> None:
    from host_api.core.access.login_schemas import LoginRead, MeRead, TokensIssued
    from host_api.core.bulk.importing import ImportCreate, ImportRead
    from host_api.services.administrators.api_keys.schemas import ApiKeyIssued, ApiKeyRead
    from host_api.services.administrators.audit_log.schemas import AuditEntryRead
    from host_api.services.administrators.modules.schemas import ModuleRead
    from host_api.services.administrators.programmes.schemas import ProgrammeCreate, ProgrammeIssued
    from host_api.services.administrators.roles.schemas import RoleCreate, RoleRead
    from host_api.services.administrators.users.schemas import UserCreate, UserIssued, UserRead, UsersCreate
    from host_api.services.cards.schemas import CardCreate, CardIssued, CardRead
    from host_api.services.events.schemas import EventRead, EventTypeRead
    from host_api.services.files.schemas import FileLinkRead, FileRead
    from host_api.services.jobs.schemas import JobRead, JobRunCreate, JobRunRead
    from host_api.services.members.schemas import MemberCreate, MemberRead
    from host_api.services.merchants.schemas import BranchCreate, BranchRead, MerchantCreate, MerchantRead
    from host_api.services.points.schemas import (
        AdjustmentCreate,
        Decision,
        PointsActRead,
        ReleaseCreate,
        TransferCreate,
    )
    from host_api.services.reconciliation.schemas import DifferenceRead, ReconciliationRead, TotalRead
    from host_api.services.terminals.schemas import TerminalCreate, TerminalRead
    from host_api.services.transactions.schemas import BalancesRead, TransactionRead
    from host_api.services.webhooks import schemas as webhooks

    document = (await api.client.get("/openapi.json")).json()
    for model in (
        *(CardCreate, CardIssued, CardRead, MemberCreate, MemberRead, BranchCreate, BranchRead),
        *(FileLinkRead, FileRead, ImportCreate, ImportRead, JobRead, JobRunCreate, JobRunRead),
        *(MerchantCreate, MerchantRead, TerminalCreate, TerminalRead, BalancesRead, TransactionRead),
        *(EventRead, EventTypeRead, webhooks.WebhookCreate, webhooks.WebhookUpdate, webhooks.WebhookRead),
        *(webhooks.WebhookIssued, webhooks.SecretCreate, webhooks.SecretIssued, webhooks.TrialIssued),
        *(webhooks.ReplayCreate, webhooks.ReplayIssued, webhooks.DeliveryRead, webhooks.AttemptRead),
        *(TokensIssued, MeRead, LoginRead, ApiKeyIssued, ApiKeyRead, AuditEntryRead, ModuleRead),
        *(
            ProgrammeCreate,
            ProgrammeIssued,
            RoleCreate,
            RoleRead,
            UserCreate,
            UserIssued,
            UserRead,
            UsersCreate,
        ),
        *(AdjustmentCreate, TransferCreate, ReleaseCreate, Decision, PointsActRead),
        *(ReconciliationRead, DifferenceRead, TotalRead),
    ):
        model.model_validate(document["components"]["schemas"][model.__name__]["example"])
