"""What a contest is made of: questions, options, and whether its parts agree."""

from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Final

from pydantic import BaseModel, ConfigDict, Field

from host_api.core.name_type import kept_name
from host_api.services.contests.payout import THOUSAND

if TYPE_CHECKING:
    from host_api.services.contests.schemas import ContestCreate

MOST_QUESTIONS: Final = 30
MOST_OPTIONS: Final = 40
MOST_RANKS: Final = 1000
LARGEST_MULTIPLIER: Final = 1000 * THOUSAND
LARGEST_STAKE: Final = 10**9

Title = Annotated[str, Field(min_length=1, max_length=60), kept_name(60)]
Text = Annotated[str, Field(min_length=1, max_length=500), kept_name(500)]
Code = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,15}$")]


class CostMode(StrEnum):
    """What an entry costs: any number of points up to the cap, always the same, or nothing."""

    FLOATING = "floating"
    FIXED = "fixed"
    FREE = "free"


class Scenario(StrEnum):
    """Templates.

    QUESTION: one question, whose right option is found later. PREDICTION: an event, to which options may be
    added while it is open. QUESTIONS: several, decided later. QUIZ: one or several, whose right answers are
    known beforehand. RANKING: by score, the highest first.
    """

    QUESTION = "question"
    PREDICTION = "prediction"
    QUESTIONS = "questions"
    QUIZ = "quiz"
    RANKING = "ranking"


class PayoutMode(StrEnum):
    """What winners get: a multiple of their stake, a share of all stakes, or a fixed prize (free ones)."""

    MULTIPLIER = "multiplier"
    POOL = "pool"
    PRIZE = "prize"


class WithoutWinner(StrEnum):
    """What becomes of a pool that nobody has won."""

    REFUND = "refund"
    KEEP = "keep"


class Option(BaseModel):
    """One possible answer."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {"code": "home", "title": "Home wins", "title_fa": "برد میزبان", "multiplier": 1850}
        },
    )

    code: Code
    title: Title
    title_fa: Title
    multiplier: int = Field(
        default=THOUSAND,
        ge=1,
        le=LARGEST_MULTIPLIER,
        description="Win rate in thousandths: 1850 pays 1.85 times the stake. Of use with `multiplier` only.",
    )


class ContestQuestion(BaseModel):
    """A question and its options."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "code": "winner",
                "text": "Who wins the final?",
                "text_fa": "برندهٔ فینال کیست؟",
                "options": [
                    {"code": "home", "title": "Home", "title_fa": "میزبان", "multiplier": 1850},
                    {"code": "away", "title": "Away", "title_fa": "میهمان", "multiplier": 2200},
                ],
            }
        },
    )

    code: Code
    text: Text
    text_fa: Text
    options: list[Option] = Field(min_length=2, max_length=MOST_OPTIONS)


def check(contest: "ContestCreate") -> None:
    """See that a contest's parts agree.

    Raises:
        ValueError: they don't.
    """
    if contest.ends_at <= contest.starts_at:
        raise ValueError("a contest ends after it starts")
    _check_cost(contest)
    _check_questions(contest)
    _check_payout(contest)


def _check_cost(contest: "ContestCreate") -> None:
    if (contest.stake_cap is not None) != (contest.cost_mode is not CostMode.FREE):
        raise ValueError("stake_cap is the cost of a fixed or the cap of a floating contest, and only theirs")
    if contest.stake_cap is not None and contest.stake_least > contest.stake_cap:
        raise ValueError("stake_least is at most stake_cap")
    if (contest.payout_mode is PayoutMode.PRIZE) != (contest.cost_mode is CostMode.FREE):
        raise ValueError("free contests have prizes, others a multiplier or a pool")


def _check_questions(contest: "ContestCreate") -> None:
    codes = [question.code for question in contest.questions]
    if len(set(codes)) != len(codes):
        raise ValueError("two questions have the same code")
    for question in contest.questions:
        if len({option.code for option in question.options}) != len(question.options):
            raise ValueError("two options of a question have the same code")
    is_single = contest.scenario in (Scenario.QUESTION, Scenario.PREDICTION)
    if contest.scenario is Scenario.RANKING:
        if codes:
            raise ValueError("a ranking has no questions")
    elif not codes or (is_single and len(codes) != 1):
        raise ValueError("a question or prediction has one question, other scenarios at least one")
    if contest.right_needed is not None and contest.right_needed > len(codes):
        raise ValueError("right_needed is at most the number of questions")
    if (contest.right_answers is not None) != (contest.scenario is Scenario.QUIZ):
        raise ValueError("right_answers are a quiz's, and needed there")
    if contest.right_answers is not None:
        check_answers(contest.questions, contest.right_answers)


def _check_payout(contest: "ContestCreate") -> None:
    is_ranking = contest.scenario is Scenario.RANKING
    if bool(contest.ranks) != is_ranking:
        raise ValueError("ranks are a ranking's, and needed there")
    if contest.ranks != sorted(contest.ranks, reverse=True):
        raise ValueError("no rank gets less than a later one")
    is_prize = contest.payout_mode is PayoutMode.PRIZE
    if not is_prize and (contest.prize_units is not None or contest.prize_id is not None):
        raise ValueError("a prize is a free contest's")
    if is_ranking and contest.prize_units is not None:
        raise ValueError("a ranking has the units of its prizes in its ranks")
    if is_prize and not is_ranking and (contest.prize_units is None) == (contest.prize_id is None):
        raise ValueError("a free contest has prize_units or prize_id")
    if contest.budget_id is not None and (
        contest.payout_mode is PayoutMode.POOL or contest.prize_id is not None
    ):
        raise ValueError("a budget pays multiples and units; a pool and prizes have their own means")
    if contest.club_part and contest.payout_mode is not PayoutMode.POOL:
        raise ValueError("club_part is a pool's")


def check_answers(questions: list[ContestQuestion], answers: dict[str, str]) -> None:
    """See that each question is answered by one of its options.

    Raises:
        ValueError: one isn't, or something else is answered.
    """
    if set(answers) != {question.code for question in questions}:
        raise ValueError("each question is answered once")
    for question in questions:
        if answers[question.code] not in {option.code for option in question.options}:
            raise ValueError("an answer is none of its question's options")


def only_adds_options(before: list[ContestQuestion], after: list[ContestQuestion]) -> bool:
    """Whether what members have chosen from is still there as it was."""
    return len(before) == len(after) and all(
        (old.code, old.text, old.text_fa) == (new.code, new.text, new.text_fa)
        and new.options[: len(old.options)] == old.options
        for old, new in zip(before, after, strict=True)
    )
