"""A run is made again from what it kept; what was changed is told by its name."""

import json
import re

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from repcat.errors import RunError
from repcat.io.checksums import SUMS, read_checksums, write_checksums
from repcat.verify.again import Again
from repcat.verify.run import (
    PREDICTIONS,
    SCORES,
    WEIGHTS,
    Extent,
    check_verdicts,
    differing,
    open_again,
    verify,
)
from repcat.verify.verdict import Verdict


@pytest.fixture
def verified(scored, parts):
    """Return a maker of verdicts on the run as it is now."""

    def make(**extent):
        return dict(verify(open_again(scored.path, parts, "cpu"), Extent(**extent)))

    return make


def wrong(verdicts):
    return [name for name, verdict in verdicts.items() if verdict and not verdict.equal]


def test_scores_predictions_and_weights_come_again_with_equal_bits(scored, verified):
    found = verified()
    assert list(found) == [SCORES, PREDICTIONS, WEIGHTS] and wrong(found) == []
    assert "weights of step 2, 4" in found[WEIGHTS].words
    assert differing(scored, "cpu") == []
    check_verdicts(scored.path, found, exact=True)


def test_a_changed_figure_is_found_in_the_scores_alone(scored, verified):
    path = scored.metrics / "blobs.standard.csv"
    text = path.read_text()
    row = next(line for line in text.splitlines() if ",model," in line)
    path.write_text(text.replace(row, re.sub(r"(,model,-?\d+)", r"\g<1>0", row)))
    found = verified(weights=False)
    assert wrong(found) == [SCORES] and "blobs.standard.csv" in found[SCORES].words
    with pytest.raises(RunError, match="code: not-repeated"):
        check_verdicts(scored.path, found, exact=False)


def test_a_changed_voxel_is_found_in_the_predictions(scored, verified):
    path = next(scored.predictions("blobs").glob("*.npy"))
    volume = np.load(path)
    volume[3, 4, 5] += 7
    np.save(path, volume)
    found = verified(weights=False)
    assert PREDICTIONS in wrong(found) and path.stem in found[PREDICTIONS].words


def test_a_changed_weight_is_found_in_predictions_and_weights(scored, verified):
    path = scored.checkpoint(4) / "average.safetensors"
    table = load_file(path)
    name = next(iter(table))
    table[name].view(-1)[0] += 0.5
    save_file(table, path)
    if (path.parent / SUMS).exists():  # as one who knows of it would
        write_checksums(path.parent, read_checksums(path.parent))
    found = verified()
    assert {PREDICTIONS, WEIGHTS} <= set(wrong(found))
    assert "step 4" in found[WEIGHTS].words and "0.5" in found[WEIGHTS].words


def test_another_log_is_found_with_its_first_step(scored, verified):
    lines = scored.records()
    lines[2]["model"] *= 1.5
    scored.log_file.write_text("".join(json.dumps(line) + "\n" for line in lines))
    found = verified(until=3)[WEIGHTS]
    assert not found.equal and "losses differ from step 3 on" in found.words and not found.near


def test_a_part_without_a_checkpoint_is_compared_by_its_log(verified):
    found = verified(until=1)[WEIGHTS]
    assert found.equal and "losses in 1 line of the log, no weights" in found.words


def test_another_dataset_is_refused_before_anything_is_made(scored, parts):
    told = scored.provenance()
    scored.write_provenance({**told, "dataset_hash": "other"})
    with pytest.raises(RunError, match="code: the-dataset-has-changed"):
        open_again(scored.path, parts, "cpu")


def test_nothing_of_the_run_is_written(scored, verified):
    before = {p: p.read_bytes() for p in scored.path.rglob("*") if p.is_file()}
    verified()
    assert {p: p.read_bytes() for p in scored.path.rglob("*") if p.is_file()} == before


def test_a_training_that_is_kept_goes_on_where_it_was(scored, verified, tmp_path):
    out = tmp_path / "again"
    assert verified(until=2, out=out)[WEIGHTS].equal
    found = verified(out=out)[WEIGHTS]
    assert found.equal and "losses in 4 lines of the log, weights of step 2, 4" in found.words


def test_another_torch_or_processor_makes_near_enough(scored):
    told = scored.provenance()
    told["versions"]["torch"], told["processor"] = "1.0", "another"
    scored.write_provenance(told)
    torch, processor = differing(scored, "cpu")
    assert torch.startswith("torch 1.0 -> ") and processor.startswith("processor another -> ")
    scored.write_provenance({k: v for k, v in told.items() if k != "code"})
    assert "before 0.2" in differing(scored, "cpu")[0]


def test_a_run_without_checkpoint_or_without_anything_to_score_is_refused(scored, parts):
    with pytest.raises(RunError, match="code: nothing-to-compare"):
        check_verdicts(scored.path, {SCORES: None, PREDICTIONS: None}, exact=True)
    for step in scored.steps():
        (scored.checkpoint(step) / "state.json").unlink()
    with pytest.raises(RunError, match="code: no-checkpoint"):
        open_again(scored.path, parts, "cpu")


def test_what_another_number_of_threads_made_comes_again_with_it(scored, verified, monkeypatch):
    tried = []

    def scores(again):
        tried.append(torch.get_num_threads())
        return Verdict("other bits", equal=tried[-1] == 3)

    monkeypatch.setattr(Again, "scores", scores)
    for record in scored.metrics.glob("*.json"):
        record.write_text('{"threads": 2}')
    monkeypatch.setattr("repcat.verify.run.default_threads", lambda: 3)
    assert verified(weights=False)[SCORES].equal and tried == [2, 1, 3]
