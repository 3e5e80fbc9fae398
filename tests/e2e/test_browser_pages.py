from __future__ import annotations

import csv
import re
from pathlib import Path

import pytest
from browsing import Opened, Tab, Visited
from tenant_words import ELSEWHERE

pytestmark = pytest.mark.browser

CONNECTOR = "/connector?id=1"
TABS = (
    "Manifest", "Ownership", "Staleness", "Policies", "Connections", "References", "Consumers", "Calls",
    "Exposure", "Drift", "History", "Sources",
)  # fmt: skip
PAGES = [
    "/",
    "/connectors",
    "/connections",
    "/environments?open=1&tab=Connections",
    "/runs",
    "/usage",
    "/usage?show=Callers",
    "/exposure",
    "/exposure?look=People",
    "/what_if",
    "/what_if?change=retire%3Fconnector%3D1",
    "/savings",
    "/estimates",
    "/prices",
    "/health",
    "/health?view=Limit",
    "/drift",
    "/change?pair=family-7",
    "/upstream",
    "/change_log?within=Everything",
    "/ownership",
    "/stale",
    "/leavers",
    "/leavers?person=10000000-0000-4000-8000-000000000000",
    "/campaigns",
    "/campaigns?show=Retirements",
    "/campaign?campaign=1",
    "/campaign?campaign=1&tab=Messages",
    "/outbox?message=4",
    "/my_connectors?owner=ada%40tenant.example",
    *(f"{CONNECTOR}&tab={name}" for name in TABS),
]


@pytest.fixture
def light(tab: Opened) -> Tab:
    """A tab of a desktop browser."""
    return tab()


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_drawn_without_complaint(visited: Visited, path: str) -> None:
    """A page shows its title and no failure, and the browser finds nothing to complain of."""
    page = visited(path)

    assert page.title not in {"", "Page not found"}
    assert not page.failed
    assert "could not be loaded" not in page.text
    assert page.errors == []


@pytest.mark.parametrize("path", PAGES)
def test_hostile_words_stay_words(visited: Visited, path: str) -> None:
    """Names that look like pictures, links or scripts fetch nothing, link nowhere, run nothing."""
    page = visited(path)

    assert [address for address in page.addresses if ELSEWHERE in address] == []
    assert [it for it in page.addresses if it.startswith(("javascript:", "mailto:"))] == []
    assert page.told is None
    assert page.foreign == []


def test_a_hostile_name_is_shown_as_it_is(visited: Visited) -> None:
    """The title of a connector's page is its name, with every sign a tenant wrote."""
    title = visited(PAGES[-1]).title.replace("\u2060", "")

    assert f"![seen](https://{ELSEWHERE}/p.png) <img src=https://{ELSEWHERE}/i.png" in title
    assert "**bold** :material/bomb: :red[red] $x^2$" in title


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("scheme", ["light", pytest.param("dark", marks=pytest.mark.soak)])
def test_a_phone_need_not_scroll_sideways(visited: Visited, path: str, scheme: str) -> None:
    """At 375 pixels nothing is wider than the screen, in either colour scheme."""
    assert visited(path, width=375, scheme=scheme).width <= 375


@pytest.mark.parametrize(
    ("scheme", "background"), [("light", "rgb(255, 255, 255)"), ("dark", "rgb(20, 23, 27)")]
)
def test_the_theme_follows_the_system(visited: Visited, scheme: str, background: str) -> None:
    """Pages are light or dark as the reader's system is, in our colours."""
    assert visited("/", width=375, scheme=scheme).background == background


@pytest.mark.parametrize("path", PAGES)
def test_a_page_says_when_the_tenant_was_read(visited: Visited, path: str) -> None:
    """The line under the title tells the time of the reading and how much was read."""
    text = visited(path).text

    assert "Read 16 Nov 2026, 02:00 UTC" in text
    assert re.search(r"\d of \d environments read", text)


def test_the_search_stands_in_the_address(light: Tab) -> None:
    """What was searched for is in the address, and a reload shows the same rows."""
    light.go("/connectors")
    box = light.page.get_by_role("textbox", name="Search")
    box.fill("payroll")
    box.press("Enter")
    light.page.wait_for_url(re.compile("search=payroll"))
    light.page.get_by_text(re.compile("^1 of ")).first.wait_for()
    before = counted(light)

    light.page.reload()
    light.drawn()

    assert light.page.get_by_role("textbox", name="Search").input_value() == "payroll"
    assert counted(light) == before
    assert before.startswith("1 of ")


