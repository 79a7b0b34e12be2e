"""Sessions between a terminal and a switch, written down as scripts that can be played again."""

from simulator.session_recording.proxy import RecordingProxy
from simulator.session_recording.recorder import Recorder
from simulator.session_recording.script_text import script_text

__all__ = ["Recorder", "RecordingProxy", "script_text"]
