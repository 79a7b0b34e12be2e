"""A file to be committed: which cases of which pack a subject passed, for which spec. The same results give
the same file, byte for byte."""

from protocol.spec import load_spec
from simulator.certification.pack import cases_of, digest_of_pack, digest_of_spec
from simulator.certification.run import Certificate


def conformance(certificate: Certificate) -> str:
    """The file's text, TOML."""
    spec = load_spec("vafa")
    outcomes = {result.case.name: "passed" if result.passed else "failed" for result in certificate.results}
    outcomes |= {case.name: "left out" for case in certificate.left_out}
    without = ", ".join(f'"{feature}"' for feature in certificate.without)
    lines = [
        "# Written by `vafa sim certify`.",
        "format = 1",
        f'subject = "{certificate.subject}"',
        f"passed = {str(certificate.passed).lower()}",
        "",
        "[spec]",
        f'name = "{spec.name}"',
        f"version = {spec.version}",
        f'sha256 = "{digest_of_spec()}"',
        "",
        "[pack]",
        f"whole = {str(certificate.is_whole).lower()}",
        f'sha256 = "{digest_of_pack(certificate.subject)}"',
        f"without = [{without}]",
        "",
        "[cases]",
        *(
            f'{case.name} = "{outcomes[case.name]}"'
            for case in cases_of(certificate.subject)
            if case.name in outcomes
        ),
    ]
    return "\n".join(lines) + "\n"
