"""Who may do what with messages."""

from host_api.core.access.permissions import Action, Module

MESSAGES = Module("messages", "Messages to members", "پیام به اعضا")
READ = MESSAGES.may(Action.READ)
WRITE = MESSAGES.may(Action.WRITE)
APPROVE = MESSAGES.may(Action.APPROVE)
ACT = MESSAGES.may(Action.ACT)

# The key of an SMS gateway holds nothing else: what it fetches are texts with codes.
SMS_GATEWAY = Module("sms_gateway", "SMS gateway", "درگاه پیامک")
GATEWAY_READ = SMS_GATEWAY.may(Action.READ)
GATEWAY_WRITE = SMS_GATEWAY.may(Action.WRITE)
