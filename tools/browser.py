"""Starts Debian's Chromium for tests."""

import contextlib
import shutil

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def missing():
    """Returns why there is no browser to test with, or ''."""
    try:
        import playwright.sync_api  # noqa: F401
    except ImportError:
        return "Playwright is not installed"
    if not shutil.which("chromium"):
        return "there is no chromium in PATH (Debian's package chromium has it)"
    return ""


@contextlib.contextmanager
def page(**options):
    """Yields a page of a new headless browser."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=shutil.which("chromium"), args=ARGUMENTS)
        try:
            yield browser.new_page(**options)
        finally:
            browser.close()
