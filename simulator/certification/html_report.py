"""The results of a run as one page, in Persian and in English, that asks no server for anything."""

from collections.abc import Iterator
from html import escape
from importlib.resources import files

from protocol.presentation.masking import Masking
from protocol.presentation.spans import read
from protocol.presentation.text import Language, byte_range, rows
from protocol.spec import SpecDocument, load_spec
from protocol.spec.schema import Title
from simulator.certification.pack import digest_of_pack, digest_of_spec, paragraph
from simulator.certification.run import CaseResult, Certificate
from simulator.scripts.failure import HANDBOOK, Failure

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_DIRECTION = {"en": "ltr", "fa": "rtl"}
_WORDS: dict[str, Title] = {
    "switch": Title(en="Certification of a switch", fa="گواهی سوئیچ"),
    "terminal": Title(en="Certification of a terminal", fa="گواهی پایانه"),
    "passed": Title(en="passed", fa="پذیرفته"),
    "failed": Title(en="failed", fa="مردود"),
    "partial": Title(en="not all cases were run", fa="همهٔ موردها اجرا نشده است"),
    "without": Title(
        en="Left out, as the subject is declared to be without", fa="کنار گذاشته، چون آزموده این‌ها را ندارد"
    ),
    "cases": Title(en="Cases", fa="موردها"),
    "request": Title(en="Request", fa="درخواست"),
    "reply": Title(en="Reply", fa="پاسخ"),
    "none": Title(en="none", fa="هیچ"),
    "difference": Title(en="Difference", fa="تفاوت"),
    "no_difference": Title(en="none: all was as expected", fa="هیچ؛ همه چیز چنان بود که باید"),
    "expected": Title(en="Expected", fa="مورد انتظار"),
    "got": Title(en="Got", fa="آمده"),
    "absent": Title(en="(absent)", fa="(نیامده)"),
    "field": Title(en="Field", fa="فیلد"),
    "bytes": Title(en="Bytes", fa="بایت‌ها"),
    "step": Title(en="Step", fa="گام"),
    "hint": Title(en="Likely cause", fa="علت محتمل"),
    "handbook": Title(en="Handbook", fa="راهنما"),
    "value": Title(en="Value", fa="مقدار"),
    "name": Title(en="Name", fa="نام"),
    "spec": Title(en="Message spec", fa="مشخصات پیام"),
    "pack": Title(en="Cases, SHA-256", fa="موردها، SHA-256"),
    "messages": Title(en="messages", fa="پیام"),
    "steps": Title(en="steps", fa="گام"),
}


def html_report(certificate: Certificate) -> str:
    """The page's text."""
    spec = load_spec("vafa")
    style = files("simulator.certification").joinpath("report.css").read_text("utf-8")
    parts = [
        "<!doctype html>",
        '<html lang="en"><head><meta charset="utf-8">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        # Neither scripts nor anything from elsewhere.
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">',
        f"<title>{escape(_WORDS[certificate.subject].en)}</title><style>{style}</style></head><body>",
        '<input type="radio" name="language" id="fa" checked><label for="fa" lang="fa">فارسی</label>',
        '<input type="radio" name="language" id="en"><label for="en" lang="en">English</label>',
    ]
    for language in ("fa", "en"):
        parts += _page(spec, certificate, language)
    return "\n".join([*parts, "</body></html>"]) + "\n"


def _page(spec: SpecDocument, certificate: Certificate, language: Language) -> Iterator[str]:
    verdict = "passed" if certificate.passed else "failed"
    passed = sum(result.passed for result in certificate.results)
    yield f'<main lang="{language}" dir="{_DIRECTION[language]}" class="{language}">'
    yield f"<h1>{_word(certificate.subject, language)}</h1>"
    count = f"{passed}/{len(certificate.results)}"
    yield f'<p class="verdict {verdict}">{_word(verdict, language)} · <bdi>{count}</bdi></p>'
    if not certificate.is_whole:
        yield f"<p>{_word('partial', language)}</p>"
    if certificate.without:
        yield f"<p>{_word('without', language)}: {_code(', '.join(certificate.without))}</p>"
    named = f"{spec.name} {spec.version} {digest_of_spec()}"
    yield f"<dl><dt>{_word('spec', language)}</dt><dd>{_code(named)}</dd>"
    yield f"<dt>{_word('pack', language)}</dt><dd>{_code(digest_of_pack(certificate.subject))}</dd></dl>"
    yield f"<h2>{_word('cases', language)}</h2>"
    for result in certificate.results:
        yield from _case(spec, result, language)
    yield "</main>"


