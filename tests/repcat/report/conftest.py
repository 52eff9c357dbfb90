"""A real browser, marker phantoms and cases for pages."""

from __future__ import annotations

import io
import json
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from matplotlib.image import imread
from safetensors.torch import save_file

from repcat import preset

# Without a GPU and without a thing that Chromium does on the network of its own accord.
FLAGS = (
    "--headless", "--no-sandbox", "--use-angle=swiftshader", "--enable-unsafe-swiftshader",
    "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
HOSTILE = "<script>alert(1)</script>\"'&$title</title>"


def _marker(n: int = 24, at: tuple[int, int, int] | None = None) -> torch.Tensor:
    """A body of water in air with a block of metal, by default at head, front and left."""
    volume = torch.full((n, n, n), -1000.0)
    volume[2:-2, 4:-4, 4:-4] = 0.0
    z, y, x = at or (n - 7, 5, n - 8)
    volume[z : z + 3, y : y + 3, x : x + 3] = 3000.0
    return volume


@pytest.fixture(scope="session")
def marker():
    """Return the maker of marker phantoms."""
    return _marker


@pytest.fixture(scope="session")
def hostile() -> str:
    """A patient's or a file's name that would run or break a page which forgets to escape."""
    return HOSTILE


@pytest.fixture(scope="session")
def case_at():
    """Return a writer of cases as `repcat predict --xray` leaves them, of two views."""
    return _case


@pytest.fixture
def case(tmp_path: Path) -> Path:
    """A case whose X-rays have a patient's name for a file name."""
    return _case(tmp_path / "case", "/home/doe/DOE^JANE.dcm")


def _case(folder: Path, file: str) -> Path:
    folder.mkdir(parents=True)
    hu, geometry = _marker(), preset("default", size=24, cube_mm=360.0)
    given = torch.stack([hu.amax(1).flip(0), hu.amax(2).flip(0)]).add(1000).div(4000)
    tensors = {"given": given.contiguous(), "reprojected": (given * 0.9).contiguous()}
    save_file(tensors, folder / "xrays.safetensors")
    np.save(folder / "volume.npy", hu.numpy())
    views = [
        {"azimuth": a, "mirrored": False, "name": name, "file": file, "sha256": "ab" * 32,
         "given_as": "pa", "steps": [f"{file}: inverted, MONOCHROME1", "log"]}
        for a, name in ((0.0, "pa"), (90.0, "left_lateral"))
    ]  # fmt: skip
    told = {
        "notice": "synthetic, research use only",
        "repcat": "0.1.0",
        "run": {"path": "/home/doe/runs/q", "recipe": "abc", "step": 300, "dataset": "phantoms"},
        "views": views,
        "geometry": geometry.to_dict(),
        "window": [-1000.0, 1000.0],
        "warnings": [
            {"code": "far", "text": f"{file} is far from training", "measure": 3.25, "limit": 2.0}
        ],
        "reprojection": [{"azimuth": a, "psnr": 25.5, "ncc": 0.987} for a in (0.0, 90.0)],
        "files": {"volume.npy": "cd" * 32},
    }
    (folder / "case.json").write_text(json.dumps(told))
    return folder


class Page:
    """A page open in Chromium: what a test clicks and sees."""

    def __init__(self, driver, width: int, height: int) -> None:
        self.driver = driver
        size = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 700}
        driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)

    def open(self, path: Path) -> Page:
        """Load a page and wait for its viewer; the log then holds what this page did."""
        self.logs()
        self.driver.get(path.resolve().as_uri())
        self.until("document.documentElement.dataset.viewer === 'ready'")
        return self

    def js(self, code: str, *given):
        return self.driver.execute_script(code, *given)

    def until(self, condition: str, seconds: float = 60) -> None:
        """Wait for what a browser on a busy machine takes its time for."""
        end = time.monotonic() + seconds
        while not self.js(f"return Boolean({condition})"):
            assert time.monotonic() < end, f"never: {condition}; {self.logs()}"
            time.sleep(0.05)

    def find(self, selector: str):
        return self.driver.find_element("css selector", selector)

    def click(self, selector: str) -> None:
        self.js("arguments[0].click()", self.find(selector))

    def pixels(self, panel: int = 0) -> np.ndarray:
        """What a panel shows: (rows, columns, 3) in [0, 1]."""
        canvas = self.find(f'canvas[data-panel="{panel}"]')
        self.js(
            "arguments[0].scrollIntoView({block: 'center'})", canvas
        )  # what is cut off is not seen
        self.js("return new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
        return imread(io.BytesIO(canvas.screenshot_as_png), "png")[..., :3]

    def logs(self) -> tuple[list[str], list[str]]:
        """What the console said and which addresses were asked for, since the last time."""
        said = [entry["message"] for entry in self.driver.get_log("browser")]
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        asked = [
            e["params"]["request"]["url"]
            for e in events
            if e["method"] == "Network.requestWillBeSent"
        ]
        return said, asked


@pytest.fixture(scope="module")
def chromium(tmp_path_factory):
    """Chromium without a screen, or a skip that says what is missing."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    binary, driver = shutil.which("chromium"), shutil.which("chromedriver")
    if not binary or not driver:
        pytest.skip("no Chromium: apt-get install chromium chromium-driver")
    options = webdriver.ChromeOptions()
    options.binary_location = binary
    for flag in (*FLAGS, f"--user-data-dir={tmp_path_factory.mktemp('chromium')}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"performance": "ALL", "browser": "ALL"})
    browser = webdriver.Chrome(options, webdriver.ChromeService(driver))
    browser.set_script_timeout(60)
    yield browser
    browser.quit()


@pytest.fixture(scope="module")
def browse(chromium):
    """Return what opens a page in a window of so many pixels."""

    def opened(path: Path, width: int = 1400, height: int = 1000) -> Page:
        return Page(chromium, width, height).open(path)

    return opened
