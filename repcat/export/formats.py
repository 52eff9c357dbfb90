"""Export: a run to a folder of one format, checked against eager, whole or not there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from types import ModuleType

from repcat.errors import RepcatError
from repcat.export import bundle, hub, onnx_file, traced
from repcat.export.model_card import card
from repcat.export.parity import TOLERANCE, agreement, check_parity
from repcat.export.reconstruction import read_reconstruction
from repcat.export.source import Subject, open_subject
from repcat.io.atomic import atomic_folder
from repcat.io.checksums import SUMS, write_checksums

# The card is not in the list: it is its owner's to write on.
LIST = f"`{SUMS}`: their checksums; `sha256sum -c {SUMS}` holds the files against them"


@dataclass(frozen=True, slots=True)
class Exported:
    """The folder that was written, and a line for each thing that was checked."""

    folder: Path
    lines: tuple[str, ...]


def export_run(
    path: Path,
    kind: str = "hub",
    *,
    out: Path | None = None,
    data: Path | None = None,
    step: int | None = None,
    run: bool = False,
    half: bool = False,
    licence: str = "",
) -> Exported:
    """Export a run as 'hub', 'onnx', 'torch' or 'monai'.

    `out` is `<run>/export/<kind>` unless told, `data` a prepared dataset to check on; `run` also
    reconstructs the whole split by onnxruntime. Of a hub folder: `half` stores the weights in half
    precision, `licence` is theirs.

    Raises:
        RepcatError: where the folder exists, an extra is missing, a part cannot be exported, or
            the exported model differs from the run's by more than the tolerance.
    """
    folder = out or path / "export" / kind
    if kind == "onnx":
        onnx_file.check_onnx()
    elif run:
        msg = "--run runs the ONNX file by onnxruntime: give --onnx with it"
        raise RepcatError(msg, code="run-without-onnx")
    if (half or licence) and kind != "hub":
        msg = "--half and --licence are of the folder for a hub; leave the other format out"
        raise RepcatError(msg, code="hub-alone")
    if folder.exists():
        msg = f"{folder} exists; delete it, or choose another folder with --out"
        raise RepcatError(msg, code="folder-taken")
    subject, (module, write) = open_subject(path, data, step), _FORMATS[kind]
    if kind == "hub":
        write = partial(_hub, half=half, licence=licence)
    with atomic_folder(folder) as part:
        lines = [*write(subject, part), *_views(subject, kind)]
        if run:
            lines += _run(subject, part)
        write_checksums(part)
        text = card(subject, module.USE, lines, (*module.FILES, LIST), licence)
        (part / "README.md").write_text(text, encoding="utf-8")
    return Exported(folder, tuple(lines))


def _hub(subject: Subject, folder: Path, *, half: bool = False, licence: str = "") -> list[str]:
    found = hub.write_hub(subject, folder, half=half, licence=licence)
    return [f"read again{', from half precision' * half}: {found}"]


def _torch(subject: Subject, folder: Path) -> list[str]:
    graph, file = traced.trace(subject), folder / "model.pt2"
    traced.write_program(subject, graph, file)
    found = agreement(subject, traced.read_program(file), subject.reconstruction())
    return [f"model.pt2 by torch: {found}", _batch(graph), "no pickle in model.pt2"]


def _onnx(subject: Subject, folder: Path) -> list[str]:
    graph, file = traced.trace(subject), folder / "model.onnx"
    onnx_file.write_onnx(subject, graph, file)
    found = agreement(subject, onnx_file.open_onnx(file), subject.reconstruction())
    return [f"model.onnx by onnxruntime: {found}", _batch(graph)]


def _monai(subject: Subject, folder: Path) -> list[str]:
    bundle.write_bundle(subject, folder)
    network = read_reconstruction(str(folder / "models"))
    found = agreement(subject, network, subject.reconstruction(channel=True))
    return [f"network_def: {found}"]


def _run(subject: Subject, folder: Path) -> list[str]:
    """Reconstruct the whole split into <folder>/volumes and say how far and how fast."""
    ran = list(onnx_file.run_onnx(subject, folder / "model.onnx", folder / "volumes"))
    found = check_parity([(r.volume, r.eager) for r in ran], subject, TOLERANCE)
    ours, eager = median(r.seconds for r in ran), median(r.eager_seconds for r in ran)
    return [
        f"all patients by onnxruntime, written to volumes: {found}",
        f"seconds a patient, median: onnxruntime {ours:.3g}, eager {eager:.3g}",
    ]


def _batch(graph: traced.Traced) -> str:
    return f"batch: {'any number of patients' if graph.free else 'one patient at a time'}"


def _views(subject: Subject, kind: str) -> list[str]:
    """Say how much of a model of any views an export holds."""
    if not subject.network.mapper.any_views:
        return []
    if kind == "hub":
        return ["views: any number at any angle, through repcat.load"]
    fixed = f"views: the {len(subject.recipe.views)} of the recipe, all of them, in its order"
    return [f"{fixed}; exported without a format the model takes any"]


_FORMATS: dict[str, tuple[ModuleType, Callable[[Subject, Path], list[str]]]] = {
    "hub": (hub, _hub),
    "onnx": (onnx_file, _onnx),
    "torch": (traced, _torch),
    "monai": (bundle, _monai),
}
