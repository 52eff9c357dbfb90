"""What a projector must do, by facts that are known without one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import torch
from torch import Tensor

from repcat.errors import PartError
from repcat.geometry import Geometry
from repcat.testing.docs import Subject
from repcat.testing.result import DoesNotApply, Verdict, applies, check, judge, rules_in
from repcat.types import Grid, Projector, Task
from repcat.view import View

MU = 0.02  # 1/mm, about water at 60 keV
VIEWS = (View(0.0), View(90.0), View(200.0), View(300.0, mirrored=True))
# Sides and pitches all differ, so that two axes that are mixed up cannot agree by luck.
ODD = Geometry(
    voxels=(20, 24, 28), voxel_mm=(12.0, 10.0, 9.0), pixels=(45, 41), pixel_mm=(11.0, 13.0)
)


@dataclass(frozen=True)
class Trial:
    """A projector on trial."""

    subject: Subject
    project: Projector

    def image(self, mu: Tensor, geometry: Geometry, *views: View) -> Tensor:
        """Project; what the projector refuses is no rule of it."""
        try:
            return self.project(mu, geometry, views)
        except PartError as refusal:
            raise DoesNotApply(str(refusal)) from None


def gives_an_image_a_view(trial: Trial) -> None:
    """(N, rows, columns), float32 and finite, on the volume's device, also where sides differ."""
    images = trial.image(MU * torch.rand(ODD.voxels), ODD, *VIEWS)
    wanted = (len(VIEWS), *ODD.pixels)
    check(tuple(images.shape) == wanted, f"it gives {tuple(images.shape)} where {wanted} was asked")
    check(images.dtype == torch.float32, f"images are {images.dtype}: return float32")
    check(images.device.type == "cpu", f"images are on {images.device}, the volume on the CPU")
    check(bool(images.isfinite().all()), "an image holds NaN or infinity")
    check(bool((images >= -1e-6).all()), "an image of attenuation >= 0 is negative somewhere")


def shows_air_as_nothing(trial: Trial) -> None:
    """No attenuation, no signal: exactly 0."""
    images = trial.image(torch.zeros(ODD.voxels), ODD, *VIEWS)
    most = float(images.abs().max())
    check(most == 0, f"an empty volume gives up to {most:.3g}: add nothing, no offset, no log")


def adds_up_attenuation_along_a_cone_beam(trial: Trial) -> None:
    """The central ray through a cube of edge L is mu * L; 2 %."""
    _check_chord(trial, "cone")


def adds_up_attenuation_along_a_parallel_beam(trial: Trial) -> None:
    """The central ray through a cube of edge L is mu * L; 2 %."""
    _check_chord(trial, "parallel")


def _check_chord(trial: Trial, beam: Literal["cone", "parallel"]) -> None:
    # 33 pixels: the middle one is on the central ray, which runs between voxels of an even number
    geometry = Geometry((32,) * 3, (10.0,) * 3, (33, 33), (15.0, 15.0), beam=beam)
    mu = torch.zeros(geometry.voxels)
    mu[8:24, 8:24, 8:24] = MU
    edge = 16 * 10.0
    for view in (View(0.0), View(90.0)):
        found = float(trial.image(mu, geometry, view)[0, 16, 16])
        told = f"at {view} degrees the central ray through {edge:g} mm of {MU} / mm is {found:.4g}"
        cure = f"not {MU * edge:.4g}: attenuation is in 1/mm, lengths are in mm"
        check(abs(found - MU * edge) <= 0.02 * MU * edge, f"{told}, {cure}")


def is_linear_in_attenuation(trial: Trial) -> None:
    """P(2 a + b) = 2 P(a) + P(b); 1 % of the range."""
    a, b = (MU * torch.rand(ODD.voxels) for _ in range(2))
    one, other, both = (trial.image(v, ODD, VIEWS[0]) for v in (a, b, 2 * a + b))
    error, scale = (both - 2 * one - other).abs().max(), both.abs().max()
    told = f"P(2a + b) differs from 2 P(a) + P(b) by {float(error / scale):.2g} of the range"
    cure = "give line integrals, with no exponential and no normalisation"
    check(bool(error <= 0.01 * scale), f"{told}: {cure}")