def _case(spec: SpecDocument, result: CaseResult, language: Language) -> Iterator[str]:
    verdict = "passed" if result.passed else "failed"
    script, outcome = result.case.script, result.outcome
    opened = "" if result.passed else " open"
    yield f'<details class="{verdict}"{opened}><summary><span class="mark">{_word(verdict, language)}</span> '
    yield f"{_title(script.title, language)} <small>{_code(result.case.name)} <bdi>{outcome.count}</bdi> "
    yield f"{_word('messages', language)} · <bdi>{outcome.steps}</bdi> {_word('steps', language)}"
    yield "</small></summary>"
    yield f"<h3>{_word('handbook', language)}</h3><p>{_title(paragraph(spec, result.case), language)}</p>"
    yield f"<p>{_code(f'{HANDBOOK}#{script.about}')}</p>"
    yield f"<h3>{_word('difference', language)}</h3>"
    yield from _difference(outcome.failure, language)
    for name, payload in (("request", outcome.request), ("reply", outcome.reply)):
        yield f"<h3>{_word(name, language)}</h3>"
        yield from _message(spec, payload, language)
    yield "</details>"


def _difference(failure: Failure | None, language: Language) -> Iterator[str]:
    if failure is None:
        yield f"<p>{_word('no_difference', language)}</p>"
        return
    yield f"<p><strong>{_title(failure.problem, language)}</strong></p><dl>"
    turn = f" ({failure.turn})" if failure.turn else ""
    cells = [("step", _code(f"{failure.step} {failure.action}{turn}"))]
    if failure.path:
        cells.append(("field", _code(f"{failure.path} {failure.name}".strip())))
    if failure.expected is not None:
        got = _word("absent", language) if failure.got is None else _code(failure.got)
        cells += [("expected", _code(failure.expected)), ("got", got)]
    if failure.bytes_shown:
        cells.append(("bytes", _code(failure.bytes_shown)))
    if failure.hint is not None:
        cells.append(("hint", _title(failure.hint, language)))
    if failure.anchor:
        cells.append(("handbook", _code(f"{HANDBOOK}#{failure.anchor}")))
    for name, content in cells:
        yield f"<dt>{_word(name, language)}</dt><dd>{content}</dd>"
    yield "</dl>"


def _message(spec: SpecDocument, payload: bytes | None, language: Language) -> Iterator[str]:
    if payload is None:
        yield f"<p>{_word('none', language)}</p>"
        return
    reading = read(spec, payload)
    heads = "".join(f"<th>{_word(name, language)}</th>" for name in ("bytes", "field", "name", "value"))
    yield f"<table><thead><tr>{heads}</tr></thead><tbody>"
    for row in rows(reading, Masking(reading), language):
        cells = (_code(byte_range(row.start, row.end)), _code(row.label), escape(row.name), _bdi(row.value))
        yield "<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>"
    yield "</tbody></table>"
    for fault in reading.faults:
        yield f"<p>{_code(str(fault))}</p>"


def _word(name: str, language: Language) -> str:
    return _title(_WORDS[name], language)


def _title(title: Title, language: Language) -> str:
    return escape(title.en if language == "en" else title.fa)


def _code(text: str) -> str:
    return f'<code dir="ltr">{escape(text)}</code>'


def _bdi(text: str) -> str:
    return f"<bdi>{escape(text)}</bdi>"
