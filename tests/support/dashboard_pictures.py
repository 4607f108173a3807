"""Takes the pictures of the dashboard that docs/dashboard.md shows: a short drive, then the page as it is.

    python tests/support/dashboard_pictures.py docs

Needs playwright, chromium and the language model. Writes dashboard.png and dashboard-phone.png.
"""

import asyncio
import os
import shutil
import sys
from pathlib import Path
from typing import Any, Final

from playwright.async_api import async_playwright, expect

from simulators.workbench.dashboard import running
from vehicle_agent.cli.planned import load_planner

DRIVE: Final = (
    "heat my seat and set it to 22 degrees",
    "open my window halfway",
    "play the video big buck bunny",
)
QUESTION: Final = "text mum saying I'm running late"
TIMEOUT_MS: Final = 60_000


async def _say(tab: Any, text: str) -> None:  # noqa: ANN401  # one page of playwright
    await tab.fill("#say-text", text)
    await tab.press("#say-text", "Enter")
    await expect(tab.locator("#turns > li:first-child .quote")).to_contain_text(text, timeout=TIMEOUT_MS)
    await expect(tab.locator("#turns > li:first-child > .reply:not(.busy)")).to_be_visible(timeout=TIMEOUT_MS)


async def _command(tab: Any, **command: object) -> None:  # noqa: ANN401
    answer = await tab.request.post("/api/command", data=command)
    if not answer.ok:
        raise SystemExit(await answer.text())


async def take(folder: Path) -> None:
    """One drive, two pictures."""
    planner = await asyncio.to_thread(load_planner, None, 2)
    options = ["--no-sandbox"] if os.geteuid() == 0 else []
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    async with running(planner) as page, async_playwright() as tools:
        browser = await tools.chromium.launch(executable_path=chromium, args=options)
        wide = await (
            await browser.new_context(viewport={"width": 1280, "height": 800}, base_url=page.url, color_scheme="light")
        ).new_page()
        phone = await (
            await browser.new_context(
                viewport={"width": 390, "height": 844}, base_url=page.url, color_scheme="dark", is_mobile=True
            )
        ).new_page()
        for tab in (wide, phone):
            await tab.goto("/")
            await expect(tab.locator("#now-state")).to_contain_text("parked", timeout=TIMEOUT_MS)
        await _say(wide, DRIVE[0])
        await _command(wide, do="speed", kmh=50)
        await expect(wide.locator("#now-state")).to_contain_text("driving", timeout=TIMEOUT_MS)
        await _command(wide, do="set", name="ambient_light", value="night")
        for text in DRIVE[1:]:
            await _say(wide, text)
        await _command(wide, do="set", name="passenger_door_lock", value="locked")
        await _command(wide, do="inject", fault="corrupt_crc Environment")
        await wide.wait_for_timeout(1500)
        await _say(wide, QUESTION)
        await wide.locator("#say-text").blur()
        await wide.screenshot(path=folder / "dashboard.png")
        await phone.screenshot(path=folder / "dashboard-phone.png")
        await browser.close()
    await asyncio.to_thread(planner.close)


if __name__ == "__main__":
    asyncio.run(take(Path(sys.argv[1] if len(sys.argv) > 1 else "docs")))
