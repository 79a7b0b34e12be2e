"""What the application takes from the achievements service."""

from host_api.core.member_rows import moves
from host_api.core.service import Service, StatusPart
from host_api.services.achievements import models
from host_api.services.achievements.evaluation_job import EVALUATION
from host_api.services.achievements.events import ACHIEVEMENT_REACHED
from host_api.services.achievements.models import AchievementAward
from host_api.services.achievements.personal_data import PERSONAL_DATA
from host_api.services.achievements.routes import router

SERVICE = Service(
    name="achievements",
    title="Achievements and streaks",
    title_fa="دستاوردها و زنجیره‌ها",
    tags={
        "achievements": "Achievements, streaks and progress · دستاوردها و زنجیره‌ها",
    },
    routers=(router,),
    tables=(models,),
    jobs=(EVALUATION,),
    event_types=(ACHIEVEMENT_REACHED,),
    status_parts=(StatusPart.FEED, StatusPart.JOBS),
    personal_data=(PERSONAL_DATA,),
    member_rows=(moves(AchievementAward.member_id),),
)
