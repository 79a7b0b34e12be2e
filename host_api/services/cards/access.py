"""Who may do what with cards."""

from host_api.core.access.permissions import Action, Module

CARDS = Module("cards", "Cards", "کارت‌ها", is_optional=False)
READ = CARDS.may(Action.READ)
WRITE = CARDS.may(Action.WRITE)

PRODUCTS = Module("card_products", "Card products", "محصولات کارت", is_optional=False)
READ_PRODUCTS = PRODUCTS.may(Action.READ)
WRITE_PRODUCTS = PRODUCTS.may(Action.WRITE)

STOCK = Module("card_stock", "Card stock", "انبار کارت")
READ_STOCK = STOCK.may(Action.READ)
WRITE_STOCK = STOCK.may(Action.WRITE)

# A code on a screen is as good as the card: who may see one may also make one.
DIGITAL = Module("digital_cards", "Digital cards", "کارت دیجیتال")
USE_DIGITAL = DIGITAL.may(Action.WRITE)

GIFT = Module("gift_cards", "Gift cards", "کارت هدیه")
READ_GIFT = GIFT.may(Action.READ)
WRITE_GIFT = GIFT.may(Action.WRITE)

PERSONALISATION = Module("card_personalisation", "Card personalisation", "شخصی‌سازی کارت")
READ_PERSONALISATION = PERSONALISATION.may(Action.READ)
WRITE_PERSONALISATION = PERSONALISATION.may(Action.WRITE)
# Whole card numbers leave the club only by this.
TAKE_OUT = PERSONALISATION.may(Action.APPROVE)
