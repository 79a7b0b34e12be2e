"""What response codes say, in both languages: from the message spec, which terminals and hosts share."""

from pydantic import BaseModel, ConfigDict, Field

from protocol.spec import load_spec


class CodeMeaning(BaseModel):
    """What a response code says."""

    model_config = ConfigDict(json_schema_extra={"example": {"en": "Approved", "fa": "تأیید شد"}})

    en: str = Field(description="In English.")
    fa: str = Field(description="In Persian.")


def meaning_of(response_code: str) -> CodeMeaning:
    """The meaning of field 39; of a code that the spec lacks, that nobody knows it."""
    code = load_spec("vafa").response_codes.get(response_code)
    if code is None:
        return CodeMeaning(en="Unknown code", fa="کد ناشناخته")
    return CodeMeaning(en=code.title.en, fa=code.title.fa)
