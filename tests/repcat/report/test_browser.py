"""The page in a real Chromium: what it shows in pixels, does when clicked, and asks for."""

from __future__ import annotations

import io

import numpy as np
import pytest
import torch
from matplotlib.image import imread

from repcat.figures.training_curves import charts
from repcat.report.html.document import Document, write
from repcat.report.html.patient_table import patient_table
from repcat.report.html.viewer_data import Layer, Scene, Shot
from repcat.report.pages.case import write_case
from repcat.view import View

pytestmark = [pytest.mark.slow, pytest.mark.browser]
MM = (10.0, 10.0, 10.0)
WHITE = 0.75  # metal; the letters in a panel are yellow, the crosshair blue


@pytest.fixture(scope="module")
def document(marker, hostile):
    """Two patients with truth and prediction, one with the marker at head, front and left."""
    figures = {"a": {"psnr": 9.5}, "b": {"psnr": 21.0}, hostile: {"psnr": 10.0}}
    shot = Shot(View(0.0), torch.rand(24, 24), torch.rand(24, 24))
    pairs = (("a", marker(), marker() - 50), (hostile, marker(at=(4, 16, 5)), marker() * 0.5))
    scenes = tuple(
        Scene(name, (Layer("prediction", made, MM), Layer("truth", truth, MM)), (shot,), (0, 1))
        for name, made, truth in pairs
    )
    values = {
        "summary": [("Method", "x")],
        "scored": True,
        "patients": patient_table("figures", list(figures), figures, scenes),
        "tables": [],
        "charts": charts({hostile: [(1, 9.0), (2, 3.0)], "mse": [(1, 1.0), (2, 0.01)]}),
        "run": {"facts": [], "recipe": ""},
    }
    return Document("Run x", "three patients", scenes, "run", values)


@pytest.fixture(scope="module")
def page(document, browse, tmp_path_factory):
    return browse(write(document, tmp_path_factory.mktemp("page") / "report.html"))


def bright(image: np.ndarray) -> tuple[float, float]:
    """Return where the white pixels lie, (row, column) from 0 to 1."""
    rows, columns = np.nonzero(image.min(-1) > WHITE)
    assert len(rows) > 20
    return rows.mean() / image.shape[0], columns.mean() / image.shape[1]


def at(page) -> list[float]:
    """Return where the crosshair is: mm to the left, to the back, to the head."""
    return [float(mm) for mm in page.js("return document.documentElement.dataset.at").split()]


def plane(page, value: int) -> np.ndarray:
    page.click(f'[data-set="plane"][value="{value}"]')
    return page.pixels()


def test_nothing_leaves_the_page_and_the_console_is_silent(page):
    said, asked = page.logs()
    assert said == []
    assert {url.split(":")[0] for url in asked} <= {"file", "data", "blob"}
    assert [url for url in asked if url.startswith("file")] == [page.driver.current_url]
    refused = page.js(
        "return fetch('https://example.org').then(() => 'sent', (e) => 'refused: ' + e.message)"
    )
    assert refused.startswith("refused")
    assert any("Content Security Policy" in line for line in page.logs()[0])


# Block at the patient's head, front and left, as docs/geometry.md and `slices` have it: coronal
# right and up, axial right and up, sagittal left and up.
@pytest.mark.parametrize(("number", "left"), [(1, False), (0, False), (2, True)])
def test_a_marker_is_where_a_radiologist_looks_for_it(page, number, left):
    page.js("window.repcat.moveTo([-55, 65, 65])")  # RAS; the block's middle
    row, column = bright(plane(page, number))
    assert row < 0.5
    assert column < 0.5 if left else column > 0.5


def test_the_panels_show_volume_truth_and_error(page):
    plane(page, 3)
    prediction, truth, error = (page.pixels(n) for n in range(3))
    assert prediction.std() > 0.1 and truth.std() > 0.1
    # 50 HU apart everywhere of 500: a dark, even colour in the body of all three planes
    assert 0 < error.mean() < 0.15
    assert np.abs(prediction - truth).mean() > 0.005


def test_a_click_moves_the_crosshair_of_all_panels(page):
    from selenium.webdriver import ActionChains

    plane(page, 1)
    page.js("window.repcat.moveTo([0, 0, 0])")
    before = page.pixels(1)
    canvas = page.find('canvas[data-panel="0"]')
    quarter = canvas.size["width"] // 4
    ActionChains(page.driver).move_to_element_with_offset(
        canvas, quarter, -quarter
    ).click().perform()
    x, y, z = at(page)
    assert x > 40 and abs(y) < 6 and z > 40  # right and up in the image: to the left, to the head
    assert np.abs(page.pixels(1) - before).max() > 0.3
    page.until("document.getElementById('status').textContent.includes('to the patient')")
    assert "prediction" in page.find("#status").text