def shows_a_ball_where_the_geometry_says(trial: Trial) -> None:
    """An off-centre ball is seen within a pixel of Geometry.pixel_index, from every side."""
    _check_ball(trial, ODD, *VIEWS)


def follows_a_tilt(trial: Trial) -> None:
    """The same where the source is above or below the patient; a projector may refuse to."""
    _check_ball(trial, ODD, View(0.0, tilt=25.0), View(110.0, mirrored=True, tilt=-15.0))


def follows_an_off_centre_detector(trial: Trial) -> None:
    """The same where the detector stands beside the central ray; a projector may refuse to."""
    _check_ball(trial, replace(ODD, detector_shift_mm=(40.0, -60.0)), *VIEWS[2:])


def _check_ball(trial: Trial, geometry: Geometry, *views: View) -> None:
    centre = torch.tensor([45.0, -30.0, 40.0])  # x, y, z in mm: left, front, towards the head
    inside = (geometry.voxel_centres() - centre).norm(dim=-1) < 25
    images = trial.image(MU * inside.float(), geometry, *views)
    for view, image in zip(views, images, strict=True):
        wanted, found = geometry.pixel_index(centre.double(), view), _middle(image)
        seen, said = (f"({row:.1f}, {column:.1f})" for row, column in (found, wanted))
        told = f"at {view} degrees a ball is seen at (row, column) {seen}"
        cure = "read source and pixels from Geometry.ray_starts and Geometry.pixel_centres"
        fine = bool((found - wanted).abs().max() <= 1)
        check(fine, f"{told}, Geometry.pixel_index says {said}: {cure}")


def _middle(image: Tensor) -> Tensor:
    """Return the centre of mass (row, column)."""
    rows, columns = (torch.arange(n, dtype=torch.float64) for n in image.shape)
    mass = image.double().sum().clamp(min=1e-12)
    return torch.stack(((image.sum(1) * rows).sum(), (image.sum(0) * columns).sum())) / mass


def is_the_same_twice_and_leaves_the_volume_alone(trial: Trial) -> None:
    """A projection is a function of volume, geometry and view."""
    mu = MU * torch.rand(ODD.voxels)
    before = mu.clone()
    one, other = (trial.image(mu, ODD, VIEWS[0]) for _ in range(2))
    check(torch.equal(one, other), "two projections of one volume differ: draw no chance")
    check(torch.equal(mu, before), "it changes the volume in place")


def projects_a_batch_as_its_patients_one_by_one(trial: Trial) -> None:
    """`Task.project` gives of two patients what a new projector gives of each, to the bit."""
    grids, subject = (Grid(len(VIEWS), ODD.pixels), Grid(1, ODD.voxels)), trial.subject
    task = Task(VIEWS, *grids, ODD, projector=lambda mu, g, views: trial.image(mu, g, *views))
    batch = MU * torch.rand(2, *ODD.voxels)
    together = task.project(batch)
    alone = [subject.factory(**subject.options)(one, ODD, VIEWS) for one in batch]
    told = "a patient's X-rays hang on who came before: keep nothing of a volume"
    check(torch.equal(together, torch.stack(alone)), told)


def passes_gradients_to_the_volume(trial: Trial) -> None:
    """A box more is as much signal more as the gradient says; 1 %. A program cannot tell."""
    mu, box = torch.full(ODD.voxels, MU, requires_grad=True), torch.zeros(ODD.voxels)
    box[3:7, 12:16, 5:9] = MU
    images = trial.image(mu, ODD, *VIEWS)
    told = "it gives no gradient; it can make data, but not be part of a loss"
    applies(images.requires_grad, told)
    weights = torch.rand(images.shape)
    (gradient,) = torch.autograd.grad((images * weights).sum(), mu)
    said, true = (gradient * box).sum(), (trial.image(box, ODD, *VIEWS) * weights).sum()
    told = f"by its gradient a box adds {said:.4g} to a weighted sum of pixels, in truth {true:.4g}"
    check(bool((said - true).abs() <= 0.01 * true), told)


RULES = rules_in(__name__)


def verdicts(subject: Subject) -> list[Verdict]:
    """Try a projector by every rule."""
    return judge(RULES, Trial(subject, subject.factory(**subject.options)))
