"""The dashboard in a real browser, on a real simulated car with a real agent; only the language model is a stand-in."""

import os
import shutil
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any

import pytest
import pytest_asyncio
from headunit_bench import needs_bus
from support.fakes import FakePlanner, call, plan

from simulators.dashboard import Dashboard
from simulators.workbench.dashboard import running

playwright = pytest.importorskip(
    "playwright.async_api", reason="playwright is not installed; `pip install playwright` brings it"
)
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
pytestmark = [
    needs_bus,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here; `apt-get install chromium` brings it"),
    pytest.mark.asyncio(loop_scope="module"),
]

PLANS = {
    "open my window halfway": plan(call("control_window", position=50)),
    "play the otter video": plan(call("play_video", title="otter parade")),
    "text mum that I am late": plan(call("send_text_message", recipient="mum", message="I am late")),
}
SLOW_MS = 20_000  # what a busy computer may take; a quick one does not wait


@dataclass
class Browser:
    """One tab. ``complaints``: what the console or an uncaught error said."""

    tab: Any
    dashboard: Dashboard
    complaints: list[str]

    async def shows(self, selector: str, text: str) -> None:
        await playwright.expect(self.tab.locator(selector).first).to_contain_text(text, timeout=SLOW_MS)

    async def say(self, text: str) -> None:
        await self.tab.fill("#say-text", text)
        await self.tab.press("#say-text", "Enter")
        await self.shows("#turns > li:first-child .quote", text)

    async def drive(self, kmh: int) -> None:
        # as a finger or a mouse moves it
        await self.tab.locator("#speed").evaluate(
            "(s, v) => { s.value = v; s.dispatchEvent(new Event('input', { bubbles: true })); }", kmh
        )


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def chromium() -> AsyncIterator[Any]:
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    async with playwright.async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=CHROMIUM, args=options)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(loop_scope="module")
async def open_tab(chromium: Any) -> AsyncIterator[Callable[..., Any]]:  # noqa: ANN401  # playwright may be missing
    contexts = []

    async def opened(dashboard: Dashboard, width: int = 1280, height: int = 800, **more: object) -> Browser:
        context = await chromium.new_context(viewport={"width": width, "height": height}, **more)
        contexts.append(context)
        tab = await context.new_page()
        complaints: list[str] = []
        tab.on("console", lambda m: complaints.append(m.text) if m.type in {"error", "warning"} else None)
        tab.on("pageerror", lambda e: complaints.append(str(e)))
        await tab.goto(dashboard.url)
        browser = Browser(tab, dashboard, complaints)
        await browser.shows("#link", "live")
        await browser.shows("#now-state", "parked")
        return browser

    yield opened
    for context in contexts:
        await context.close()


async def test_a_drive(open_tab: Callable[..., Any]) -> None:
    async with running(FakePlanner(PLANS), time_scale=4) as dashboard:
        b: Browser = await open_tab(dashboard)

        # driving: the slider moves the car, the agent sees it on the bus
        await b.drive(50)
        await b.shows("#now-speed", "50")
        await b.shows("#now-gear", "D")
        await b.shows("#now-state", "driving")

        # text to plan to frame to picture
        await b.say("open my window halfway")
        await b.shows("#turns > li:first-child .status", "done")
        await b.shows("#driver-window-text", "50%")
        pane = b.tab.locator("#driver-door .pane")
        assert abs(float(await pane.get_attribute("height")) - 30) <= 2  # of 60
        assert "driver window 50 percent open" in await b.tab.locator("#car-summary").text_content()

        # a refusal tells verdict, rule and reason
        await b.say("play the otter video")
        step = "#turns > li:first-child .step"
        await b.shows(f"{step} .verdict", "deny")
        await b.shows(f"{step} .notes", "play_video[")
        await b.shows(f"{step} .why", "only while the car is parked")

        # the bus, decoded and checked
        await b.shows('tr[data-message="VehicleSpeed"] .signals', "50 km/h")
        await b.shows('tr[data-message="VehicleSpeed"] .e2e', "ok")
        await b.shows('tr[data-message="WindowCommand"] .signals', "TargetPosition 50")
        await b.tab.fill("#bus-filter", "gear")
        await playwright.expect(b.tab.locator("#bus tr:visible")).to_have_count(1)
        await b.tab.fill("#bus-filter", "")

        # a lost gear makes the state unknown, and clearing the fault known again
        await b.tab.select_option("#fault-kind", "silence")
        await b.tab.select_option("#fault-target", "Gear")
        await b.tab.click("#inject-button")
        await b.shows("#faults", "silence Gear")
        await b.shows("#now-state", "unknown")
        await playwright.expect(b.tab.locator('tr[data-message="Gear"]')).to_have_attribute(
            "data-age", "silent", timeout=SLOW_MS
        )
        await b.tab.click("#faults button")
        await b.shows("#now-state", "driving")

        # what a tester types wrong is answered with a sentence
        await b.tab.fill("#set-name", "sped")
        await b.tab.fill("#set-value", "3")
        await b.tab.press("#set-value", "Enter")
        await b.shows("#toast", "did you mean 'speed'")
        assert not b.complaints


