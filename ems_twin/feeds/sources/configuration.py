"""Read the sources of a configuration file, with all its faults at once."""

from __future__ import annotations

import tomllib
from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ...city.validation import validated
from ...errors import InputError
from ...faults import Faults, ModelError
from ..decoded import Reading
from ..registry import AUTO, CODECS
from .settings import KINDS, LIKE_A_SECRET, SHORTEST_SECRET, AnySettings, ReplaySettings, WebhookSettings


class SourcesError(ModelError):
    """Sources that cannot be started as they are configured: all their faults."""

    subject = "the file of sources"


def read_sources(
    file: Path, environ: Mapping[str, str], codecs: Collection[str] = (AUTO, *CODECS)
) -> tuple[AnySettings, ...]:
    """The ``[[source]]`` tables of a TOML file; other tables are left to others.

    Parameters
    ----------
    environ
        Environment variables: those that are named must be there.
    codecs
        Names of the codecs that there are.

    Raises
    ------
    SourcesError
        The file cannot be read, or fields are missing, unknown or unfit: all of them, by path.
    """
    try:
        given = tomllib.loads(file.read_text("utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise SourcesError([InputError("cannot be read", file=file, remedy="Check the file's name.")]) from error
    except tomllib.TOMLDecodeError as error:
        raise SourcesError([InputError(f"is not TOML ({error})", file=file, remedy="Correct it there.")]) from error
    return sources_from(given.get("source", []), environ, codecs, file=file)


def sources_from(
    tables: Any, environ: Mapping[str, str], codecs: Collection[str] = (AUTO, *CODECS), *, file: Path | None = None
) -> tuple[AnySettings, ...]:
    """Sources from plain values, as TOML holds them.

    Raises
    ------
    SourcesError
        As of :func:`read_sources`.
    """
    faults = Faults(SourcesError)
    found: list[AnySettings] = []
    names: set[str] = set()
    if not isinstance(tables, list):
        faults.add("is no list of tables", file=file, field="source", remedy="Begin each source with [[source]].")
        tables = []
    for i, table in enumerate(tables):
        at = f"source[{i}]"
        settings = faults.attempt(lambda table=table, at=at: _one(table, at, file))  # type: ignore[misc] # mypy: lambda default
        if settings is None:
            continue
        found.append(settings)
        if settings.name in names:
            faults.add(f"there are two sources '{settings.name}'", file=file, field=f"{at}.name",
                       remedy="Give each a name of its own.")  # fmt: skip
        names.add(settings.name)
        if settings.codec not in codecs:
            faults.add(f"there is no codec '{settings.codec}'", file=file, field=f"{at}.codec",
                       remedy=f"Use one of {', '.join(sorted(codecs))}.")  # fmt: skip
        _check_reading(settings, at, file, faults)
        for field in settings.secrets:
            variable = getattr(settings, field)
            if variable is not None and not environ.get(variable):
                faults.add(f"the environment variable {variable} is not set", file=file, field=f"{at}.{field}",
                           remedy="Set it where the service is started; the secret stays out of the file.")  # fmt: skip
        if isinstance(settings, WebhookSettings) and settings.secret_env is not None:
            secret = environ.get(settings.secret_env, "")
            if 0 < len(secret) < SHORTEST_SECRET:
                faults.add(f"the secret in {settings.secret_env} is shorter than {SHORTEST_SECRET} characters", file=file,
                           field=f"{at}.secret_env", remedy="Take a long random one: openssl rand -hex 32.")  # fmt: skip
        if isinstance(settings, ReplaySettings) and not _beside(file, settings.path).exists():
            faults.add(f"there is no file or folder '{settings.path}'", file=file, field=f"{at}.path",
                       remedy="Paths are relative to the configuration's folder.")  # fmt: skip
    faults.raise_if_any()
    return tuple(found)


def _one(table: Any, at: str, file: Path | None) -> AnySettings:
    faults = Faults(SourcesError)
    kind = table.get("kind") if isinstance(table, dict) else None
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        faults.add("is missing" if kind is None else f"there is no kind {kind!r}", file=file, field=f"{at}.kind",
                   remedy=f"Use one of {', '.join(KINDS)}.")  # fmt: skip
        faults.raise_if_any()
        raise AssertionError
    for field in table:
        if LIKE_A_SECRET.match(field):
            faults.add("secrets do not belong into the file", file=file, field=f"{at}.{field}",
                       remedy=f"Put it into an environment variable and name that in {field}_env.")  # fmt: skip
    kept = {field: value for field, value in table.items() if not LIKE_A_SECRET.match(field)}
    settings = faults.attempt(lambda: validated(model, kept, Faults(SourcesError), file=file, within=at))
    faults.raise_if_any()
    assert settings is not None  # a table that does not validate has left a fault
    return settings


def _check_reading(settings: AnySettings, at: str, file: Path | None, faults: Faults) -> None:
    for field in ("area", "timezone"):
        value = getattr(settings, field)
        try:
            Reading(received_at=datetime.now(UTC), source=settings.name, **{field: value})
        except InputError as error:
            faults.add(error.problem, file=file, field=f"{at}.{field}", remedy=error.remedy)


def _beside(file: Path | None, path: str) -> Path:
    return Path(path) if file is None else file.parent / path