def test_keys_and_sliders_move_the_crosshair_by_voxels(page):
    from selenium.webdriver import Keys

    page.js("window.repcat.moveTo([0, 0, 0])")
    canvas = page.find('canvas[data-panel="1"]')
    for key, moved in (
        (Keys.ARROW_LEFT, [-10, 0, 0]),
        (Keys.ARROW_UP, [-10, 0, 10]),
        (Keys.PAGE_UP, [-10, -10, 10]),
        (Keys.HOME, [0, 0, 0]),
    ):
        canvas.send_keys(key)
        assert at(page) == moved
    page.js(
        "const s = document.getElementById('at-x'); s.value = 50;"
        "s.dispatchEvent(new Event('input', {bubbles: true}))"
    )
    assert at(page) == [50, 0, 0]
    assert page.find("#at-x").get_attribute("aria-valuetext") == "50 mm to the patient's left"


def test_a_window_changes_how_bright_the_body_is(page):
    plane(page, 0)
    seen = {}
    for name in ("Lung", "Bone", "Soft tissue"):
        page.js(
            "[...document.querySelectorAll('[data-set=window]')]"
            ".find(b => b.textContent === arguments[0]).click()",
            name,
        )
        seen[name] = page.pixels().mean()
    # water is at .9 of the lung window, .4 of soft tissue's, .28 of bone's
    assert seen["Lung"] > seen["Soft tissue"] + 0.1 > seen["Bone"] + 0.1
    page.click('[data-set="window"][value="-1000,1000"]')


def test_turning_one_volume_turns_all(page):
    from selenium.webdriver import ActionChains

    plane(page, 4)
    canvas = page.find('canvas[data-panel="0"]')
    ActionChains(page.driver).click_and_hold(canvas).move_by_offset(60, 10).release().perform()
    turned = page.js("return window.repcat.panels.map(p => p.nv.scene.renderAzimuth)")
    assert len(set(turned)) == 1 and turned[0] != 200
    assert page.pixels().std() > 0.02
    plane(page, 3)


def test_the_table_sorts_by_number_and_says_so(page):
    def column() -> list[float]:
        return [
            float(c.text) for c in page.driver.find_elements("css selector", "tbody td:last-child")
        ]

    head = "thead th:last-child"
    page.click(f"{head} .sort")
    assert column() == [9.5, 10.0, 21.0]
    assert page.find(head).get_attribute("aria-sort") == "ascending"
    page.click(f"{head} .sort")
    assert column() == [21.0, 10.0, 9.5]
    assert page.find(head).get_attribute("aria-sort") == "descending"
    assert page.find("thead th").get_attribute("aria-sort") == "none"


def test_choosing_a_patient_in_the_table_changes_the_volume(page, hostile):
    page.js("window.repcat.moveTo([55, -45, -65])")  # the other patient's block
    before = plane(page, 1)
    page.click('[data-show="1"]')
    page.until("document.documentElement.dataset.shown === '1'")
    row, column = bright(page.pixels())
    assert row > 0.5 and column < 0.5
    assert np.abs(page.pixels() - before).max() > 0.4  # metal where water was: 1 for .5
    assert page.find("tr.chosen th").text == hostile
    assert page.find('[data-show="1"]').get_attribute("aria-pressed") == "true"
    assert page.find("#patient").get_attribute("value") == "1"
    page.js(
        "const s = document.getElementById('patient'); s.value = '0';"
        "s.dispatchEvent(new Event('change', {bubbles: true}))"
    )
    page.until("document.documentElement.dataset.shown === '0'")


def test_light_and_dark_follow_the_system_and_the_button(page):
    def paper() -> str:
        return page.js("return getComputedStyle(document.body).backgroundColor")

    light = paper()
    dark = {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", dark)
    assert paper() != light
    page.click("#theme")
    assert paper() == light and page.find("#theme").text == "Theme: light"
    page.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    page.click("#theme")
    assert paper() != light
    page.click("#theme")
    assert paper() == light


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_curves_are_drawn_under_the_policy_and_legible_on_light_and_dark(page, theme):
    page.js("document.documentElement.dataset.theme = arguments[0]", theme)
    for chart in page.driver.find_elements("css selector", ".chart img"):
        page.js("return arguments[0].decode()", chart)
        grey = imread(io.BytesIO(chart.screenshot_as_png), "png")[..., :3].mean(-1)
        paper = np.median(grey)
        assert paper > 0.9 if theme == "light" else paper < 0.2
        ink = np.abs(grey - paper)
        assert ink.max() > 0.7 and 0.01 < (ink > 0.3).mean() < 0.3
    page.js("delete document.documentElement.dataset.theme")


def test_a_hostile_name_stays_a_name(page, hostile):
    assert page.driver.title == "Run x - repcat"
    assert page.js("return document.querySelectorAll('script').length") == 10
    names = [option.text for option in page.driver.find_elements("css selector", "#patient option")]
    assert names == ["a", hostile]


def test_a_case_fits_a_phone(case, browse):
    page = browse(write_case(case), 390, 800)
    assert page.js("return document.documentElement.scrollWidth") <= 390
    assert page.pixels().std() > 0.1
    assert page.js("return document.querySelectorAll('.panels figure:not(.closed)').length") == 1
    said, _ = page.logs()
    assert said == []
    assert "research use only" in page.find(".notice").text
