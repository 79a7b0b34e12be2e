"""Who may do what with offers, with offers at a place, and with the suggester."""

from host_api.core.access.permissions import Action, Module

OFFERS = Module("offers", "Offers", "پیشنهادها")
READ = OFFERS.may(Action.READ)
WRITE = OFFERS.may(Action.WRITE)
ACT = OFFERS.may(Action.ACT)

LOCATION_OFFERS = Module("location_offers", "Offers at a place", "پیشنهاد در محل")
PASS_BY = LOCATION_OFFERS.may(Action.ACT)
READ_LOCATION = LOCATION_OFFERS.may(Action.READ)
WRITE_LOCATION = LOCATION_OFFERS.may(Action.WRITE)

SUGGESTIONS = Module("suggestions", "Suggester of gifts and discounts", "پیشنهاددهندهٔ هدیه و تخفیف")
READ_SUGGESTIONS = SUGGESTIONS.may(Action.READ)
WRITE_SUGGESTIONS = SUGGESTIONS.may(Action.WRITE)
