"""The page at `/`, in a real Chromium: a portrait is uploaded, its landmarks are seen drawn, and it is forgotten."""

from __future__ import annotations

import io
import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image, ImageColor
from selenium.webdriver import ActionChains, Chrome, ChromeOptions
from selenium.webdriver.chrome.service import Service
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webelement import WebElement
from selenium.webdriver.support.wait import WebDriverWait

from facestamp.http.photos.overlay import COLOURS
from infra.package import TARGET
from tests.http.conftest import Api
from tests.pictures import FACE, jpeg, landscape, portrait

PATIENCE = 60
"""Seconds to wait for anything on the page."""
QUIET = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-sync"),
    *("--disable-background-networking", "--disable-component-update", "--window-size=1280,1100"),
)


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Chrome]:
    """A Chromium of the test's own."""
    found, driver = shutil.which("google-chrome") or shutil.which("chromium"), shutil.which("chromedriver")
    if not found or not driver:
        told = "Install Debian's chromium and chromium-driver (apt-get install) to try the page."
        if os.environ.get("FACESTAMP_BROWSER") == "required":
            pytest.fail(told)
        pytest.skip(told)
    options = ChromeOptions()
    options.binary_location = found
    for flag in (*QUIET, f"--user-data-dir={tmp_path / 'profile'}"):
        options.add_argument(flag)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    window = Chrome(options=options, service=Service(executable_path=driver))
    try:
        yield window
    finally:
        window.quit()


class Page:
    """The page, as somebody meets it."""

    def __init__(self, browser: Chrome, address: str) -> None:
        self.browser = browser
        browser.get(address)

    def __getitem__(self, name: str) -> WebElement:
        """The element with this id."""
        return self.browser.find_element(By.ID, name)

    def shows(self, name: str) -> WebElement:
        """The element with this id, as soon as it is seen."""
        self.wait(self[name].is_displayed)
        return self[name]

    def says(self, text: str) -> None:
        """Wait until the page says this."""
        self.wait(lambda: text in self["said"].text)

    def wait(self, what: Callable[[], Any]) -> None:
        """Until it is so."""
        WebDriverWait(self.browser, PATIENCE).until(lambda _: what())

    def sign_in(self, key: str) -> None:
        self.shows("api-key").send_keys(key + Keys.ENTER)

    def choose(self, folder: Path, name: str, photo: bytes) -> None:
        """Choose a photo from the disk."""
        self.shows("drop")
        (folder / name).write_bytes(photo)
        self["file"].send_keys(str(folder / name))

    def drawn(self) -> tuple[int, int]:
        """The natural size of the drawing that is shown, once it is."""
        script = "const it = document.getElementById('overlay'); return it.complete && it.naturalWidth > 0"
        self.shows("result")
        self.wait(lambda: self.browser.execute_script(script))
        width, height = (self["overlay"].get_property(side) for side in ("naturalWidth", "naturalHeight"))
        return int(str(width)), int(str(height))

    def picture(self) -> Image.Image:
        """The drawing, as it is seen."""
        return Image.open(io.BytesIO(self["overlay"].screenshot_as_png)).convert("RGB")

    def errors(self) -> list[str]:
        """What the browser complained of."""
        return [str(entry["message"]) for entry in self.browser.get_log("browser")]  # type: ignore[no-untyped-call]  # it has none


def _marked(picture: Image.Image, region: tuple[int, int, int, int]) -> int:
    """Pixels of the first face's colour in a region of the portrait's 512 x 512."""
    left, top, right, bottom = (round(side * picture.width / 512) for side in region)
    pixels = np.asarray(picture, dtype=int)[top:bottom, left:right]
    return int((abs(pixels - ImageColor.getrgb(COLOURS[0])).sum(axis=2) < 60).sum())


@pytest.fixture
def page(browser: Chrome, api: Api) -> Page:
    """The page, just opened by somebody who is not signed in."""
    return Page(browser, f"http://{api.host}/")


def test_a_portrait_is_uploaded_drawn_and_forgotten(page: Page, api: Api, tmp_path: Path, name: str) -> None:
    page.sign_in(api.key)
    page.choose(tmp_path, f"portrait {name}.jpg", jpeg(portrait()))
    assert page.drawn() == (512, 512)

    assert _marked(portrait(), FACE) == 0
    assert _marked(page.picture(), FACE) > 200
    told = page["result"].text
    for words in ("Faces found", "512 × 512 px", "Face 1", "90 points", "Smile", "open, 100 % sure"):
        assert words in told
    assert page["overlay"].get_attribute("alt") == f"{page['caption'].text}, with 1 face drawn on it"

    TARGET.mkdir(exist_ok=True)
    page.browser.save_screenshot(str(TARGET / "page.png"))

    key = page["caption"].text
    assert api.get("/v1/photo", key=key).json()["stamp"]["count"] == 1
    page["forget"].click()
    page.shows("sure").find_element(By.CSS_SELECTOR, "[value=forget]").click()
    page.says("Forgotten")
    assert not page["result"].is_displayed()
    assert api.get("/v1/photo", key=key).json()["stamp"]["status"] == "forgotten"
    assert page.errors() == []


def test_the_key_stays_in_its_tab(page: Page, api: Api) -> None:
    page.sign_in(api.key)
    page.shows("work")
    assert api.key not in page.browser.current_url
    assert page.browser.execute_script("return localStorage.length + document.cookie.length") == 0
    page.browser.refresh()
    page.shows("work")
    page["sign-out"].click()
    page.shows("sign-in")
    assert page.browser.execute_script("return sessionStorage.length") == 0
    assert page.errors() == []


def test_a_photo_without_a_face_is_shown_as_such(page: Page, api: Api, tmp_path: Path, name: str) -> None:
    page.sign_in(api.key)
    page.choose(tmp_path, f"coffee-{name}.jpg", jpeg(landscape()))
    assert page.drawn() == (600, 400)
    assert "No face found" in page["facts"].text
    assert page.errors() == []


def test_a_problem_is_said_in_its_one_sentence(page: Page, api: Api, name: str) -> None:
    page.sign_in("nobody's")
    page.says(Api(api.cloud, "nobody's").get("/v1/routes").json()["detail"])
    assert page.shows("sign-in").is_displayed()
    page["api-key"].clear()
    page.sign_in(api.key)
    page.shows("key").send_keys(f"photos/{name}-nowhere.jpg" + Keys.ENTER)
    sentence = api.get("/v1/photo", key=f"photos/{name}-nowhere.jpg").json()["detail"]
    page.says(sentence)
    assert page["said"].get_attribute("role") == "alert"


def test_it_can_be_used_by_keyboard_alone(page: Page, api: Api) -> None:
    def focused() -> str:
        return str(page.browser.execute_script("return document.activeElement.id"))

    page.shows("api-key")
    page.wait(lambda: focused() == "api-key")
    page.sign_in(api.key)
    page.shows("work")
    reached: list[str] = []
    while not reached or (focused() not in reached and len(reached) < 20):
        reached.append(focused())
        ActionChains(page.browser).send_keys(Keys.TAB).perform()
    assert reached[0] == "file"
    assert {"file", "route", "key"} <= set(reached)
