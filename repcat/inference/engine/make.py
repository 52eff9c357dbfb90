"""Make an engine: from the store where it is kept, else exported, checked against eager, kept."""

from __future__ import annotations

import warnings
from pathlib import Path

from repcat.errors import DataError, PartError, RepcatError
from repcat.inference.engine.engine import GRAPH, NAMES, Engine, open_engine
from repcat.inference.engine.graph import deepest, trace, write_onnx
from repcat.inference.engine.kinds import Kind, check_usable
from repcat.inference.engine.model import Model
from repcat.inference.engine.parity import check_parity
from repcat.inference.engine.store import RECORD, Store, link_files
from repcat.io.json_record import write_json_record


def make_engine(kind: Kind, model: Model) -> tuple[Engine, tuple[str, ...]]:
    """Open a kept engine, or make and keep it; returns also what there is to say.

    Raises:
        RepcatError: where this machine or the backbone cannot have it, or it differs from eager.
    """
    check_usable(kind, model.device)
    store, told = Store(model), []
    why = store.fault(kind)
    if why is None:
        return _open(kind, model, store.place(kind)), ()
    if why:
        told.append(f"{why}: it is made anew")
    return _made(kind, model, store), tuple(told)


def _made(kind: Kind, model: Model, store: Store) -> Engine:
    """Write what an engine reads, hold it against eager, and keep it with what was found."""
    with store.making(kind) as folder:
        if kind.graph:
            _put_graph(model, store, folder)
        engine = _open(kind, model, folder)
        largest = _checked(engine, kind, model)
        write_json_record(folder / RECORD, store.record(kind, largest))
    return engine


def _put_graph(model: Model, store: Store, folder: Path) -> None:
    """Write the backbone's graph, or link that of another engine."""
    if kept := store.graph_files():
        link_files(kept, folder)
        return
    try:
        with warnings.catch_warnings(action="ignore"):  # torch's own about its own decompositions
            program = trace(model.backbone, model.reads[0], free=False)
        write_onnx(program, folder / GRAPH, NAMES, free=False)
    except Exception as error:
        if isinstance(error, DataError | OSError):
            raise
        msg = f"the backbone cannot be exported ({deepest(error)}); take --engine eager"
        raise PartError(msg, code="not-traceable") from None


def _open(kind: Kind, model: Model, folder: Path) -> Engine:
    """Open an engine; a library that is not what its version says is told in one line."""
    try:
        return open_engine(kind, model.backbone, folder)
    except Exception as error:  # noqa: BLE001  (a library's own, of any kind)
        raise _unusable(kind, error) from None


def _checked(engine: Engine, kind: Kind, model: Model) -> float:
    try:
        return check_parity(engine, kind, model.backbone, model.reads)
    except RepcatError:
        raise
    except Exception as error:  # noqa: BLE001  (as above: some compile at their first call)
        raise _unusable(kind, error) from None


def _unusable(kind: Kind, error: Exception) -> RepcatError:
    cure = f"pip install -U 'repcat[{kind.extra}]', or " if kind.extra else ""
    words = f"{type(error).__name__}: {deepest(error)}"
    msg = f"engine {kind.label} cannot be used here ({words}); {cure}take --engine eager"
    return RepcatError(msg, code="engine-unusable")
