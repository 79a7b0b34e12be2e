"""What the application takes from the rules service."""

from host_api.core.service import Service
from host_api.services.rules.draft import models as draft_models
from host_api.services.rules.draft.routes import router as draft_router
from host_api.services.rules.events import RULES_NOT_PUBLISHED, RULES_PUBLISHED
from host_api.services.rules.member_page.routes import router as member_page_router
from host_api.services.rules.member_page.texts import texts_of
from host_api.services.rules.publications import models as publication_models
from host_api.services.rules.publications.job import PUBLICATIONS
from host_api.services.rules.publications.projection import RuleTableProjector
from host_api.services.rules.publications.routes import router as publications_router
from host_api.services.rules.templates.routes import router as templates_router
from host_api.services.rules.trials import models as trial_models
from host_api.services.rules.trials.job import CHECKS, TRIALS
from host_api.services.rules.trials.routes import router as trials_router
from host_api.services.rules.versions import models as version_models
from host_api.services.rules.versions.routes import router as versions_router
from host_api.services.transactions.rule_texts import tell_rule_texts

tell_rule_texts(texts_of)

SERVICE = Service(
    name="rules",
    title="Rules",
    title_fa="قواعد امتیاز",
    tags={
        "rules": "What members get: drafts, trials, publication by two persons · قواعد امتیاز",
    },
    routers=(
        draft_router,
        templates_router,
        trials_router,
        versions_router,
        publications_router,
        member_page_router,
    ),
    tables=(draft_models, version_models, publication_models, trial_models),
    jobs=(CHECKS, TRIALS, PUBLICATIONS),
    event_types=(RULES_PUBLISHED, RULES_NOT_PUBLISHED),
    projectors=(RuleTableProjector,),
)
