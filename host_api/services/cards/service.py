"""What the application takes from the cards service."""

from host_api.core.ledger.outcomes import one_by_one
from host_api.core.member_rows import stays
from host_api.core.service import Service, StatusPart
from host_api.services.cards import models
from host_api.services.cards.digital import models as digital_models
from host_api.services.cards.digital.ending import END_CARD_CODES
from host_api.services.cards.digital.models import CardCode
from host_api.services.cards.digital.routes import router as digital_router
from host_api.services.cards.events import (
    CARD_ISSUED,
    CARD_REPLACED,
    CARD_STATUS_CHANGED,
    STOCK_RECEIVED,
)
from host_api.services.cards.family import models as family_models
from host_api.services.cards.family.models import FamilyCard
from host_api.services.cards.family.routes import router as family_router
from host_api.services.cards.gift import logic as gift
from host_api.services.cards.gift import models as gift_models
from host_api.services.cards.gift.routes import router as gift_router
from host_api.services.cards.lifecycle.expiry import EXPIRE_CARDS
from host_api.services.cards.lifecycle.projection import CardProjector
from host_api.services.cards.lifecycle.routes import router as lifecycle_router
from host_api.services.cards.models import Card
from host_api.services.cards.personal_data import PERSONAL_DATA
from host_api.services.cards.personalisation import models as personalisation_models
from host_api.services.cards.personalisation.batch_routes import router as batch_router
from host_api.services.cards.personalisation.design_routes import router as design_router
from host_api.services.cards.personalisation.making import MAKE_BATCH_FILE
from host_api.services.cards.products import models as product_models
from host_api.services.cards.products.routes import router as product_router
from host_api.services.cards.routes import router
from host_api.services.cards.stock import models as stock_models
from host_api.services.cards.stock.making import MAKE_CARD_ORDER, RECEIVE_CARD_ORDER
from host_api.services.cards.stock.order_routes import router as order_router
from host_api.services.cards.stock.routes import router as stock_router

SERVICE = Service(
    name="cards",
    title="Cards",
    title_fa="کارت‌ها",
    tags={
        "cards": "Cards, their issue and what becomes of them · کارت‌ها",
        "card products": "Kinds of card and their limits · محصولات کارت",
        "card stock": "Orders of cards, branches' stocks, counting · انبار کارت",
        "card personalisation": "Designs, and files for the card bureau · شخصی‌سازی کارت",
        "digital cards": "Codes that stand for a card · کارت دیجیتال",
        "gift cards": "Gift cards: selling, loading, balance · کارت هدیه",
    },
    routers=(
        order_router,
        stock_router,
        product_router,
        design_router,
        batch_router,
        family_router,
        digital_router,
        gift_router,
        router,
        lifecycle_router,
    ),
    tables=(
        models,
        product_models,
        stock_models,
        family_models,
        digital_models,
        gift_models,
        personalisation_models,
    ),
    jobs=(EXPIRE_CARDS, END_CARD_CODES, MAKE_CARD_ORDER, RECEIVE_CARD_ORDER, MAKE_BATCH_FILE),
    event_types=(CARD_ISSUED, CARD_STATUS_CHANGED, CARD_REPLACED, STOCK_RECEIVED),
    projectors=(CardProjector,),
    outcomes={gift.SERVICE: one_by_one(gift.on_outcome)},
    status_parts=(StatusPart.OUTBOX,),
    personal_data=(PERSONAL_DATA,),
    member_rows=(
        stays(CardCode.member_id, "end when the cards are reassigned"),
        stays(FamilyCard.principal_member_id, "who answers for a family's card is decided anew"),
        stays(Card.member_id, "cards are reassigned with their records by the cards service"),
    ),
)
