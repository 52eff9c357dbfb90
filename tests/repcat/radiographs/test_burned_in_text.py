import torch

from repcat.radiographs.burned_in_text import cover_marks
from repcat.radiographs.radiograph import Film


def chest():
    rows, columns = torch.meshgrid(*[torch.linspace(-1, 1, 400)] * 2, indexing="ij")
    return torch.exp(-(rows**2 + columns**2))


def test_a_letter_at_the_border_is_covered_and_said():
    image = chest()
    image[20:50, 350:356] = image[20:26, 350:372] = 1.0
    film = cover_marks(Film(image))
    assert (film.pixels - chest()).abs()[15:60, 340:380].max() < 0.1
    assert "1 mark at the border covered" in film.steps[0]


def test_a_film_without_letters_is_left_alone():
    film = Film(chest())
    assert cover_marks(film) is film


def test_the_same_letter_in_the_middle_is_anatomy():
    image = chest()
    image[200:230, 200:206] = image[200:206, 200:222] = 2.0
    assert not cover_marks(Film(image)).steps