async def test_a_question_a_call_and_two_pages(open_tab: Callable[..., Any]) -> None:
    async with running(FakePlanner(PLANS), time_scale=4) as dashboard:
        b: Browser = await open_tab(dashboard)
        other: Browser = await open_tab(dashboard, 390, 844)

        # a question with its time, answered on another page than it was asked from
        await b.say("text mum that I am late")
        await b.shows("#question-text", "Mom")
        await b.shows("#turns > li:first-child .verdict", "confirm")
        left = float(await b.tab.locator("#question-bar").evaluate("(bar) => bar.value"))
        assert 0 < left <= 10
        await other.tab.click("#answer-yes")
        await playwright.expect(b.tab.locator("#question")).to_be_hidden(timeout=SLOW_MS)
        await b.shows("#turns > li:first-child .status", "done")

        # no, by keyboard
        await b.say("text mum that I am late")
        await playwright.expect(b.tab.locator("#question")).to_be_visible(timeout=SLOW_MS)
        await b.tab.locator("#turns").press("n")
        await b.shows("#turns > li:first-child .status", "refused")

        # calls instead of text, with the function's arguments at hand
        await b.tab.check('#say-mode input[value="call"]')
        await b.tab.fill("#say-text", "set_seat_heating level=3")
        await b.shows("#say-hint", "[level=0…3]")
        await b.tab.press("#say-text", "Enter")
        await b.shows("#turns > li:first-child .status", "done")
        await playwright.expect(b.tab.locator("#driver-seat")).to_have_attribute("data-heat", "3", timeout=SLOW_MS)
        await b.tab.click("#undo")
        await playwright.expect(b.tab.locator("#driver-seat")).to_have_attribute("data-heat", "0", timeout=SLOW_MS)
        await b.shows("#log", "undo the last action")
        assert not b.complaints
        assert not other.complaints


async def test_a_phone_scrolls_one_way_and_has_room_for_fingers(open_tab: Callable[..., Any]) -> None:
    async with running(None) as dashboard:
        b: Browser = await open_tab(dashboard, 390, 844, has_touch=True, is_mobile=True)
        await b.shows("#bus", "VehicleSpeed")
        for width in (390, 360):
            await b.tab.set_viewport_size({"width": width, "height": 844})
            assert await b.tab.evaluate("document.documentElement.scrollWidth") <= width
        small = await b.tab.evaluate(
            """() => [...document.querySelectorAll("button, select, input, label.switch, .segments span")]
                .filter((e) => e.checkVisibility() && !e.matches(".plain, label input, .hidden, [type=range]"))
                .filter((e) => e.getBoundingClientRect().height < 40)
                .map((e) => e.outerHTML.slice(0, 90))"""
        )
        assert small == []
        # without a model text is not offered, calls are
        assert await b.tab.locator('#say-mode input[value="say"]').is_disabled()
        await b.tab.fill("#say-text", "set_hazard_lights state=on")
        await b.tab.tap("#send")
        await playwright.expect(b.tab.locator("#hazards")).to_have_class("hazards on", timeout=SLOW_MS)
        assert not b.complaints
