"""Limits of recipes: what a stranger's file may ask of memory, time and the terminal."""

import pytest

from repcat.config.load import MOST_EXTENDED, read
from repcat.errors import RecipeError

GOOD = """
data = {use = "blobs", size = 16}
mapper.use = "repeat_concat"
backbone = {use = "unet", channels = [4, 8]}
objective.use = "l2"
"""


@pytest.fixture
def refused(tmp_path, parts):
    """Read a good recipe with settings and return the message that refuses it."""

    def ask(*settings, text=GOOD):
        (tmp_path / "a.toml").write_text(text)
        with pytest.raises(RecipeError) as caught:
            read(tmp_path / "a.toml", settings, parts=parts)
        return str(caught.value)

    return ask


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ('optim.lr = "3e-3"', "optim.lr = '3e-3': input should be a valid number"),
        ('train.steps = "7"', "train.steps = '7': input should be a valid integer"),
        ("train.steps = true", "train.steps = True: input should be a valid integer"),
        ('train.compile = "yes"', "train.compile = 'yes': input should be a valid boolean"),
        ('backbone.channels = ["4", 8]', "backbone.channels.0 = '4'"),
        ("optim.betas = [2, 5]", "optim.betas.0 = 2: input should be less than 1"),
        ("backbone.strides = [0]", "backbone.strides.0 = 0"),
        ("backbone.channels = [4, 9223372036854775807]", "less than or equal to 10000"),
        ("data.cache_gb = 1e300", "data.cache_gb = 1e+300"),
        ("data.window = [-1e308, 1e308]", "data.window.0 = -1e+308"),
        ("train.batch_size = 1_000_000_000", "train.batch_size = 1000000000"),
        ("train.workers = 100_000", "train.workers = 100000"),
        ("train.seed = 9_000_000_000_000_000_000", "train.seed = 9000000000000000000"),
        ("data.use = 3", "data.use must be a name, not 3"),
    ],
)
def test_a_number_out_of_its_range_or_as_text_is_refused(refused, setting, told):
    assert told in refused(setting)


def test_a_list_is_a_tuple_and_a_whole_number_is_a_number(tmp_path, parts):
    (tmp_path / "a.toml").write_text(GOOD + "optim = {lr = 1, betas = [0, 0.5]}\n")
    optim = read(tmp_path / "a.toml", parts=parts).optim
    assert (optim.lr, optim.betas) == (1.0, (0.0, 0.5))


@pytest.mark.parametrize(
    "text",
    [
        GOOD.replace('"unet"', f'"{"u" * 500_000}"'),
        GOOD + "train.a" + "a" * 500_000 + " = 1\n",
        GOOD + f'train.steps = "{"s" * 500_000}"\n',
        GOOD.replace("[4, 8]", "[" + "'a'," * 20_000 + "]"),
        "\n".join(f"a{n} = 1" for n in range(10_000)) + GOOD,
        GOOD + "metrics = {" + ",".join(f"a{n}.b = 1" for n in range(10_000)) + "}\n",
        GOOD + "train = [" + "7," * 100_000 + "]\n",
        GOOD + f'data.views = ["{"9" * 100_000}"]\n',
        f'extends = "{"a" * 500_000}"',
        "extends = [" + "1," * 100_000 + "]",
    ],
    ids=range(10),
)
def test_a_message_does_not_echo_what_it_refuses(refused, text):
    assert len(refused(text=text)) < 12_000


def test_a_setting_is_not_echoed_whole(refused):
    assert len(refused("a" * 1_000_000)) < 1_000


def test_names_that_no_file_has_are_told(refused, tmp_path):
    (tmp_path / "loop").symlink_to("loop")
    for name in ("loop", "a\\u0000b", "a" * 300, ".", ""):
        assert "recipe" in refused(text=f'extends = "{name}"')


def test_a_chain_of_extends_ends_somewhere(tmp_path, parts, refused):
    for n in range(3_000):
        (tmp_path / f"{n}.toml").write_text(f'extends = "{n + 1}.toml"')
    assert f"more than {MOST_EXTENDED} others" in refused(text='extends = "0.toml"')
    (tmp_path / "3000.toml").write_text(GOOD)
    read(tmp_path / f"{3001 - MOST_EXTENDED}.toml", parts=parts)
