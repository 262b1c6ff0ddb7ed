"""JupyterLab in a browser, for tests: a notebook is opened, its cells are run,
and its kernel is stopped, by what a user would click."""

import contextlib
import json
import os
import re
import signal
import subprocess
import sys
import time
import urllib.request

from jupyter_client.kernelspec import KernelSpecManager
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

import browser

KERNEL = "nngplab-go"
TOKEN = "test"

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
    """JupyterLab in a browser, with a notebook open."""

    def __init__(self, page, log, url):
        self.page, self.log, self.url = page, log, url
        self.cells = page.locator(".jp-CodeCell")
        self.answered = _kernel_answers(page)

    def open(self, name):
        """Opens a notebook, by its path in the folder, and waits for its kernel."""
        self.answered.clear()
        self.page.goto(f"{self.url}/lab/tree/{name}?token={TOKEN}&reset", timeout=PATIENCE)
        self.cells.last.wait_for(timeout=PATIENCE)
        # JupyterLab drops what is run before there is a kernel, while its
        # indicator says idle already; so the kernel itself is waited for.
        self.until(lambda: "kernel_info_reply" in self.answered, "the kernel's answer")
        self.wait_idle()

    def run_all(self, seconds):
        """Runs all cells by the menu, and returns when all have run, or one has failed and
        the others were left. The time that it may take is bounded."""
        self.page.get_by_role("menuitem", name="Run", exact=True).click()
        self.page.get_by_role("menuitem", name="Run All Cells", exact=True).click()
        end, still = time.monotonic() + seconds, 0
        while still < 5:
            if time.monotonic() > end:
                raise AssertionError(f"not done after {seconds:.0f} s: {self.prompts()}")
            self.page.wait_for_timeout(500)
            prompts = self.prompts()
            if all(re.fullmatch(r"\[\d+\]:", p) for p in prompts):
                return
            still = 0 if "[*]:" in prompts else still + 1

    def prompts(self):
        """The prompts of the code cells: [3]: of one that has run, [*]: of one that runs
        or waits, [ ]: of others."""
        return [text.strip().replace("\xa0", " ") for text in self.cells.locator(".jp-InputPrompt").all_inner_texts()]

    def images(self):
        """The widths in pixels of the images that code cells show."""
        return self.page.evaluate("""() => [...document.querySelectorAll(".jp-CodeCell .jp-OutputArea-output")].flatMap(o =>
            [...o.querySelectorAll("img, svg")].slice(0, 1).map(e => e.tagName == "IMG" && !e.naturalWidth ? 0 : e.getBoundingClientRect().width))""")

    def save(self, path):
        """Saves the notebook, whose file is at path, as Control+s does, and waits for it."""
        before = path.stat().st_mtime_ns
        self.page.keyboard.press("Control+s")
        self.until(lambda: path.stat().st_mtime_ns != before, "the saved notebook")

    def end_kernels(self):
        """Ends all kernels, which keep their memory otherwise."""
        for kernel in json.loads(self._api("GET", "kernels")):
            self._api("DELETE", f"kernels/{kernel['id']}")

    def _api(self, method, what):
        ask = urllib.request.Request(f"{self.url}/api/{what}", method=method, headers={"Authorization": f"token {TOKEN}"})
        with urllib.request.urlopen(ask, timeout=PATIENCE / 1000) as answer:
            return answer.read()

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
    with started(root) as lab:
        lab.open("test.ipynb")
        yield lab


@contextlib.contextmanager
def started(root, env=None):
    """Yields JupyterLab on the folder root in a browser; env is for its kernels."""
    with _server(root, env or {}) as url, browser.page(viewport={"width": 1300, "height": 1000}) as page:
        yield Lab(page, root / "lab.log", url)


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
def _server(root, more):
    """Runs JupyterLab on the folder, with settings of its own and more environment, and
    yields its address."""
    # Cells out of sight are not drawn otherwise.
    settings = root / "config" / "lab" / "user-settings" / "@jupyterlab" / "notebook-extension" / "tracker.jupyterlab-settings"
    settings.parent.mkdir(parents=True, exist_ok=True)
    settings.write_text(json.dumps({"windowingMode": "none"}))
    env = dict(os.environ, **more, HOME=str(root), JUPYTER_CONFIG_DIR=str(root / "config"),
               JUPYTER_DATA_DIR=str(root / "data"), JUPYTER_RUNTIME_DIR=str(root / "runtime"))
    env.pop("XDG_RUNTIME_DIR", None)
    log = open(root / "lab.log", "w+")
    p = subprocess.Popen(
        [sys.executable, "-m", "jupyterlab", "--no-browser", "--ip=127.0.0.1", "--port=0", f"--IdentityProvider.token={TOKEN}",
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
            return f"http://127.0.0.1:{m.group(1)}"
        if p.poll() is not None:
            break
        time.sleep(0.1)
    raise AssertionError("JupyterLab did not start:\n" + log.read_text()[-3000:])
