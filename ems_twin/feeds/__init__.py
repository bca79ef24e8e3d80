"""The world's messages: canonical events, and codecs that read and write the standards, one file a standard."""

from __future__ import annotations

from .decoded import Decoded as Decoded
from .decoded import Reading as Reading
from .decoded import Refusal as Refusal
from .events import EVENTS as EVENTS
from .events import AnyEvent as AnyEvent
from .events import CallEvent as CallEvent
from .events import Event as Event
from .events import HospitalEvent as HospitalEvent
from .events import RoadEvent as RoadEvent
from .events import UnitPositionEvent as UnitPositionEvent
from .events import UnitStatusEvent as UnitStatusEvent
from .events import WeatherAlertEvent as WeatherAlertEvent
from .events import from_json as from_json
from .events import schema as schema
from .registry import CODECS as CODECS
from .registry import decode as decode
from .registry import decode_with as decode_with
from .registry import encode as encode
from .registry import sniff as sniff
from .vocabulary import Beds as Beds
from .vocabulary import CallAction as CallAction
from .vocabulary import Circle as Circle
from .vocabulary import Diversion as Diversion
from .vocabulary import Impact as Impact
from .vocabulary import Phase as Phase
from .vocabulary import Primary as Primary
from .vocabulary import Stay as Stay
from .vocabulary import Times as Times
from .vocabulary import Triage as Triage
from .vocabulary import UnitStatus as UnitStatus
