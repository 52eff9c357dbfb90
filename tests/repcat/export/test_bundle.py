"""A bundle opens with MONAI's own loaders and gives the run's volumes."""

import json

import numpy as np
import pytest
import SimpleITK as sitk
import torch

from repcat.export.formats import export_run
from repcat.export.source import open_subject

# What MONAI's bundle specification demands of metadata.json ("mandatory" in its table of terms).
DEMANDED = (
    "version", "monai_version", "pytorch_version", "numpy_version", "required_packages_version",
    "task", "description", "authors", "copyright", "network_data_format",
)  # fmt: skip
INPUT = ("type", "format", "num_channels", "spatial_shape", "dtype", "value_range", "channel_def")
pytestmark = [
    # MONAI says of every config that it is code: so it is, and this one is ours
    pytest.mark.filterwarnings("ignore:parsing config_file"),
    pytest.mark.filterwarnings("ignore:.*GHSA.*"),
    pytest.mark.filterwarnings("ignore:Default logging file"),
]


@pytest.fixture
def run(run_of):
    return run_of(average=True)


@pytest.fixture
def bundle(run):
    return export_run(run.path, "monai").folder


def workflow(bundle, **more):
    from monai.bundle import create_workflow

    return create_workflow(
        config_file=str(bundle / "configs" / "inference.json"),
        workflow_type="infer",
        bundle_root=str(bundle),
        **more,
    )


def test_a_config_workflow_gives_the_runs_network(bundle, run):
    subject = open_subject(run.path)
    with torch.no_grad():
        ours = workflow(bundle).network_def(subject.xrays)
        assert torch.equal(ours[:, 0], subject.reconstruction()(subject.xrays))
    assert ours.shape == (2, 1, 32, 32, 32)


def test_shapes_and_types_are_those_of_the_metadata(bundle):
    from monai.bundle import verify_net_in_out

    configs, models = bundle / "configs", str(bundle / "models")
    verify_net_in_out(
        net_id="network_def",
        meta_file=str(configs / "metadata.json"),
        config_file=str(configs / "inference.json"),
        device="cpu",
        **{"network_def#folder": models},
    )


def test_the_metadata_has_what_the_specification_demands(bundle):
    told = json.loads((bundle / "configs" / "metadata.json").read_text())
    assert set(DEMANDED) <= told.keys()
    formats = told["network_data_format"]
    for one in (formats["inputs"]["image"], formats["outputs"]["pred"]):
        assert set(INPUT) <= one.keys()


def test_running_it_makes_a_volume_in_hu_of_each_file_of_xrays(bundle, run, tmp_path):
    subject = open_subject(run.path)
    (tmp_path / "xrays").mkdir()
    np.save(tmp_path / "xrays" / "case.npy", subject.xrays[0].numpy())
    folders = {"dataset_dir": str(tmp_path / "xrays"), "output_dir": str(tmp_path / "volumes")}
    workflow(bundle, device="cpu", **folders).run()
    image = sitk.ReadImage(str(tmp_path / "volumes" / "case.mha"))
    with torch.no_grad():
        wanted = subject.reconstruction()(subject.xrays[:1])[0].numpy()
    assert np.abs(sitk.GetArrayFromImage(image) - wanted).max() <= 0.51  # whole HU in the file
    assert image.GetSpacing() == pytest.approx((12.5, 12.5, 12.5))


def test_there_is_no_pickle_until_its_user_makes_one_for_monai_bundle_load(bundle, run):
    from monai.bundle import create_workflow, load

    names = {p.name for p in bundle.rglob("*") if p.is_file()}
    assert not {n for n in names if n.endswith((".pt", ".ts", ".pkl", ".pth"))}
    create_workflow(
        config_file=str(bundle / "configs" / "inference.json"),
        workflow_type="infer",
        bundle_root=str(bundle),
        run_id="write_model_pt",
    ).run()
    network = load(
        bundle.name,
        bundle_dir=str(bundle.parent),
        workflow_type="inference",
        device="cpu",
        net_override={"folder": str(bundle / "models")},
    )
    subject = open_subject(run.path)
    with torch.no_grad():
        assert torch.equal(network(subject.xrays)[:, 0], subject.reconstruction()(subject.xrays))
