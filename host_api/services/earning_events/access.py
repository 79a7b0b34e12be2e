"""Who may do what with events that earn."""

from host_api.core.access.permissions import Action, Module

EARNING_EVENTS = Module("earning_events", "Events that earn", "رویدادهای امتیازآور")
READ = EARNING_EVENTS.may(Action.READ)
WRITE = EARNING_EVENTS.may(Action.WRITE)
APPROVE = EARNING_EVENTS.may(Action.APPROVE)
ACT = EARNING_EVENTS.may(Action.ACT)

REVIEWS = Module("reviews", "Reviews and praise", "نظرها و تمجیدها")
READ_REVIEWS = REVIEWS.may(Action.READ)
WRITE_REVIEWS = REVIEWS.may(Action.WRITE)
APPROVE_REVIEWS = REVIEWS.may(Action.APPROVE)
ACT_REVIEWS = REVIEWS.may(Action.ACT)

SURVEYS = Module("surveys", "Surveys", "نظرسنجی‌ها")
READ_SURVEYS = SURVEYS.may(Action.READ)
WRITE_SURVEYS = SURVEYS.may(Action.WRITE)
ACT_SURVEYS = SURVEYS.may(Action.ACT)

VISITS = Module("visits", "Visits", "بازدیدها")
READ_VISITS = VISITS.may(Action.READ)
WRITE_VISITS = VISITS.may(Action.WRITE)
ACT_VISITS = VISITS.may(Action.ACT)
