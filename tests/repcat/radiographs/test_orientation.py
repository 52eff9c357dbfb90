import pytest
import torch

from repcat.radiographs.orientation import LETTERS, NAMES, turn, turn_between, turned, undo
from repcat.view import View


@pytest.mark.parametrize("number", range(8))
def test_every_turn_is_taken_back(number):
    image = torch.arange(12.0).reshape(3, 4)
    assert torch.equal(turn(turn(image, number), undo(number)), image)


def test_the_eight_turns_differ_and_have_names():
    images = turned(torch.arange(9.0).reshape(3, 3))
    assert len({tuple(i.flatten().tolist()) for i in images}) == len(NAMES) == 8


def test_a_quarter_to_the_left_brings_the_right_edge_to_the_top():
    image = torch.tensor([[1.0, 2.0], [3.0, 4.0]])
    assert turn(image, 1).tolist() == [[2, 4], [1, 3]]
    assert turn(image, 4).tolist() == [[2, 1], [4, 3]]


@pytest.mark.parametrize("number", range(8))
def test_directions_lead_back_to_the_film_they_belong_to(number):
    """A film that counts x along columns and y along rows, turned, is recognised by both."""
    x = torch.arange(3.0).expand(3, 3)
    shown = turn(torch.stack((x, x.T)), number)
    across = [float(v[0, 1] - v[0, 0]) for v in shown]
    down = [float(v[1, 0] - v[0, 0]) for v in shown]
    found = turn_between(((*across, 0.0), (*down, 0.0)), ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
    assert found == undo(number)


@pytest.mark.parametrize(
    ("view", "letters", "number"),
    [
        (View(0), "LF", 0),
        (View(0), "RF", 4),
        (View(0), "RH", 2),
        (View(90), "PF", 0),
        (View(90), "AF", 4),
        (View(0), "PF", None),
    ],
)
def test_letters_of_the_header_say_the_turn(view, letters, number):
    have = tuple(LETTERS[one] for one in letters)
    assert turn_between(have, (view.columns, view.rows)) == number
