"""Model card: README.md of an exported model, with its scores and its limits."""

from __future__ import annotations

from collections.abc import Sequence

from repcat.contracts import SPLITS
from repcat.export.metadata import LICENCE, output, scale
from repcat.export.model_card_scores import scores_text
from repcat.export.source import Subject
from repcat.registry.plugins import load_parts

LIMITS = """\
- Synthetic, research use only: not a medical device, not for diagnosis, planning or treatment.
- One to eight X-rays do not determine a volume. What they leave open is filled in from the
  training patients: a lesion may be missing, and one that was never there may appear.
- It knows its training data only: other scanners, ages, diseases, positions or preparations of the
  X-rays are outside of what was scored. Scores on real scans do not follow from scores on phantoms.
- PSNR and SSIM of another protocol, window or size cannot be compared with those above.
"""


def card(
    subject: Subject, use: str, checks: Sequence[str], files: Sequence[str], licence: str = ""
) -> str:
    """Write a model card in Markdown.

    `use` says how the files are opened, `checks` what the export was compared with, `files` what
    lies beside the card, `licence` that of the weights where their owner states it.
    """
    name = subject.run.path.resolve().name
    return "\n".join(
        [
            _front(),
            f"# {name}: a CT volume from {_views(subject)}\n",
            "**Synthetic, research use only. Not a medical device.**\n",
            "## What it is\n",
            *_about(subject),
            "\n## Use\n",
            use.rstrip(),
            "\n## Files\n",
            *(f"- {line}" for line in files),
            "\n## Input and output\n",
            *_shapes(subject),
            "\n## Scores\n",
            scores_text(subject.run, subject.predictor.step, load_parts()),
            "## Limits\n",
            LIMITS,
            "## Where it comes from\n",
            *_origin(subject),
            "\n## Checked on export\n",
            *(f"- {line}" for line in checks),
            "\n## Licence\n",
            f"The weights: {licence}." if licence else f"{LICENCE[0].upper()}{LICENCE[1:]}.",
            "",
        ]
    )


def _front() -> str:
    """Return what model hubs read: the library, tags, and that the owner states the licence."""
    tags = "\n".join(f"- {t}" for t in ("x-ray", "computed-tomography", "3d-reconstruction"))
    return f"---\nlibrary_name: repcat\nlicense: other\ntags:\n{tags}\n---\n"


def _views(subject: Subject) -> str:
    views = subject.recipe.views
    degrees = " and ".join(map(str, views))
    return f"{len(views)} X-ray{'s' * (len(views) != 1)} at {degrees} degrees"


def _about(subject: Subject) -> list[str]:
    recipe = subject.recipe
    weights = sum(p.numel() for p in subject.network.parameters())
    kind = "averaged" if subject.predictor.averaged else "trained"
    return [
        f"- mapper `{recipe.mapper.use}`, backbone `{recipe.backbone.use}`, objective "
        f"`{recipe.objective.use}`; {weights:,} weights, every option in the recipe",
        f"- {kind} weights of step {subject.predictor.step} of {recipe.train.steps}, computed in "
        f"float32 (trained in {recipe.train.precision})",
    ]


def _shapes(subject: Subject) -> list[str]:
    geometry, n = subject.patients.geometry, subject.recipe.data.size
    rows, columns = geometry.pixel_mm
    beam = (
        "parallel rays"
        if geometry.beam == "parallel"
        else f"cone beam, {geometry.source_axis_mm:g} mm from source to axis, "
        f"{geometry.source_detector_mm:g} mm to the detector"
    )
    return [
        f"- in: {len(subject.recipe.views)} X-rays of {n} x {n} pixels of {rows:g} x {columns:g} "
        f"mm, bones bright, rows from head to foot, in [0, 1]: {scale(subject)}",
        f"- views at {', '.join(map(str, subject.recipe.views))} degrees (0 frontal from behind, "
        "90 left lateral)",
        f"- {beam}",
        f"- out: {output(subject)}",
    ]


def _origin(subject: Subject) -> list[str]:
    made, patients = subject.run.provenance(), subject.patients
    counts = ", ".join(f"{len(patients.ids(split))} {split}" for split in SPLITS)
    versions = ", ".join(f"{k} {v}" for k, v in made.get("versions", {}).items())
    note = [f"- the dataset says: {patients.note}"] if patients.note else []
    return [
        f"- dataset {made.get('dataset', 'not known')} (content {made.get('dataset_hash', '?')})",
        f"- checked beside dataset {patients.name}: {counts} patients",
        *note,
        f"- trained with {versions or 'versions that the run does not say'}",
        f"- commit of repcat: {made.get('commit') or 'not known'}; device: "
        f"{made.get('device', 'not known')}",
    ]
