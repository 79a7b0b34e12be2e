"""Where a switch listens, and as which host to speak to it; by default as its own settings have it."""

import ssl
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from protocol.security.keys import derive_terminal_key
from protocol.security.mac import Mac
from switch.gate.link_plan import Address, read_address
from switch.secret_files import SecretFault, read_master_key
from switch.settings import SwitchSettings


class HostFault(Exception):  # noqa: N818  (not an error in the program)
    """The switch can't be asked, or said no; the text is one line for the operator."""


class HostAccess(NamedTuple):
    """An address, a host's name and key, and TLS where the port has it."""

    address: Address
    host_id: str
    mac: Mac
    tls: ssl.SSLContext | None


def host_access(  # noqa: PLR0917
    to: str = "",
    host_id: str = "",
    master_key_file: Path | None = None,
    ca_file: Path | None = None,
    certificate_file: Path | None = None,
    key_file: Path | None = None,
) -> HostAccess:
    """What is given, and for the rest the switch's settings in the environment.

    `ca_file` has the issuer of the switch's certificate: with it the link has TLS; `certificate_file` and
    `key_file` are the host's own where the switch wants to see one. Raises HostFault.
    """
    try:
        settings = SwitchSettings()
        address = Address(str(settings.bind_address), settings.terminals_port)
        address = read_address(to) if to else address
        key = read_master_key(master_key_file or settings.master_key_file)
        name = host_id or settings.host_terminal_id
        mac = Mac(derive_terminal_key(key, name, settings.host_key_generation))
        tls = None
        if ca_file is not None:
            tls = ssl.create_default_context(cafile=str(ca_file))
            if certificate_file is not None:
                tls.load_cert_chain(certificate_file, key_file)
        elif settings.tls_certificate_file is not None and not to:
            raise HostFault("the terminals' port has TLS: say by which issuer, with --ca-file")
    except ValidationError as error:
        raise HostFault(f"settings: {error.error_count()} wrong") from None
    except SecretFault as fault:
        raise HostFault(str(fault)) from None
    except ValueError as error:
        raise HostFault(f"{to or 'address'}: {error}") from None
    except OSError as error:
        raise HostFault(f"certificates: {error.strerror or error}") from None
    return HostAccess(address, name, mac, tls)
