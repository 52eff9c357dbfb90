"""Text is escaped on every kind of page, and a page that lacks a value is not written."""

import json
from html.parser import HTMLParser

import pytest
import torch
from jinja2 import UndefinedError

from repcat.figures.training_curves import charts
from repcat.report.html.document import Document, page
from repcat.report.html.patient_table import patient_table
from repcat.report.html.template import render
from repcat.report.html.viewer_data import Layer, Scene, Shot
from repcat.report.tables.comparison import Text
from repcat.view import View


class Tags(HTMLParser):
    """What a browser makes of a page: its tags, its texts and attributes, its scripts' contents."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.codes: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.texts += [value or "" for _, value in attributes]

    def handle_data(self, data):
        (self.codes if self.tags[-1:] == ["script"] else self.texts).append(data)


def kinds(text: str) -> dict[str, Document]:
    """A page of each kind on which all that can come from outside is `text`."""
    image = torch.zeros(4, 4)
    scene = Scene(
        text,
        (Layer(text, torch.zeros(2, 2, 2), (1.0, 1.0, 1.0)),) * 2,
        (Shot(View(0.0), image, image, (text,)),),
        (0, 1),
        notes=(text,),
    )
    cell = [Text(text), Text(text, 1), Text(text, 2)]
    table = render("comparison", said=text, heads=[text], rows=[cell])
    curves, facts = charts({text: [(1, 1.0)]}), [(text, text)]
    run = {"facts": facts, "recipe": text}
    values = {
        "run": {
            "summary": facts,
            "scored": True,
            "patients": patient_table(text, [text], {text: {text: 1.0}}, (scene,)),
            "tables": [(text, table)],
            "charts": curves,
            "run": run,
        },
        "study": {
            "tables": [(text, table)],
            "rows": [(text, {"facts": facts, "charts": curves, "run": run}), (text, {})],
        },
        "case": {
            "warnings": [(text, text)],
            "agreement": facts,
            "views": [(text,) * 5],
            "provenance": facts,
            "geometry": text,
            "interval": facts,
        },
        "page": {},
    }
    return {kind: Document(text, text, (scene,), kind, told) for kind, told in values.items()}


@pytest.mark.parametrize("kind", ["run", "study", "case", "page"])
def test_hostile_text_adds_no_tag_and_is_shown_as_it_is(kind, hostile):
    tame, wild = (Tags(page(kinds(text)[kind])) for text in ("tame", hostile))
    assert wild.tags == tame.tags
    # curves, which name what they are of, stand in an address where that is not to be seen
    shown = [text.count("tame") for text in tame.texts]
    assert [text.count(hostile) for text in wild.texts] == shown and sum(shown) >= 6
    (scenes,) = (json.loads(code)["scenes"] for code in wild.codes if code.startswith("{"))
    assert scenes[0]["name"] == scenes[0]["layers"][0]["name"] == hostile


@pytest.mark.parametrize("kind", ["run", "study", "case"])
def test_a_value_that_a_page_lacks_is_an_error(kind):
    whole = kinds("tame")[kind]
    for name in whole.values:
        some = {k: v for k, v in whole.values.items() if k != name}
        with pytest.raises(UndefinedError, match=name):
            page(Document("x", "y", (), kind, some))


def test_a_page_is_the_same_each_time_it_is_written():
    assert page(kinds("tame")["run"]) == page(kinds("tame")["run"])


def test_best_is_bold_and_second_underlined():
    rows = [[Text("a<b", 1), Text("1", 2), Text("2")]]
    made = render("comparison", said="x & y", heads=["h"], rows=rows)
    assert "<caption>x &amp; y</caption>" in made and '<th scope="col">h</th>' in made
    assert '<th scope="row"><b>a&lt;b</b></th><td><u>1</u></td><td>2</td>' in made
