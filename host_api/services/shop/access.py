"""Who may do what in the shop."""

from host_api.core.access.permissions import Action, Module

SHOP = Module("shop", "Shop", "فروشگاه")
READ = SHOP.may(Action.READ)
WRITE = SHOP.may(Action.WRITE)
# Looks, fills the cart, buys and cancels in a member's name.
ACT = SHOP.may(Action.ACT)

# Delivers what was bought, and takes it back.
SHOP_ORDERS = Module("shop_orders", "Shop orders", "سفارش‌های فروشگاه")
ORDERS_READ = SHOP_ORDERS.may(Action.READ)
ORDERS_WRITE = SHOP_ORDERS.may(Action.WRITE)

# What was bought stays good where the shop is switched off.
SHOP_VOUCHERS = Module("shop_vouchers", "Shopping vouchers", "بن‌های خرید")
VOUCHERS_READ = SHOP_VOUCHERS.may(Action.READ)
VOUCHERS_WRITE = SHOP_VOUCHERS.may(Action.WRITE)
VOUCHERS_ACT = SHOP_VOUCHERS.may(Action.ACT)
