"""Questions of surveys, answers that fit them, and what all answers say together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, model_validator

from host_api.core.errors import FieldProblem, ValidationFailed
from host_api.core.name_type import kept_name
from host_api.core.persian_text import fold_name

MOST_QUESTIONS: Final = 50
LARGEST_NUMBER: Final = 10**12

Answer = int | str | list[str]
Answers = dict[str, Answer]
Wording = Annotated[str, Field(min_length=1, max_length=300), kept_name(300)]


class QuestionKind(StrEnum):
    """How a question is answered."""

    CHOICE = "choice"
    CHOICES = "choices"
    SCALE = "scale"
    NUMBER = "number"
    TEXT = "text"


class QuestionChoice(BaseModel):
    """Something to choose."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"example": {"code": "price", "title": "The prices", "title_fa": "قیمت‌ها"}},
    )

    code: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,15}$")
    title: Wording
    title_fa: Wording


class SurveyQuestion(BaseModel):
    """One question."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={
            "example": {
                "name": "again",
                "text": "Would you come again?",
                "text_fa": "باز هم می‌آیید؟",
                "kind": "scale",
                "minimum": 0,
                "maximum": 10,
            }
        },
    )

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,15}$")
    text: Wording
    text_fa: Wording
    kind: QuestionKind
    is_required: bool = True
    choices: list[QuestionChoice] = Field(default=[], max_length=30)
    minimum: int = Field(default=1, ge=0, le=LARGEST_NUMBER, description="Of a scale or number.")
    maximum: int = Field(default=5, ge=0, le=LARGEST_NUMBER, description="Of a scale, up to 10, or number.")
    most_characters: int = Field(default=500, ge=1, le=2000, description="Of a text.")

    @model_validator(mode="after")
    def _agrees(self) -> "SurveyQuestion":
        has_choices = self.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES)
        if has_choices != bool(self.choices):
            raise ValueError("a choice, and nothing else, has choices")
        if len({choice.code for choice in self.choices}) != len(self.choices):
            raise ValueError("two choices have the same code")
        if self.minimum >= self.maximum:
            raise ValueError("minimum lies below maximum")
        if self.kind is QuestionKind.SCALE and self.maximum > 10:
            raise ValueError("a scale ends at 10 at most")
        return self


def checked_answers(questions: Sequence[SurveyQuestion], given: Mapping[str, Answer]) -> Answers:
    """Answers as they are kept.

    Raises:
        ValidationFailed: all that doesn't fit.
    """
    faults: list[FieldProblem] = []
    found: Answers = {}
    named = {question.name: question for question in questions}
    faults += [_fault(name, "unknown", "There is no such question") for name in given if name not in named]
    for name, question in named.items():
        answer = given.get(name)
        if answer is None or answer in ("", []):
            if question.is_required:
                faults.append(_fault(name, "missing", "This question has to be answered"))
            continue
        try:
            found[name] = _checked(question, answer)
        except ValueError as error:
            faults.append(_fault(name, "value", str(error)))
    if faults:
        raise ValidationFailed(faults)
    return found


def _checked(question: SurveyQuestion, answer: Answer) -> Answer:
    codes = {choice.code for choice in question.choices}
    match question.kind:
        case QuestionKind.CHOICE:
            if not isinstance(answer, str) or answer not in codes:
                raise ValueError("One of the choices")
            return answer
        case QuestionKind.CHOICES:
            if not isinstance(answer, list) or not set(answer) <= codes or len(set(answer)) != len(answer):
                raise ValueError("Some of the choices, each once")
            return sorted(answer)
        case QuestionKind.TEXT:
            text = fold_name(answer) if isinstance(answer, str) else ""
            if not 1 <= len(text) <= question.most_characters:
                raise ValueError(f"Text of up to {question.most_characters} characters")
            return text
        case _:
            is_number = isinstance(answer, int) and not isinstance(answer, bool)
            if not is_number or not question.minimum <= int(str(answer)) <= question.maximum:
                raise ValueError(f"A number from {question.minimum} to {question.maximum}")
            return int(str(answer))


def _fault(name: str, code: str, message: str) -> FieldProblem:
    return FieldProblem(
        field=f"answers.{name[:32]}",
        location="body",
        code=code,
        message=message,
        message_fa="این پاسخ با پرسش نمی‌خواند.",
    )


@dataclass(slots=True)
class Tally:
    """What all answers to one question say.

    Attributes:
        counts: by choice, or by number of a scale.
        total: sum of all numbers.
    """

    answered: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    total: int = 0
    least: int | None = None
    most: int | None = None

    @property
    def average_hundredths(self) -> int | None:
        """The average of numbers in hundredths, half of one rounded up."""
        return None if not self.answered else (200 * self.total + self.answered) // (2 * self.answered)


def count_in(
    tallies: Mapping[str, Tally], questions: Iterable[SurveyQuestion], answers: Mapping[str, object]
) -> None:
    """Add one person's answers."""
    for question in questions:
        answer = answers.get(question.name)
        if answer is None:
            continue
        tally = tallies[question.name]
        tally.answered += 1
        if question.kind in (QuestionKind.CHOICE, QuestionKind.CHOICES, QuestionKind.SCALE):
            for one in answer if isinstance(answer, list) else [answer]:
                tally.counts[str(one)] = tally.counts.get(str(one), 0) + 1
        if isinstance(answer, int):
            tally.total += answer
            tally.least = answer if tally.least is None else min(tally.least, answer)
            tally.most = answer if tally.most is None else max(tally.most, answer)
