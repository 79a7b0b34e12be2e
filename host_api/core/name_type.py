"""Names as field types: folded as `persian_text.fold_name` does, not empty, and short enough to be kept."""

from pydantic import AfterValidator
from pydantic_core import PydanticCustomError

from host_api.core.persian_text import fold_name


def kept_name(most_characters: int) -> AfterValidator:
    """Annotation of a string that holds a name.

    Parameters:
        most_characters: of the folded name, which can be longer than what was written: one character may
        stand for a whole phrase (U+FDFA).
    """

    def fold(text: str) -> str:
        folded = fold_name(text)
        if not folded:
            raise PydanticCustomError("name_empty", "The name is empty")
        if len(folded) > most_characters:
            raise PydanticCustomError("string_too_long", "The name is too long")
        return folded

    return AfterValidator(fold)
