"""Scores of one patient: the model, the baselines and the oracles, by every protocol."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from torch import Tensor

from repcat.contracts import Metric, Patients
from repcat.data.intensity import to_unit
from repcat.errors import DataError
from repcat.geometry import Geometry
from repcat.scoring.baselines import MEAN_VOLUME, ORACLE_BLURS_MM, oracle_name, oracles
from repcat.scoring.blur_scale import BlurScale
from repcat.scoring.body_mask import body_mask
from repcat.scoring.grey_scale import grey_scale
from repcat.scoring.protocols import STANDARD, Protocol, Scorer
from repcat.scoring.reprojection import Scene, reprojection
from repcat.scoring.summary import MODEL, Row
from repcat.types import Patient, Projector, Window
from repcat.view import View

FAITHFULNESS = "faithfulness"
TRUTH = "truth (ceiling)"
# Methods whose X-rays are compared with the input: the truth's own show what the projector allows.
PROJECTED = (MODEL, MEAN_VOLUME, TRUTH)


@dataclass(frozen=True)
class Setting:
    """How predictions are scored.

    `normalise` turns line integrals into what the model read; `in_hu` a prediction and its truth
    into what is scored; `cure` says how to make predictions that are missing, `step` which weights
    predicted, `notes` what a reader of the scores must know.
    """

    views: tuple[View, ...]
    projector: Projector
    protocols: tuple[Protocol, ...]
    metrics: Mapping[str, Metric] = field(default_factory=dict)
    window: Window = field(default_factory=Window)
    split: str = "test"
    normalise: Callable[[Tensor], Tensor] = to_unit
    in_hu: Callable[[Tensor, Tensor], Tensor] = lambda prediction, truth: prediction
    cure: str = "repcat predict RUN"
    step: int | None = None
    notes: tuple[str, ...] = ()

    def scene(self, patients: Patients) -> Scene:
        """Return what makes X-rays of these patients."""
        return Scene(self.projector, patients.geometry, self.views, patients.attenuate)


def score_patient(
    patient: Patient,
    methods: Mapping[str, Tensor],
    patients: Patients,
    setting: Setting,
    seen: Mapping[str, Tensor] = MappingProxyType({}),
) -> Iterator[tuple[str, Row]]:
    """Yield the name of a table and a row of it, for every method and protocol.

    `methods` maps names to volumes (D, H, W) in HU; the truth blurred by 10 and 20 mm joins them.
    `seen` has the X-rays of those that are one volume for every patient, projected once.
    """
    truth, geometry = patient.volume.float(), patients.geometry
    every = {**methods, **oracles(truth, geometry.voxel_mm)}
    scorers = {by.name: by.against(truth, setting.window) for by in setting.protocols}
    for table, scorer in scorers.items():
        found = {m: _named(f"patient {patient.id!r}, {m}", scorer, v) for m, v in every.items()}
        if table == STANDARD:
            _add_own(found, truth, every, geometry, setting)
        for method, figures in found.items():
            yield table, Row(patient.id, method, figures)
    scene = setting.scene(patients)
    for method, volume in {**methods, TRUTH: truth}.items():
        if method in PROJECTED:
            images = seen[method] if method in seen else scene.cast(volume)
            yield FAITHFULNESS, Row(patient.id, method, reprojection(images, patient.integrals))


def _named(who: str, scorer: Scorer, volume: Tensor) -> dict[str, float]:
    try:
        return scorer(volume)
    except DataError as error:
        msg = f"{who}: {error}"
        raise DataError(msg, code=error.code) from error


def _add_own(
    found: Mapping[str, dict[str, float]],
    truth: Tensor,
    volumes: Mapping[str, Tensor],
    geometry: Geometry,
    setting: Setting,
) -> None:
    """Add to each method's figures equivalent blur, grey scale and those of plugins' metrics."""
    body = body_mask(truth)
    scale = BlurScale(truth, geometry.voxel_mm, setting.window, body)
    known = {oracle_name(mm): mm for mm in ORACLE_BLURS_MM}
    for method, own in found.items():
        own["equivalent_blur_mm"] = known.get(method) or scale.millimetres(own["body_psnr"])
        grey = grey_scale(truth, volumes[method], body)
        own["body_bias_hu"], own["calibration_slope"], own["contrast_ratio"] = grey
        for name, metric in setting.metrics.items():
            own[name] = metric(truth, volumes[method], geometry)
