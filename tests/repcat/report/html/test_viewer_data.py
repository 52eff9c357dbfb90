"""Who is shown, and how much of a page volumes may take."""

import gzip

import numpy as np
import torch

from repcat.report.html.viewer_data import Layer, Scene, fitting, panels, spread, volumes
from repcat.report.html.xray_panels import sides
from repcat.view import View


def test_patients_are_spread_evenly_from_best_to_worst():
    ids = list("abcdefg")
    assert spread(ids, 1) == {"d": "median"}
    assert spread(ids, 3) == {"a": "best", "d": "median", "g": "worst"}
    assert spread(ids, 4) == {"a": "best", "c": "rank 3 of 7", "e": "rank 5 of 7", "g": "worst"}
    assert list(spread(ids, 40)) == ids
    assert spread(["a", "b"], 3) == {"a": "best", "b": "worst"}
    assert spread(["a"], 3) == {"a": "the only one"}


def test_a_page_has_at_most_its_voxels_and_says_what_was_averaged():
    layer = Layer("truth", torch.zeros(16, 16, 16), (1.0, 1.0, 1.0))
    (scene,) = fitting([Scene("a", (layer, layer))], 2 * 8**3)
    assert [x.hu.numel() for x in scene.layers] == [512, 512]
    assert scene.notes[0] == "truth: shown at 8 x 8 x 8 voxels, averaged from 16 x 16 x 16"
    (same,) = fitting([Scene("a", (layer,))], 16**3)
    assert not same.notes and same.layers[0].hu is layer.hu


def test_the_viewer_finds_each_volume_under_its_number():
    mm = (1.0, 1.0, 1.0)
    made, truth, other = (Layer(f"{k}", torch.full((1, 1, 1), k), mm) for k in (1.0, 2.0, 3.0))
    scenes = [Scene("a", (made, truth), against=(0, 1)), Scene("b", (other,), role="best")]
    assert panels(scenes) == [
        {
            "name": "a",
            "layers": [
                {"name": "1.0", "volume": "volume-0"},
                {"name": "2.0", "volume": "volume-1"},
                {"name": "absolute error", "error": (0, 1)},
            ],
        },
        {"name": "b (best)", "layers": [{"name": "3.0", "volume": "volume-2"}]},
    ]
    data = [gzip.decompress(one) for one in volumes(scenes)]
    assert [np.frombuffer(one[352:], "<i2").tolist() for one in data] == [[1], [2], [3]]


def test_the_edges_of_a_view_are_named_as_geometry_says():
    # docs/geometry.md: columns of pa and ap grow to the left, of a left lateral to the back,
    # of a right lateral to the front
    for name, edges in {"pa": "RL", "ap": "RL", "lateral": "AP", "right_lateral": "PA"}.items():
        assert "".join(sides(View.parse(name))) == edges
    assert sides(View(45.0)) == ("RA", "LP")