@pytest.mark.parametrize(
    ("label", "position"),
    [("Connectors", 0), ("Without owner", 1), ("Not readable", 3)],
)
def test_a_figure_opens_its_rows(light: Tab, label: str, position: int) -> None:
    """A figure of the overview leads to exactly as many rows."""
    light.go("/")
    card = light.page.locator('[data-testid="stMetric"]', has_text=label)
    figure = card.locator('[data-testid="stMetricValue"]').inner_text()

    light.page.get_by_role("link", name="Show").nth(position).click()
    light.page.wait_for_url(re.compile(r"/(connectors|ownership|stale)"))
    light.drawn()

    assert counted(light).split()[0] == figure


def test_the_way_back_keeps_the_filters(light: Tab) -> None:
    """From a connector, the link back leads to the list as it was narrowed."""
    light.go("/connectors?search=payroll")
    light.page.get_by_test_id("stDataFrame").click(position={"x": 15, "y": 51})
    light.page.get_by_role("link", name=re.compile("Open ")).click()
    light.page.wait_for_url(re.compile(r"/connector\?.*id="))
    light.drawn()

    light.page.get_by_role("link", name="All connectors").click()
    light.page.wait_for_url(re.compile(r"/connectors\?.*search=payroll"))
    light.drawn()

    assert counted(light).startswith("1 of ")


def test_a_row_can_be_opened_by_keyboard(light: Tab) -> None:
    """The arrow and space keys choose a row, and its link opens the connector."""
    light.go("/connectors?search=payroll")
    light.page.get_by_test_id("stDataFrame").locator("canvas").first.focus()
    for key in ("ArrowDown", "ArrowLeft", "ArrowLeft", "Space"):
        light.page.keyboard.press(key)

    link = light.page.get_by_role("link", name=re.compile("Open "))
    link.focus()
    light.page.keyboard.press("Enter")

    light.page.wait_for_url(re.compile(r"/connector\?.*id=2"))


def test_the_open_tab_stands_in_the_address(light: Tab) -> None:
    """A tab of a connector can be sent to somebody."""
    light.go(CONNECTOR)
    light.page.get_by_role("tab", name="Ownership").click()
    light.page.wait_for_url(re.compile("tab=Ownership"))

    light.page.reload()
    light.drawn()

    assert light.page.get_by_role("tab", name="Ownership").get_attribute("aria-selected") == "true"


@pytest.mark.parametrize("path", ["/usage", "/health?view=Failures"])
def test_a_row_of_calls_opens_the_calls_of_its_connector(light: Tab, path: str) -> None:
    """From the tables of Usage and of Health, whatever tab and days stand in the address."""
    light.go(path)
    light.page.get_by_role("radio", name="7 days").click()
    light.page.wait_for_url(re.compile("period=7"))
    light.drawn()
    light.page.get_by_test_id("stDataFrame").first.click(position={"x": 30, "y": 51})
    light.page.wait_for_url(re.compile(r"/connector\?.*id=1"))
    light.drawn()

    assert light.page.get_by_role("tab", name="Calls").get_attribute("aria-selected") == "true"
    assert light.page.get_by_text("Calls a day", exact=True).first.is_visible()
    assert light.errors == []


@pytest.mark.parametrize(
    ("path", "part"),
    [
        ("/usage?period=7+days", "Connectors"),
        ("/usage?show=Not+called&period=7+days", "Not called"),
        ("/health?view=Failures&as_of=2026-11-16", "Failures"),
        ("/connectors?order=Consumers", None),
    ],
)
def test_one_click_back_leads_to_what_was_left(light: Tab, path: str, part: str | None) -> None:
    """From a connector to the page it was opened on, as it was, under the address it had."""
    light.go(path)
    light.page.get_by_test_id("stDataFrame").first.click(position={"x": 30, "y": 51})
    light.page.wait_for_url(re.compile(r"/connector\?.*id="))
    light.drawn()

    light.page.go_back()
    light.page.wait_for_url(lambda address: address == light.origin + path)
    light.drawn()

    assert light.page.url == light.origin + path
    if part:
        opened = light.page.get_by_role("tab", name=part, exact=True)
        assert opened.get_attribute("aria-selected") == "true"
    assert light.errors == []


