"""The generator: numbers of weights, axes, fusion, and what it keeps of its input."""

import pytest
import torch

from repcat import Grid, Prediction
from repcat_x2ct.backbone import x2ct
from repcat_x2ct.channel_plan import Plan
from repcat_x2ct.generator import Pieces, SingleView
from repcat_x2ct.planes import FRONTAL, LATERAL

SIDE = 64
VOLUME = Grid(1, (SIDE, SIDE, SIDE))


@pytest.fixture
def two(small):
    torch.manual_seed(0)
    return x2ct(Grid(2, (SIDE, SIDE)), VOLUME, **small).eval()


def weights(module):
    return sum(p.numel() for p in module.parameters())


@pytest.mark.parametrize(
    ("views", "side", "count"),
    [(1, 128, 29_384_481), (2, 128, 61_740_467), (2, 64, 41_526_707)],
)
def test_it_has_the_published_number_of_weights(views, side, count):
    with torch.device("meta"):
        network = x2ct(Grid(views, (side, side)), Grid(1, (side, side, side)))
    assert weights(network) == count


def test_at_128_each_level_and_branch_has_the_published_shape():
    shapes = []
    with torch.device("meta"):
        network = x2ct(Grid(2, (128, 128)), Grid(1, (128, 128, 128)))
        for level in network.decoder.works:
            level.register_forward_hook(lambda _, __, out: shapes.append(tuple(out.shape[1:3])))
        prediction = network(torch.zeros(1, 2, 128, 128))
    assert shapes == [(128, 8), (64, 16), (32, 32), (16, 64), (16, 128), (1, 128)]
    assert weights(network.decoder) == 2_971_505
    assert prediction.branches.keys() == network.branches == {"frontal", "lateral"}
    for volume in (prediction.volume, *prediction.branches.values()):
        assert volume.shape == (1, 1, 128, 128, 128)


def test_a_single_view_gives_a_tensor_and_has_no_branches(small):
    network = x2ct(Grid(1, (SIDE, SIDE)), VOLUME, **small)
    volume = network(torch.rand(1, 1, SIDE, SIDE))
    assert volume.shape == (1, 1, SIDE, SIDE, SIDE) and network.branches == frozenset()


def test_volumes_are_not_negative(two):
    prediction = two(torch.rand(1, 2, SIDE, SIDE))
    assert all(v.min() >= 0 for v in (prediction.volume, *prediction.branches.values()))


@pytest.mark.parametrize(("view", "rest"), [(0, 1), (1, 2)])
def test_a_pixel_reaches_the_voxels_of_its_ray(view, rest, two):
    """Rows reach z; columns of the frontal view reach x, of the lateral view y."""
    for decoder in (two.decoder, two.frontal.decoder, two.lateral.decoder):
        # cut what comes from coarser levels, so that only local layers are left
        decoder.joins[4][0].weight.data[:, :1] = 0.0
    planes = torch.rand(1, 2, SIDE, SIDE)
    touched = planes.clone()
    touched[0, view, 12, 45] += 1.0
    with torch.no_grad():
        change = (two(touched).volume - two(planes).volume)[0, 0].abs().mean(dim=rest)
    z, aside = divmod(int(change.argmax()), SIDE)
    # half the kernels on the way: stem 3, connection B 1, fusion 1 + 1 + 1, head 3
    assert abs(z - 12) <= 10 and abs(aside - 45) <= 10


def test_the_lateral_net_is_the_frontal_one_with_y_and_x_exchanged(small):
    plan = Plan(SIDE, dropout=0.0, **small)
    frontal, lateral = (SingleView(plan, Pieces(), ray) for ray in (FRONTAL, LATERAL))
    state = {
        name: weight.transpose(3, 4) if weight.dim() == 5 else weight
        for name, weight in frontal.state_dict().items()
    }
    cube = (plan.decoder[0], *(plan.start,) * 3)
    for name in ("latent.spread.0.weight", "latent.spread.0.bias"):
        state[name] = state[name].unflatten(0, cube).transpose(2, 3).flatten(0, 3)
    lateral.load_state_dict(state)
    plane = torch.rand(1, 1, SIDE, SIDE)
    torch.testing.assert_close(lateral(plane), frontal(plane).transpose(3, 4))


def test_the_fused_volume_is_the_same_with_and_without_the_branches(small):
    planes, volumes = torch.rand(1, 2, SIDE, SIDE), []
    for branches in (True, False):
        torch.manual_seed(3)
        network = x2ct(Grid(2, (SIDE, SIDE)), VOLUME, branches=branches, **small)
        torch.manual_seed(4)
        prediction = network(planes)
        assert prediction.branches.keys() == network.branches
        volumes.append(prediction.volume)
    assert torch.equal(*volumes)


def test_after_training_a_patient_is_still_normalised_alone(small):
    torch.manual_seed(0)
    network = x2ct(Grid(1, (SIDE, SIDE)), VOLUME, dropout=0.0, **small).double()
    planes = torch.rand(2, 1, SIDE, SIDE, dtype=torch.float64)
    with torch.no_grad():
        training, after = network(planes), network.eval()(planes)
        alone = network(planes[:1])
    assert torch.equal(training, after)
    torch.testing.assert_close(alone, after[:1], rtol=0, atol=1e-12)
    assert not list(network.buffers())


def test_only_the_ends_of_the_branches_miss_the_fused_volumes_gradient(two):
    prediction = two(torch.rand(1, 2, SIDE, SIDE))
    assert isinstance(prediction, Prediction)
    prediction.volume.mean().backward(retain_graph=True)
    missed = {n for n, p in two.named_parameters() if p.grad is None}
    ends = {n for n, _ in two.named_parameters() if ".decoder.works.5." in n}
    assert missed == ends != set()
    sum(v.mean() for v in prediction.branches.values()).backward()
    assert all(p.grad is not None and p.grad.isfinite().all() for p in two.parameters())


def test_first_weights_have_a_deviation_of_a_fiftieth_and_biases_are_zero():
    torch.manual_seed(0)
    network = x2ct(Grid(1, (SIDE, SIDE)), VOLUME, layers=(1, 1, 1, 1, 1))
    for name, weight in network.named_parameters():
        if name.endswith("bias"):
            assert not weight.any()
        elif weight.numel() > 20_000:
            assert weight.std().item() == pytest.approx(0.02, rel=0.05), name
