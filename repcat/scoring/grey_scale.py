"""Grey scale: whether a prediction's Hounsfield units mean what they say, over the body."""

from __future__ import annotations

from typing import NamedTuple

import torch
from torch import Tensor

from repcat.scoring.body_mask import body_mask


class GreyScale(NamedTuple):
    """Mean error in HU, right at 0; calibration slope, right at 1; contrast over the truth's."""

    bias_hu: float
    slope: float
    contrast: float


def grey_scale(truth: Tensor, prediction: Tensor, mask: Tensor | None = None) -> GreyScale:
    """Compare the grey scale of a prediction (D, H, W) with the truth's, both in HU.

    `bias_hu` is the mean of prediction - truth. `slope` is that of the least-squares line of the
    truth on the prediction, the calibration slope of prediction models (Cox 1958): 1 for the best
    guess from what is known, however blurred, as E[truth | prediction] = prediction; .77 where
    contrasts are 1.3 times too large; NaN for a constant. `contrast` is the standard deviation of
    the prediction over that of the truth, NaN for a constant truth: a slope below 1 with a contrast
    of 1 or less is detail in the wrong place, not a wrong scale. Over the truth's body, or `mask`.
    """
    inside = body_mask(truth) if mask is None else mask
    true, seen = truth[inside].double(), prediction[inside].double()
    about = seen - seen.mean()
    spread = float(about.square().sum())
    slope = float((about * (true - true.mean())).sum()) / spread if spread > 0 else torch.nan
    width = float(true.std(correction=0))
    contrast = float(about.square().mean().sqrt()) / width if width > 0 else torch.nan
    return GreyScale(float((seen - true).mean()), slope, contrast)
