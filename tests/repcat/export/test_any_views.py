"""What is exported of a model of any views, and that it says how many a file takes."""

import pytest
import torch

import repcat
from repcat.export.formats import export_run


@pytest.fixture
def run(run_of):
    data = {"views": [0, 45, 90], "views_drawn": [1, 3]}
    return run_of(mapper={"use": "view_pool", "features": 2}, data=data)


def test_a_folder_keeps_any_views_and_says_so(run):
    exported = export_run(run.path)
    assert "views: any number at any angle, through repcat.load" in exported.lines
    assert "any number at any angle" in (exported.folder / "README.md").read_text()
    model = repcat.load(exported.folder, device="cpu")
    film = torch.rand(32, 32, generator=torch.Generator().manual_seed(0)).numpy()
    assert model.reconstruct([film], [37]).views == (repcat.View(37),)


@pytest.mark.parametrize("kind", ["torch", "monai"])
def test_a_graph_takes_the_recipes_views_and_says_so(run, kind):
    exported = export_run(run.path, kind)
    said = "views: the 3 of the recipe, all of them, in its order"
    assert any(line.startswith(said) for line in exported.lines)
    assert said in (exported.folder / "README.md").read_text()
    if kind == "torch":
        graph = torch.export.load(exported.folder / "model.pt2").module()
        assert graph(torch.zeros(1, 3, 32, 32)).shape == (1, 32, 32, 32)
        with pytest.raises(RuntimeError, match="shape"):
            graph(torch.zeros(1, 2, 32, 32))
