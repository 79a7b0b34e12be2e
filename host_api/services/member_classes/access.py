"""Who may do what with classes of members."""

from host_api.core.access.permissions import Action, Module

MEMBER_CLASSES = Module(
    "member_classes", "Credit and not-permitted users", "کاربران اعتباری و غیرمجاز", is_optional=False
)
READ = MEMBER_CLASSES.may(Action.READ)
WRITE = MEMBER_CLASSES.may(Action.WRITE)
APPROVE = MEMBER_CLASSES.may(Action.APPROVE)
