"""What a till sends together after a time without a link: each document alone, with its own answer."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from host_api.core.access.caller import Caller
from host_api.core.database import WriteSession
from host_api.core.encryption.field_cipher import FieldCipher
from host_api.core.error_handlers import field_problem
from host_api.core.errors import Language, Problem, ValidationFailed
from host_api.services.sales import returning, selling
from host_api.services.sales.schemas import Id, StoreGiftCreate, StoreReturnCreate, StoreSaleCreate
from host_api.services.store_accounts import logic as store_accounts
from host_api.services.store_accounts.schemas import StoreDebtCreate, StoreSettlementCreate
from host_api.services.store_accounts.till_documents import TillCode

MOST_DOCUMENTS: Final = 50
_LONGEST_SHOWN: Final = 40


class TillDocumentKind(StrEnum):
    """Kinds of documents of a batch."""

    SALE = "sale"
    GIFT = "gift"
    RETURN = "return"
    DEBT = "debt"
    SETTLEMENT = "settlement"


_SCHEMAS: Final[Mapping[TillDocumentKind, type[BaseModel]]] = {
    TillDocumentKind.SALE: StoreSaleCreate,
    TillDocumentKind.GIFT: StoreGiftCreate,
    TillDocumentKind.RETURN: StoreReturnCreate,
    TillDocumentKind.DEBT: StoreDebtCreate,
    TillDocumentKind.SETTLEMENT: StoreSettlementCreate,
}


class TillBatch(BaseModel):
    """A till's documents in the order in which they were made."""

    model_config = ConfigDict(
        extra="forbid",
        hide_input_in_errors=True,
        json_schema_extra={
            "example": {
                "till": "T1",
                "branch_id": 1,
                "documents": [
                    {
                        "kind": "sale",
                        "reference": "000124",
                        "at": "2026-11-22T08:00:00Z",
                        "lines": [{"product": "TEA-500", "quantity": 1}],
                        "payments": [{"method": "cash", "amount": 2750000}],
                    }
                ],
            }
        },
    )

    till: TillCode
    branch_id: Id
    documents: Annotated[list[dict[str, JsonValue]], Field(min_length=1, max_length=MOST_DOCUMENTS)] = Field(
        description="Each with its `kind` (sale, gift, return, debt, settlement) and what that takes where "
        "it is sent alone, without `till` and `branch_id`."
    )


class TillDocumentFault(BaseModel):
    """What is wrong with one field or line."""

    field: str = Field(description="Such as `lines.2.product`.")
    code: str
    message: str = Field(description="In the caller's language.")
    message_fa: str


class TillRefusal(BaseModel):
    """Why a document was not stored; `code` is the last part of the problem's type where it is sent alone."""

    code: str
    detail: str = Field(description="In the caller's language.")
    detail_fa: str
    faults: list[TillDocumentFault]


class TillResult(BaseModel):
    """What became of one document."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "index": 0,
                "kind": "sale",
                "reference": "000124",
                "is_stored": True,
                "id": 10,
                "refusal": None,
            }
        }
    )

    index: int = Field(description="Its place in the batch, from 0.")
    kind: TillDocumentKind | None
    reference: str | None
    is_stored: bool = Field(description="Now or before; else `refusal` tells why not, with its lines.")
    id: int | None = Field(description="Of the sale, gift, return or act on a debt.")
    refusal: TillRefusal | None


class TillBatchRead(BaseModel):
    """What became of a batch."""

    model_config = ConfigDict(
        json_schema_extra={
            "example": {
                "stored": 1,
                "refused": 0,
                "results": [
                    {
                        "index": 0,
                        "kind": "sale",
                        "reference": "000124",
                        "is_stored": True,
                        "id": 10,
                        "refusal": None,
                    }
                ],
            }
        }
    )

    stored: int
    refused: int
    results: list[TillResult]


async def take(
    session: WriteSession,
    cipher: FieldCipher,
    batch: TillBatch,
    caller: Caller,
    *,
    alone_limit: int,
    language: Language,
) -> TillBatchRead:
    """Store each document that can be; what is refused changes nothing and holds up no other."""
    results = []
    for index, document in enumerate(batch.documents):
        kind, number, refusal = None, None, None
        try:
            kind = _kind_of(document)
            wanted = _wanted(kind, document, batch)
            async with session.begin_nested():
                number = await _store(session, cipher, wanted, caller, alone_limit)
        except Problem as refused:
            refusal = _refusal(refused, language)
        results.append(
            TillResult(
                index=index,
                kind=kind,
                reference=_reference_of(document),
                is_stored=refusal is None,
                id=number,
                refusal=refusal,
            )
        )
    stored = sum(result.is_stored for result in results)
    return TillBatchRead(stored=stored, refused=len(results) - stored, results=results)


def _refusal(problem: Problem, language: Language) -> TillRefusal:
    document = problem.document(language)
    return TillRefusal(
        code=problem.code,
        detail=document.detail,
        detail_fa=document.detail_fa,
        faults=[TillDocumentFault(**fault.model_dump(exclude={"location"})) for fault in document.errors],
    )


def _kind_of(document: Mapping[str, JsonValue]) -> TillDocumentKind:
    try:
        return TillDocumentKind(str(document.get("kind")))
    except ValueError:
        raise ValidationFailed([field_problem("enum", "No kind of document", "kind", "body")]) from None


def _wanted(kind: TillDocumentKind, document: Mapping[str, JsonValue], batch: TillBatch) -> BaseModel:
    values: dict[str, JsonValue] = {name: value for name, value in document.items() if name != "kind"}
    values["till"] = batch.till
    if kind is not TillDocumentKind.RETURN:
        values["branch_id"] = batch.branch_id
    try:
        return _SCHEMAS[kind].model_validate(values)
    except ValidationError as error:
        faults = [
            field_problem(entry["type"], entry["msg"], ".".join(map(str, entry["loc"])) or "body", "body")
            for entry in error.errors(include_input=False, include_url=False)
        ]
        raise ValidationFailed(faults) from None


async def _store(
    session: WriteSession, cipher: FieldCipher, wanted: BaseModel, caller: Caller, alone_limit: int
) -> int:
    match wanted:
        case StoreSaleCreate():
            return (await selling.register(session, cipher, wanted, caller)).id
        case StoreGiftCreate():
            return (await selling.give(session, cipher, wanted, caller)).id
        case StoreReturnCreate():
            return (await returning.take_back(session, cipher, wanted, caller, alone_limit)).id
        case StoreSettlementCreate():
            return (await store_accounts.settle(session, wanted, caller)).id
        case StoreDebtCreate():
            return (await store_accounts.write_debt(session, wanted, caller)).id
    raise TypeError("no document of a till")


def _reference_of(document: Mapping[str, JsonValue]) -> str | None:
    reference = document.get("reference")
    return reference[:_LONGEST_SHOWN] if isinstance(reference, str) else None
