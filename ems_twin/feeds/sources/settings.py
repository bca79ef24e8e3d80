"""What can be said of a source in a configuration file: a ``[[source]]`` table each."""

from __future__ import annotations

import re
from typing import Annotated, ClassVar, Literal, Self, TypeAlias
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, field_validator, model_validator

from ..hardened import MOST_BYTES

Seconds: TypeAlias = Annotated[float, Field(gt=0, le=31_536_000)]
Variable: TypeAlias = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]*$")]
"""Name of an environment variable; a secret never stands in the file itself."""


class SourceSettings(BaseModel):
    """What all sources have."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    kind: str
    name: Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,39}$")]
    """Small letters, digits, ``-`` and ``_``: stands in URLs and metrics."""
    codec: str
    area: tuple[float, float, float, float] | None = None
    """West, south, east, north: a position outside is refused."""
    timezone: str | None = None
    """Civil time of times without a zone."""
    silent_after_s: Seconds | None = None
    """An alarm is raised after so long without a message."""
    rate_per_s: Annotated[float, Field(gt=0, le=100_000)] = 2000.0
    queue: Annotated[int, Field(ge=1, le=100_000)] = 2000
    """Messages that may wait to be written."""
    max_bytes: Annotated[int, Field(ge=100, le=MOST_BYTES)] = 1_000_000
    """The longest message."""

    secrets: ClassVar[tuple[str, ...]] = ()
    """Fields that name environment variables."""


class WebhookSettings(SourceSettings):
    """Messages are posted to us, each signed."""

    kind: Literal["webhook"]
    secret_env: Variable | None = None
    unsigned: bool = False
    """Take messages without a signature: only where nobody else can reach the address."""
    secrets: ClassVar[tuple[str, ...]] = ("secret_env",)

    @model_validator(mode="after")
    def _has_a_secret(self) -> Self:
        if (self.secret_env is None) != self.unsigned:
            raise ValueError("needs secret_env with the name of an environment variable, or unsigned = true; not both")
        return self


def _url(value: str, *schemes: str) -> str:
    parts = urlsplit(value)
    if parts.scheme not in schemes or not parts.hostname:
        raise ValueError(f"needs a URL that begins with {' or '.join(f'{scheme}://' for scheme in schemes)}")
    if parts.password:
        raise ValueError("holds a password in its URL: name an environment variable that holds it instead")
    return value


class PollSettings(SourceSettings):
    """A URL is asked every so often."""

    kind: Literal["poll"]
    max_bytes: Annotated[int, Field(ge=100, le=MOST_BYTES)] = MOST_BYTES
    url: str
    every_s: Seconds = 60.0
    timeout_s: Seconds = 30.0
    params: dict[str, str] = Field(default_factory=dict)
    """Of the query. ``{since}`` in one stands for the newest ``cursor_field`` seen, less ``overlap_s``: as in
    ``"$where" = ":updated_at > '{since}'"`` for Socrata. ``{offset}`` and ``page_rows`` ask for page after page."""
    cursor_field: str = ":updated_at"
    """Field of the rows that says when they changed."""
    overlap_s: Annotated[float, Field(ge=0, le=31_536_000)] = 600.0
    """Rows may be seen so long after the change that they tell of."""
    first_s: Seconds = 86_400.0
    """How far back the first request asks."""
    page_rows: Annotated[int, Field(ge=1, le=50_000)] | None = None
    """Rows of a full page."""
    headers: dict[str, str] = Field(default_factory=dict)
    token_env: Variable | None = None
    token_header: str = "Authorization"
    """With ``Authorization`` the token is sent as a bearer token; Socrata's is ``X-App-Token``."""
    secrets: ClassVar[tuple[str, ...]] = ("token_env",)

    @field_validator("url")
    @classmethod
    def _http(cls, value: str) -> str:
        return _url(value, "http", "https")


class ReplaySettings(SourceSettings):
    """A file of messages, or a folder of files, at any speed."""

    kind: Literal["replay"]
    max_bytes: Annotated[int, Field(ge=100, le=MOST_BYTES)] = MOST_BYTES
    path: str
    """Relative to the configuration's folder. A folder's files are messages, in the order of their names; a file holds
    one a line."""
    speed: Annotated[float, Field(gt=0)] | None = None
    """Times faster than it was; as fast as can be if not given."""


class MqttSettings(SourceSettings):
    """Topics of an MQTT broker, at least once."""

    kind: Literal["mqtt"]
    url: str
    topics: Annotated[tuple[str, ...], Field(min_length=1)]
    client_id: str = "ems-twin"
    """The broker keeps for this name what comes while we are away. Two clients must not share one."""
    username: str | None = None
    password_env: Variable | None = None
    keepalive_s: Annotated[int, Field(ge=5, le=3600)] = 30
    secrets: ClassVar[tuple[str, ...]] = ("password_env",)

    @field_validator("url")
    @classmethod
    def _mqtt(cls, value: str) -> str:
        return _url(value, "mqtt", "mqtts")


class NatsSettings(SourceSettings):
    """A stream of NATS JetStream, through a durable consumer."""

    kind: Literal["nats"]
    url: str
    stream: str
    subjects: Annotated[tuple[str, ...], Field(min_length=1)]
    durable: Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")] = "ems-twin"
    """Under this name the server remembers how far we have come."""
    username: str | None = None
    password_env: Variable | None = None
    token_env: Variable | None = None
    secrets: ClassVar[tuple[str, ...]] = ("password_env", "token_env")

    @field_validator("url")
    @classmethod
    def _nats(cls, value: str) -> str:
        return _url(value, "nats", "tls")


class WebsocketSettings(SourceSettings):
    """A websocket that we open and listen to."""

    kind: Literal["websocket"]
    url: str
    """``{last_id}`` in it stands for the identifier of the last message, empty at first."""
    subscribe: str | None = None
    """Sent when the connection is there; ``{last_id}`` as above."""
    ping_s: Seconds = 20.0
    token_env: Variable | None = None
    """Sent as a bearer token."""
    secrets: ClassVar[tuple[str, ...]] = ("token_env",)

    @field_validator("url")
    @classmethod
    def _ws(cls, value: str) -> str:
        return _url(value, "ws", "wss")


AnySettings: TypeAlias = (
    WebhookSettings | PollSettings | ReplaySettings | MqttSettings | NatsSettings | WebsocketSettings
)
KINDS: dict[str, type[AnySettings]] = {
    "webhook": WebhookSettings,
    "poll": PollSettings,
    "replay": ReplaySettings,
    "mqtt": MqttSettings,
    "nats": NatsSettings,
    "websocket": WebsocketSettings,
}
"""Settings by the word in their field ``kind``."""

SHORTEST_SECRET = 16
"""Characters of a secret that messages are signed with."""
LIKE_A_SECRET = re.compile(r"^(secret|password|token|key|api_key)$")
"""Fields in which somebody might write a secret itself."""
