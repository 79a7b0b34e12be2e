"""A file to be committed: which cases of which pack a subject passed, for which spec. The same results give
the same file, byte for byte."""

from protocol.spec import load_spec
from simulator.certification.pack import digest_of_pack, digest_of_spec
from simulator.certification.run import Certificate


def conformance(certificate: Certificate) -> str:
    """The file's text, TOML."""
    spec = load_spec("vafa")
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
        "",
        "[cases]",
        *(
            f'{result.case.name} = "{"passed" if result.passed else "failed"}"'
            for result in certificate.results
        ),
    ]
    return "\n".join(lines) + "\n"
