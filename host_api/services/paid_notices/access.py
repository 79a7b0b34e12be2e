"""Who may do what with paid notices; who orders one in a seller's name holds `sellers:act`."""

from host_api.core.access.permissions import Action, Module

PAID_NOTICES = Module("paid_notices", "Paid notices", "اطلاع‌رسانی با پرداخت هزینه")
READ = PAID_NOTICES.may(Action.READ)
# Makes versions of the policy.
WRITE = PAID_NOTICES.may(Action.WRITE)
# Lets a notice be sent.
APPROVE = PAID_NOTICES.may(Action.APPROVE)
# Consents in a member's name.
ACT = PAID_NOTICES.may(Action.ACT)
