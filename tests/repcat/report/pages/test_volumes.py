"""Any volumes as a page: what stands side by side, and what is too much."""

import numpy as np
import pytest
import torch

from repcat.io.volumes import write_mha


@pytest.fixture
def view(repcat, tmp_path, scenes_of):
    """Return `repcat view` of files: the names of the layers of each scene."""

    def run(*names):
        code, _, err = repcat("view", *names, "--out", "v.html")
        assert code == 0, err
        scenes = scenes_of(tmp_path / "v.html")
        return [[layer["name"] for layer in scene["layers"]] for scene in scenes]

    return run


@pytest.fixture
def write(tmp_path):
    """Return a writer of volumes (4, 5, 6), tissue in air, of so many mm a voxel."""

    def make(name, mm=2.0, hu_inside=0.0):
        hu = torch.full((4, 5, 6), -1000.0)
        hu[1:3, 1:4, 1:5] = hu_inside
        write_mha(tmp_path / name, hu, (mm,) * 3, (0.0, 0.0, 0.0), "test")
        return name

    return make


def test_two_on_one_grid_are_shown_with_their_difference_and_three_beside_each_other(view, write):
    a, b, c = (write(f"{name}.mha", hu_inside=hu) for name, hu in {"a": 0, "b": 9, "c": 50}.items())
    assert view(a, b) == [["a.mha", "b.mha", "absolute error"]]
    assert view(a, b, c) == [["a.mha", "b.mha", "c.mha"]]


def test_another_spacing_is_another_grid(view, write):
    assert view(write("a.mha"), write("b.mha", mm=2.5)) == [["a.mha"], ["b.mha"]]


def test_a_page_takes_twelve_volumes(repcat, view, write):
    names = [write(f"{n:02d}.mha") for n in range(13)]
    assert len(view(*names[:12])) == 12
    code, _, err = repcat("view", *names)
    assert code == 2 and "13 volumes are too many for one page of 12; name fewer files" in err


def test_an_array_has_no_spacing_and_the_page_says_so(repcat, tmp_path, words_of):
    np.save("e.npy", np.zeros((4, 5, 6), np.float32))
    assert repcat("view", "e.npy", "--out", "v.html")[0] == 0
    assert "e.npy has no spacing: 1 mm is shown" in words_of(tmp_path / "v.html")
