"""Scripts as data: what a terminal, a till, a concentrator or a switch says, and what it must hear.

`load_script` reads one, `Runner` is its state machine without I/O, `run_script` drives it over TCP or TLS.
"""

from simulator.scripts.failure import Failure
from simulator.scripts.loading import ScriptFault, load_script, parse_script
from simulator.scripts.model import Script
from simulator.scripts.outcome import Exchanged, Outcome
from simulator.scripts.profile import Profile, ProfileFault, load_profile
from simulator.scripts.runner import Runner
from simulator.scripts.shell import Endpoint, run_script

__all__ = [
    "Endpoint",
    "Exchanged",
    "Failure",
    "Outcome",
    "Profile",
    "ProfileFault",
    "Runner",
    "Script",
    "ScriptFault",
    "load_profile",
    "load_script",
    "parse_script",
    "run_script",
]
