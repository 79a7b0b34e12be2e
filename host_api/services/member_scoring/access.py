"""Who may do what with scoring models."""

from host_api.core.access.permissions import Action, Module

MEMBER_SCORING = Module("member_scoring", "Scoring of members", "امتیازدهی هوشمند اعضا")
READ = MEMBER_SCORING.may(Action.READ)
# Writes models, tries them and has all members scored.
WRITE = MEMBER_SCORING.may(Action.WRITE)
# Publishes what a run has found.
APPROVE = MEMBER_SCORING.may(Action.APPROVE)
