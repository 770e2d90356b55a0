"""The page in a browser: it works offline, on any screen, by keyboard and in the dark."""

import json
import shutil

import pytest

webdriver = pytest.importorskip("selenium.webdriver", reason="needs selenium")

from selenium.webdriver.chrome.service import Service  # noqa: E402
from selenium.webdriver.common.by import By  # noqa: E402
from selenium.webdriver.common.keys import Keys  # noqa: E402
from selenium.webdriver.support.ui import WebDriverWait  # noqa: E402

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")
SECONDS = 900  # a busy machine is no mistake of the page
FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync", "--no-first-run"]
FLAGS += ["--force-prefers-reduced-motion"]  # else a click meets a page that is still scrolling
CONTRAST = """
  const canvas = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
  function luminance(colours) {  // of colours that lie on each other, the last on top
    for (const colour of ["white", ...colours]) {
      canvas.fillStyle = colour;
      canvas.fillRect(0, 0, 1, 1);
    }
    const [r, g, b] = Array.from(canvas.getImageData(0, 0, 1, 1).data, v => v / 255)
      .map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  }
  const poor = [];
  for (const element of document.querySelectorAll("body *")) {
    const own = Array.from(element.childNodes).some(n => n.nodeType === 3 && n.textContent.trim());
    if (!own || element.closest("svg, script, style")) continue;
    const below = [];
    for (let e = element; e; e = e.parentElement) below.unshift(getComputedStyle(e).backgroundColor);
    const [a, b] = [luminance([...below, getComputedStyle(element).color]), luminance(below)]
      .sort((x, y) => y - x);
    if ((a + 0.05) / (b + 0.05) < 4.5) poor.push(element.tagName + ": " + element.textContent.trim());
  }
  return poor;
"""
OPEN_ALL = "for (const each of document.querySelectorAll('details')) each.open = true;"
COLUMN = """
  return Array.from(document.querySelectorAll(".prediction > tr:first-child"))
    .filter(row => row.checkVisibility({visibilityProperty: true, opacityProperty: true}))
    .map(row => row.cells[arguments[0]].innerText.trim());
"""

pytestmark = pytest.mark.skipif(not (CHROMIUM and DRIVER), reason="needs Chromium and chromedriver")


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in FLAGS:
        options.add_argument(flag)
    options.add_argument(f"--user-data-dir={tmp_path_factory.mktemp('chromium')}")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(executable_path=DRIVER))
    driver.set_page_load_timeout(SECONDS)
    driver.set_script_timeout(SECONDS)
    yield driver
    driver.quit()


@pytest.fixture
def page(browser, report):
    """Load the page anew on a desktop's screen."""
    show(browser, 1280, 900)
    browser.get("about:blank")  # else the page of the test before may be taken for the new one
    browser.get(report.path.as_uri())
    WebDriverWait(browser, SECONDS).until(lambda page: page.find_elements(By.CSS_SELECTOR, "html.js"))
    return browser


def show(browser, width, height, *, mobile=False):
    screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": mobile}
    browser.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)


def column(page, number):
    """Return the texts of a column of the predictions that are shown, from the top."""
    return page.execute_script(COLUMN, number)


def header(page, name):
    buttons = page.find_elements(By.CSS_SELECTOR, "#predictions-table > thead button")
    return next((number, button) for number, button in enumerate(buttons) if button.text.startswith(name))


def directions(page):
    headers = page.find_elements(By.CSS_SELECTOR, "#predictions-table > thead th")
    return [each.get_attribute("aria-sort") for each in headers]


def test_the_page_loads_from_a_file_without_errors_and_without_the_network(page, report):
    assert page.title.startswith("circRNA–miRNA interactions")
    assert [entry for entry in page.get_log("browser") if entry["level"] != "INFO"] == []
    messages = [json.loads(entry["message"])["message"] for entry in page.get_log("performance")]
    asked = [each["params"] for each in messages if each["method"] == "Network.requestWillBeSent"]
    here = report.path.as_uri()
    urls = {each["request"]["url"] for each in asked if each["documentURL"] == here}
    assert {url for url in urls if not url.startswith("data:")} == {here}


