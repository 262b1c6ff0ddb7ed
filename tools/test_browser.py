"""Tests in a real browser: the pages of the reports, and JupyterLab with the Go
kernel."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import browser
import nbpage
import nbrun

KERNEL = "nngplab-go"
PLOT = """
import (
    "github.com/nngplab/nngplab/nngpkit/figure"
)
x := []float64{1, 2, 3, 4, 5}
y := []float64{2, 1, 4, 3, 5}
figure.Scatter(x, y, figure.ScatterConfig{Title: "five points", SignalLabel: "a signal"})
"""
LOOP = """
n := 0
for { n++ }
"""


def go_notebook(*sources):
    nb = new_notebook(cells=[new_markdown_cell("# A test\n\nOf the browser.")] + [new_code_cell(s.strip()) for s in sources])
    nb.metadata.kernelspec = {"name": KERNEL, "display_name": "Go (nngplab)", "language": "go"}
    return nb


def without_kernel():
    return "" if KERNEL in KernelSpecManager().find_kernel_specs() else f"the kernel {KERNEL} is not installed (make kernel)"


def kernel_answers(page):
    """Returns a set that grows by the types of the replies that come from
    kernels to the page."""
    types = set()

    def note(frame):
        text = frame if isinstance(frame, str) else frame.decode("utf-8", "replace")
        types.update(re.findall(r'"msg_type": ?"(\w+_reply)"', text))

    def watch(socket):
        if "/api/kernels/" in socket.url:
            socket.on("framereceived", note)

    page.on("websocket", watch)
    return types


@unittest.skipIf(browser.missing(), browser.missing())
@unittest.skipIf(without_kernel(), without_kernel())
class Browser(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="nngplab-browser-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def write(self, *sources):
        path = self.root / "test.ipynb"
        nbformat.write(go_notebook(*sources), path)
        return path

    def test_report_page_needs_nothing_from_elsewhere(self):
        nb = nbrun.run(self.write(PLOT), env={}, timeout=120)
        html = self.root / "test.html"
        html.write_text(nbpage.page(nb, "test"))
        asked, complaints = [], []
        with browser.page(viewport={"width": 900, "height": 1200}) as page:
            page.on("request", lambda r: asked.append(r.url))
            page.on("console", lambda m: complaints.append(m.text))
            page.on("pageerror", lambda e: complaints.append(str(e)))
            page.goto(html.as_uri())
            figure = page.locator("figure svg")
            self.assertEqual(figure.count(), 1)
            box = figure.bounding_box()
            self.assertGreater(box["width"], 300)
            self.assertLessEqual(box["x"] + box["width"], 900)
            # Text of the figure is text, and lies inside of it.
            title = page.locator("figure svg text", has_text="five points")
            inner = title.bounding_box()
            self.assertGreaterEqual(inner["x"], box["x"])
            self.assertLessEqual(inner["x"] + inner["width"], box["x"] + box["width"])
            self.assertEqual(page.locator("h1").inner_text(), "A test")
        self.assertEqual([u for u in asked if not u.startswith(("file:", "data:"))], [])
        self.assertEqual(complaints, [])

    def test_jupyterlab_runs_cells_shows_figures_and_stops(self):
        self.write(PLOT, LOOP, "n > 0")
        with self.lab() as url, browser.page(viewport={"width": 1300, "height": 1000}) as page:
            answered = kernel_answers(page)
            page.goto(f"{url}&reset", timeout=240_000)
            cells = page.locator(".jp-CodeCell")
            cells.nth(2).wait_for(timeout=240_000)
            # JupyterLab drops what is run before there is a kernel, while its
            # indicator says idle already; so the kernel itself is waited for.
            self.wait(page, lambda: "kernel_info_reply" in answered)
            page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for(timeout=240_000)

            def run(i):
                cells.nth(i).locator(".cm-content").click()
                page.keyboard.press("Control+Enter")

            run(0)
            svg = cells.nth(0).locator(".jp-RenderedSVG img, .jp-RenderedSVG svg").first
            svg.wait_for(timeout=240_000)
            self.assertGreater(svg.bounding_box()["width"], 200)

            run(1)
            busy = page.locator(".jp-Notebook-ExecutionIndicator[data-status='busy']").first
            busy.wait_for(timeout=240_000)
            page.locator("jp-button[data-command='notebook:interrupt-kernel'], button[data-command='notebook:interrupt-kernel']").first.click()
            cells.nth(1).locator("[data-mime-type='application/vnd.jupyter.stderr']").first.wait_for(timeout=240_000)

            # The kernel lives on, with its variables.
            run(2)
            out = cells.nth(2).locator(".jp-OutputArea-output")
            out.first.wait_for(timeout=240_000)
            self.assertEqual(out.first.inner_text().strip(), "true")

    def wait(self, page, done, seconds=240):
        end = time.monotonic() + seconds
        while not done():
            if time.monotonic() > end:
                self.fail(f"the kernel did not answer in {seconds} s:\n" + (self.root / "lab.log").read_text()[-3000:])
            page.wait_for_timeout(100)

    @contextlib.contextmanager
    def lab(self):
        """Runs JupyterLab on the folder, with settings of its own."""
        env = dict(os.environ, HOME=str(self.root), JUPYTER_CONFIG_DIR=str(self.root / "config"),
                   JUPYTER_DATA_DIR=str(self.root / "data"), JUPYTER_RUNTIME_DIR=str(self.root / "runtime"))
        env.pop("XDG_RUNTIME_DIR", None)
        log = open(self.root / "lab.log", "w+")
        p = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=test",
             "--LabApp.news_url=", "--allow-root", f"--notebook-dir={self.root}"],
            env=env, cwd=self.root, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
        try:
            yield self.address(p)
        finally:
            os.killpg(p.pid, signal.SIGTERM)
            try:
                p.wait(timeout=20)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
            log.close()

    def address(self, p):
        for _ in range(3000):
            text = (self.root / "lab.log").read_text()
            m = re.search(r"http://127\.0\.0\.1:(\d+)/lab", text)
            if m:
                return f"http://127.0.0.1:{m.group(1)}/lab/tree/test.ipynb?token=test"
            if p.poll() is not None:
                break
            time.sleep(0.1)
        self.fail("JupyterLab did not start:\n" + (self.root / "lab.log").read_text()[-3000:])


if __name__ == "__main__":
    unittest.main()
