"""JupyterLab in a browser, for tests: a notebook is opened, its cells are run,
and its kernel is stopped, by what a user would click."""

import contextlib
import os
import re
import signal
import subprocess
import sys
import time

from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import browser

KERNEL = "nngplab-go"

PLOT = """
import (
    "github.com/nngplab/nngplab/nngpkit/figure"
)
x := []float64{1, 2, 3, 4, 5}
y := []float64{2, 1, 4, 3, 5}
figure.Scatter(x, y, figure.ScatterConfig{Title: "five points", SignalLabel: "a signal"})
"""

# As long as a busy machine may take, in milliseconds.
PATIENCE = 240_000


def go_notebook(*sources):
    nb = new_notebook(cells=[new_markdown_cell("# A test\n\nOf the browser.")] + [new_code_cell(s.strip()) for s in sources])
    nb.metadata.kernelspec = {"name": KERNEL, "display_name": "Go (nngplab)", "language": "go"}
    return nb


def missing():
    """Returns why JupyterLab cannot be tested here, or ''."""
    if why := browser.missing():
        return why
    return "" if KERNEL in KernelSpecManager().find_kernel_specs() else f"the kernel {KERNEL} is not installed (make kernel)"


class Lab:
    """JupyterLab with the notebook test.ipynb of a folder open in a browser."""

    def __init__(self, page, log):
        self.page, self.log = page, log
        self.cells = page.locator(".jp-CodeCell")

    def run(self, i):
        """Runs a code cell, as Control+Enter does."""
        self.cells.nth(i).locator(".cm-content").click()
        self.page.keyboard.press("Control+Enter")

    def wait_busy(self):
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status='busy']").first.wait_for(timeout=PATIENCE)

    def wait_idle(self):
        self.page.locator(".jp-Notebook-ExecutionIndicator[data-status='idle']").first.wait_for(timeout=PATIENCE)

    def stop(self):
        """Clicks the stop button, once."""
        name = "button[data-command='notebook:interrupt-kernel']"
        self.page.locator(f"jp-{name}, {name}").first.click()

    def output(self, i):
        """The text of a cell's first output, once it is there."""
        out = self.cells.nth(i).locator(".jp-OutputArea-output")
        out.first.wait_for(timeout=PATIENCE)
        return out.first.inner_text()

    def error(self, i):
        """The text of a cell's error, once it is there."""
        out = self.cells.nth(i).locator("[data-mime-type='application/vnd.jupyter.stderr']")
        out.first.wait_for(timeout=PATIENCE)
        return out.last.inner_text()

    def until(self, done, what):
        end = time.monotonic() + PATIENCE / 1000
        while not done():
            if time.monotonic() > end:
                raise AssertionError(f"{what} did not come:\n" + self.log.read_text()[-3000:])
            self.page.wait_for_timeout(100)


@contextlib.contextmanager
def opened(root):
    """Yields the notebook test.ipynb of the folder root, its kernel ready."""
    with _server(root) as url, browser.page(viewport={"width": 1300, "height": 1000}) as page:
        answered = _kernel_answers(page)
        lab = Lab(page, root / "lab.log")
        page.goto(f"{url}&reset", timeout=PATIENCE)
        lab.cells.last.wait_for(timeout=PATIENCE)
        # JupyterLab drops what is run before there is a kernel, while its
        # indicator says idle already; so the kernel itself is waited for.
        lab.until(lambda: "kernel_info_reply" in answered, "the kernel's answer")
        lab.wait_idle()
        yield lab


def _kernel_answers(page):
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


@contextlib.contextmanager
def _server(root):
    """Runs JupyterLab on the folder, with settings of its own."""
    env = dict(os.environ, HOME=str(root), JUPYTER_CONFIG_DIR=str(root / "config"),
               JUPYTER_DATA_DIR=str(root / "data"), JUPYTER_RUNTIME_DIR=str(root / "runtime"))
    env.pop("XDG_RUNTIME_DIR", None)
    log = open(root / "lab.log", "w+")
    p = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", "--IdentityProvider.token=test",
         "--LabApp.news_url=", "--allow-root", f"--notebook-dir={root}"],
        env=env, cwd=root, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
    try:
        yield _address(p, root / "lab.log")
    finally:
        os.killpg(p.pid, signal.SIGTERM)
        try:
            p.wait(timeout=20)
        except subprocess.TimeoutExpired:
            os.killpg(p.pid, signal.SIGKILL)
            p.wait()
        log.close()


def _address(p, log):
    for _ in range(3000):
        m = re.search(r"http://127\.0\.0\.1:(\d+)/lab", log.read_text())
        if m:
            return f"http://127.0.0.1:{m.group(1)}/lab/tree/test.ipynb?token=test"
        if p.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("JupyterLab did not start:\n" + log.read_text()[-3000:])
