"""Does a collapsed model read 0, and a perfect one 1?"""

import pytest
import torch

from repcat.analysis.collapse import collapse_rows, repeat_variance
from repcat.errors import DataError
from repcat.rng import generator
from repcat.scoring.metrics import pairwise_correlation
from repcat.scoring.summary import MODEL

TRUTHS = {f"p{k}": torch.rand(8, 8, 8, generator=generator("collapse", k)) for k in range(4)}
RATIOS = ("variance_ratio", "distance_ratio", "specific")


def means(predictions, repeats=None):
    rows = [r for r in collapse_rows(TRUTHS, predictions, repeats) if r.method == MODEL]
    return {k: sum(r.figures[k] for r in rows) / len(rows) for k in rows[0].figures}


def noise(name):
    return torch.rand(8, 8, 8, generator=generator("noise", name))


def test_the_truth_itself_scores_1():
    found = means(TRUTHS)
    assert [found[k] for k in RATIOS] == pytest.approx([1, 1, 1], abs=1e-6)


@pytest.mark.parametrize("same", [noise("one"), torch.zeros(8, 8, 8)], ids=["a volume", "nothing"])
def test_one_output_for_every_patient_scores_0(same):
    found = means(dict.fromkeys(TRUTHS, same))
    assert [found[k] for k in RATIOS] == pytest.approx([0, 0, 0], abs=1e-6)


def test_noise_varies_but_says_nothing_of_the_patient():
    found = means({k: noise(k) for k in TRUTHS})
    assert found["variance_ratio"] == pytest.approx(1, abs=0.2)
    assert abs(found["specific"]) < 0.15


def test_shrinking_towards_the_mean_patient_by_half_leaves_a_quarter_of_the_variance():
    mean = torch.stack(list(TRUTHS.values())).mean(0)
    found = means({k: (v + mean) / 2 for k, v in TRUTHS.items()})
    assert found["variance_ratio"] == pytest.approx(0.25, abs=1e-5)
    assert found["specific"] == pytest.approx(1, abs=1e-5)


def test_repeats_of_a_deterministic_model_do_not_differ():
    assert means(TRUTHS, {k: [v, v] for k, v in TRUTHS.items()})["repeat_ratio"] == 0
    other = {k: [v, noise(k)] for k, v in TRUTHS.items()}
    assert means(TRUTHS, other)["repeat_ratio"] == pytest.approx(1, abs=0.2)
    assert repeat_variance([torch.zeros(2), torch.ones(2)]) == 0.5  # divided by n - 1
    assert repeat_variance([torch.ones(2)]) == 0


def test_correlation_is_numpys():
    import numpy as np

    stack = torch.stack(list(TRUTHS.values()))
    wanted = np.corrcoef(stack.flatten(1).double().numpy())
    assert pairwise_correlation(stack).numpy() == pytest.approx(wanted, abs=1e-12)


def test_one_patient_cannot_show_a_collapse():
    one = {"p0": TRUTHS["p0"]}
    with pytest.raises(DataError, match="code: too-few-patients"):
        collapse_rows(one, one)
