"""Text becomes markup in one place, and is escaped there."""

from repcat.report.html.markup import Html, element, pairs, together


def test_text_and_attributes_are_escaped_once(hostile):
    made = element("p", hostile, title=hostile)
    assert "<script" not in made and made.count("&lt;script&gt;") == 2
    assert element("div", made) == f"<div>{made}</div>"
    assert together("a<b", Html("<i>c</i>")) == "a&lt;b<i>c</i>"


def test_attributes_are_named_as_html_has_them():
    made = element("button", "x", class_="sort", aria_label="y", disabled=True, hidden=False, id=0)
    assert made == '<button class="sort" aria-label="y" disabled id="0">x</button>'
    assert element("img", src="z") == '<img src="z">'


def test_terms_stand_before_what_they_stand_for():
    assert pairs([("a", "1")]) == "<dl><div><dt>a</dt><dd>1</dd></div></dl>"