def test_failed_calls_open_the_failures_of_the_same_days(light: Tab) -> None:
    """The figure on Usage leads to Health with its period, and the menu keeps that as well."""
    light.go("/usage")
    light.page.get_by_role("radio", name="7 days").click()
    light.page.wait_for_url(re.compile("period=7"))
    light.drawn()
    light.page.get_by_test_id("stMain").get_by_role("link", name="Show").click()
    light.page.wait_for_url(re.compile(r"/health\?"))
    light.drawn()

    chosen = light.page.get_by_role("radio", name="7 days")
    assert chosen.get_attribute("aria-checked") == "true"
    opened = light.page.get_by_role("tab", name="Failures")
    assert opened.get_attribute("aria-selected") == "true"

    light.page.get_by_role("link", name="Usage").click()
    light.page.wait_for_url(re.compile(r"/usage\?.*period=7"))


@pytest.mark.parametrize("path", ["/usage", "/health?view=Limit"])
def test_a_desktop_shows_every_column_of_calls(light: Tab, path: str) -> None:
    """At 1440 pixels neither the table of connectors nor those of their limit are cut."""
    grids = light.go(path).page.locator(".dvn-scroller")
    grids.first.wait_for()
    beyond = grids.evaluate_all("all => all.map(it => it.scrollWidth - it.clientWidth)")

    assert beyond
    assert max(beyond) <= 0


def test_the_open_tab_is_seen_on_a_phone(tab: Opened) -> None:
    """However many parts a page has: the tabs wrap, and none lies beyond the screen."""
    phone = tab(width=375).go(f"{CONNECTOR}&tab=Sources")
    boxes = [one.bounding_box() for one in phone.page.get_by_role("tab").all()]

    assert len(boxes) >= len(TABS)
    assert all(box and box["x"] >= 0 and box["x"] + box["width"] <= 375 for box in boxes)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_open_tab_is_read_with_ease(tab: Opened, scheme: str) -> None:
    """Its word stands out from the page by 4.5 to 1, as accessible text must."""
    page = tab(scheme=scheme).go(f"{CONNECTOR}&tab=Calls").page
    opened = page.get_by_role("tab", name="Calls")
    word = opened.evaluate("it => getComputedStyle(it.querySelector('p')).color")
    ground = page.get_by_test_id("stApp").evaluate("it => getComputedStyle(it).backgroundColor")

    assert opened.get_attribute("aria-selected") == "true"
    assert contrast(word, ground) >= 4.5


def test_coverage_leads_to_what_was_not_read(light: Tab) -> None:
    """What was not read is listed under the title, with the way to the page that explains it."""
    light.go("/")
    light.page.get_by_role("button", name=re.compile("environments read")).click()
    light.page.get_by_role("link", name="Open Runs and coverage").click()
    light.page.wait_for_url(re.compile("/runs"))
    light.drawn()

    assert light.page.locator("h1").inner_text() == "Runs and coverage"


def test_rows_can_be_taken_along(light: Tab, tmp_path: Path) -> None:
    """Export gives the rows as CSV, in which no cell is a formula."""
    light.go("/connectors")
    light.page.get_by_role("button", name="Export").click()
    with light.page.expect_download() as started:
        light.page.get_by_role("button", name="Download CSV").click()
    target = tmp_path / "connectors.csv"
    started.value.save_as(target)

    with target.open(encoding="utf-8", newline="") as lines:
        rows = list(csv.DictReader(lines))

    assert started.value.suggested_filename.startswith("connectory-connectors-2026-11-")
    assert rows
    assert "display_name" in rows[0]
    assert not [cell for row in rows for cell in row.values() if cell[:1] in {"=", "+", "@"}]


def test_an_unknown_connector_is_said_to_be_unknown(light: Tab) -> None:
    """An address that names no connector of the store says so, and offers the list."""
    light.go("/connector?id=999999")

    assert "No such connector" in light.text()
    assert light.page.get_by_role("link", name="All connectors").is_visible()
    assert light.errors == []


def counted(tab: Tab) -> str:
    """Return the line that counts the rows of the list."""
    return tab.page.get_by_text(re.compile(r"^\d[\d,]* of \d[\d,]* connectors")).first.inner_text()


def contrast(one: str, other: str) -> float:
    """Return how far two colours of the browser stand apart, as WCAG reckons it."""
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def luminance(color: str) -> float:
    """Return how light a colour written like ``rgb(20, 23, 27)`` is, from 0 to 1."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", color)[:3]]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
