"""How messages come in: webhooks, polling, files, MQTT, NATS and websockets, all through one :class:`Ingest`."""

from __future__ import annotations

from .configuration import SourcesError as SourcesError
from .configuration import read_sources as read_sources
from .configuration import sources_from as sources_from
from .feed import Feed as Feed
from .health import SourceHealth as SourceHealth
from .health import SourceState as SourceState
from .ingest import BusyError as BusyError
from .ingest import Ingest as Ingest
from .letters import replay_letters as replay_letters
from .running import Source as Source
from .running import build as build
from .running import feed_of as feed_of
from .running import run_sources as run_sources
from .running import webhooks as webhooks
from .webhook import Webhooks as Webhooks
from .webhook import sign as sign
