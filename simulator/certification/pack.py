"""The cases that come with the package: files of scripts, in the order of their numbers."""

import hashlib
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files

from protocol.spec import SpecDocument
from protocol.spec.schema import Title
from simulator.scripts import Script, parse_script


class Subject(StrEnum):
    """What is under test; the scripts are the other side."""

    SWITCH = "switch"
    TERMINAL = "terminal"


@dataclass(frozen=True, slots=True)
class Case:
    """One case: its name, as "wrong-mac", and its script."""

    name: str
    script: Script

    @property
    def feature(self) -> str:
        """What the subject may be without, "" where every subject has to pass the case."""
        return self.script.feature or ""


def features_of(subject: Subject) -> tuple[str, ...]:
    """Features that a subject may declare to be without; everything else is asked of each."""
    return ("key_change", "offline", "redemption", "totals") if subject is Subject.TERMINAL else ()


@cache
def cases_of(subject: Subject) -> tuple[Case, ...]:
    """All cases for a subject, in the order in which they run."""
    folder = files("simulator.certification").joinpath(subject.value)
    names = sorted(entry.name for entry in folder.iterdir() if entry.name.endswith(".toml"))
    return tuple(
        Case(
            name.removesuffix(".toml").partition("-")[2],
            parse_script(folder.joinpath(name).read_text("utf-8"), name),
        )
        for name in names
    )


def digest_of_spec() -> str:
    """SHA-256 of the message spec's file."""
    return hashlib.sha256(files("protocol.spec").joinpath("vafa.toml").read_bytes()).hexdigest()


def digest_of_pack(subject: Subject) -> str:
    """SHA-256 over the scripts of a subject's cases."""
    content = "\n".join(f"{case.name}\n{case.script.model_dump_json()}" for case in cases_of(subject))
    return hashlib.sha256(content.encode()).hexdigest()


def paragraph(spec: SpecDocument, case: Case) -> Title:
    """What the handbook says of a case: its rule, and of a message type its fields."""
    rule = case.script.rule or case.script.title
    known = spec.messages.get(case.script.about)
    if known is None:
        return rule
    english, persian = [known.title.en], [known.title.fa]
    for numbers, en, fa in (
        (known.mandatory, "mandatory", "الزامی"),
        (sorted(known.conditional), "conditional", "مشروط"),
        (known.optional, "optional", "اختیاری"),
        (known.echo, "copied from the request", "برگرفته از درخواست"),
    ):
        if numbers:
            fields = [(number, spec.fields[number]) for number in numbers]
            english.append(f"{en}: {', '.join(f'{number} {field.name}' for number, field in fields)}")
            persian.append(f"{fa}: {'، '.join(f'{number} {field.title.fa}' for number, field in fields)}")
    return Title(en=f"{rule.en} {'; '.join(english)}.", fa=f"{rule.fa} {'؛ '.join(persian)}.")