def test_the_search_shows_the_pairs_that_hold_all_its_words(page):
    circrnas, mirnas = column(page, 1), column(page, 2)
    search = page.find_element(By.ID, "search")
    search.send_keys(mirnas[0].upper())
    expected = [circrna for circrna, mirna in zip(circrnas, mirnas, strict=True) if mirnas[0] in mirna]
    assert column(page, 1) == expected
    search.send_keys(" ", circrnas[0])
    assert (circrnas[0], mirnas[0]) == (column(page, 1)[0], column(page, 2)[0])
    assert page.find_element(By.ID, "count").text == f"{len(column(page, 1))} of 6 shown."
    search.send_keys(" nowhere")
    assert column(page, 1) == []
    assert page.find_element(By.ID, "count").text == "0 of 6 shown."
    search.clear()
    search.send_keys(" ")
    assert column(page, 1) == circrnas


def test_a_column_of_numbers_sorts_as_numbers_both_ways(page):
    number, button = header(page, "Paths")
    before = [float(each) for each in column(page, number)]
    for direction, reverse in (("ascending", False), ("descending", True), ("ascending", False)):
        button.click()
        assert [float(each) for each in column(page, number)] == sorted(before, reverse=reverse)
        assert directions(page)[number] == direction
        assert len([each for each in directions(page) if each]) == 1
    assert page.find_element(By.ID, "count").text == "6 of 6 shown, sorted by Paths, ascending."


def test_a_column_of_words_sorts_both_ways_and_ranks_decide_between_equal_ones(page):
    number, button = header(page, "miRNA")
    rows = list(zip(column(page, number), column(page, 0), strict=True))
    natural = "return arguments[0].sort(new Intl.Collator('en', {numeric: true}).compare)"
    for reverse in (False, True):
        button.click()
        found = list(zip(column(page, number), column(page, 0), strict=True))
        names = page.execute_script(natural, list(dict.fromkeys(name for name, _ in rows)))
        expected = [row for name in (names[::-1] if reverse else names) for row in rows if row[0] == name]
        assert found == expected


def test_sorting_keeps_what_the_search_hides_and_the_details_with_their_pair(page):
    mirna = column(page, 2)[0]
    page.find_element(By.ID, "search").send_keys(mirna)
    shown = len(column(page, 0))
    header(page, "Score")[1].click()
    assert len(column(page, 0)) == shown < 6
    for pair in page.find_elements(By.CSS_SELECTOR, ".prediction"):
        names = [each.get_attribute("textContent") for each in pair.find_elements(By.CSS_SELECTOR, ".text")]
        assert names[0] in pair.find_element(By.TAG_NAME, "summary").get_attribute("textContent")


def test_the_header_sorts_by_keyboard(page):
    number, button = header(page, "Score")
    page.execute_script("arguments[0].focus()", button)
    before = column(page, number)
    page.switch_to.active_element.send_keys(Keys.ENTER)
    assert directions(page)[number] == "ascending"
    assert column(page, number) == before[::-1]
    outline = page.execute_script("return getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_details_open_and_show_the_reasons(page):
    details = page.find_element(By.CSS_SELECTOR, ".prediction details")
    assert not details.find_element(By.CSS_SELECTOR, "svg").is_displayed()
    details.find_element(By.TAG_NAME, "summary").click()
    figures = details.find_elements(By.CSS_SELECTOR, "svg")
    assert len(figures) == 2
    assert all(each.is_displayed() and each.size["height"] > 200 for each in figures)
    assert "miRNA  5′" in details.find_element(By.TAG_NAME, "pre").text
    assert "known to interact with" in details.text


@pytest.mark.parametrize("width", [320, 360, 768])
def test_nothing_makes_the_page_wider_than_a_small_screen(page, width):
    show(page, width, 740, mobile=True)
    overflow = "return document.documentElement.scrollWidth - innerWidth"
    assert page.execute_script(overflow) <= 0
    page.execute_script(OPEN_ALL)
    assert page.execute_script(overflow) <= 0
    for details in page.find_elements(By.CSS_SELECTOR, ".details"):
        assert details.size["width"] <= width


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_all_text_stands_out_from_its_background(page, scheme):
    features = [{"name": "prefers-color-scheme", "value": scheme}]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})
    page.execute_script(OPEN_ALL)
    paper = page.execute_script("return getComputedStyle(document.body).backgroundColor")
    poor = page.execute_script(CONTRAST)
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})
    assert (paper == "rgb(255, 255, 255)") == (scheme == "light")
    assert poor == []


def test_a_printed_page_has_no_controls(page):
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": "print"})
    shown = [page.find_element(By.CSS_SELECTOR, name).is_displayed() for name in (".controls", "nav")]
    page.execute_cdp_cmd("Emulation.setEmulatedMedia", {"media": ""})
    assert shown == [False, False]
