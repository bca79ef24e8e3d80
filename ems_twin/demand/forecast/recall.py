"""Fits that are kept in the user's cache, so that a second question about the same calls takes no second fit."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from ..._compiled import user_cache_root
from ...errors import InputError
from .catalogue import make_models
from .kept import FittedModel, calls_digest, read_fitted, version_key, write_fitted
from .past import PastCalls

_KEPT = 12  # files of the cache; some MB each


def fit_or_recall(
    calls: PastCalls, name: str, *, cells_kind: str, source: str, notes: tuple[str, ...] = (), recall: bool = True
) -> tuple[FittedModel, bool]:
    """Fit a model to a record, or take the fit to the very same record from the cache.

    A cache that cannot be written to, or a file in it that is damaged, is passed over.

    Parameters
    ----------
    calls
        Record that the model is fitted to, all of it.
    name
        Of the model, out of :data:`~ems_twin.demand.forecast.catalogue.MODELS`.
    cells_kind, source, notes
        As in :class:`FittedModel`.
    recall
        Whether to look into the cache, and to keep the fit there.

    Returns
    -------
    fitted, recalled
        ``recalled`` says whether it came from the cache.
    """
    digest = calls_digest(calls)
    key = sha256(f"{digest} {calls.since_s!r} {calls.until_s!r} {name} {cells_kind} {version_key()}".encode())
    file = user_cache_root() / "forecasts" / f"{key.hexdigest()[:32]}.npz"
    if recall and file.exists():
        try:
            return read_fitted(file), True
        except InputError:
            pass
    model = make_models((name,))[name]
    model.fit(calls)
    fitted = FittedModel(
        model=model, name=name, cells=calls.cells, cells_kind=cells_kind, timezone=calls.clock.timezone,
        since_s=calls.since_s, until_s=calls.until_s, calls=len(calls), digest=digest, source=source, notes=notes,
    )  # fmt: skip
    if recall:
        try:
            write_fitted(fitted, file)
        except InputError:
            pass
        else:
            _drop_the_oldest(file.parent)
    return fitted, False


def _drop_the_oldest(folder: Path) -> None:
    try:
        files = sorted(folder.glob("*.npz"), key=lambda file: file.stat().st_mtime)
        for file in files[:-_KEPT]:
            file.unlink(missing_ok=True)
    except OSError:
        return  # another process tidies up as well
