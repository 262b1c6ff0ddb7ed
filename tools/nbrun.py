"""Executes notebooks on a Jupyter kernel and tidies what they print."""

import asyncio
import contextlib
import os
import re
import sys
import threading
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError


class Failed(Exception):
    """A notebook did not run to its end; the text says where and why."""


class _Client(NotebookClient):
    """A client that echoes what cells print while they run."""

    echo = None

    def output(self, outs, msg, display_id, cell_index):
        if self.echo and msg["msg_type"] == "stream":
            self.echo(msg["content"]["text"])
        return super().output(outs, msg, display_id, cell_index)


# The longest silence of work that goes on, in seconds.
SILENCE = float(os.environ.get("NNGPLAB_BEAT", 8))


class Beat:
    """Writes a line whenever the work within it has written none for SILENCE seconds.

    text is a function that says what is done. line writes a line of the work itself.
    """

    def __init__(self, text, stream=None, silence=None):
        self.text, self.stream = text, stream or sys.stderr
        self.silence = SILENCE if silence is None else silence
        self._last = time.monotonic()
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)

    def line(self, text):
        with self._lock:
            self.stream.write(text + "\n")
            self.stream.flush()
            self._last = time.monotonic()

    def _run(self):
        while not self._over.wait(max(0.01, self._last + self.silence - time.monotonic())):
            if time.monotonic() - self._last >= self.silence:
                self.line(self.text())

    def __enter__(self):
        self._last = time.monotonic()
        self._thread.start()
        return self

    def __exit__(self, *_):
        self._over.set()
        self._thread.join()


class Progress:
    """Writes one line a cell, what the cell prints below it, and that it still runs."""

    def __init__(self, name, total, stream=sys.stderr, left=None):
        self.name, self.total, self.stream, self.left = name, total, stream, left
        self.done = 0
        self.live = stream.isatty()
        self.began = self.cell_began = time.monotonic()
        self.beat = Beat(self._still, stream)

    def cell_start(self, cell, cell_index):
        if cell.cell_type != "code":
            return
        self.done += 1
        self.cell_began = time.monotonic()
        first = next((line for line in cell.source.splitlines() if line.strip()), "")
        self._line(f"{self.name} [{self.done}/{self.total}] {first[:60]}")

    def _still(self):
        now = time.monotonic()
        where = f"cell {self.done} for {now - self.cell_began:.0f} s" if self.done else "its kernel starts"
        text = f"{self.name} [{self.done}/{self.total}] at work: {where}"
        if self.left:
            text += f"; {self.left(now - self.began)}"
        return text

    def echo(self, text):
        if self.live:
            self.stream.write(text)
            self.stream.flush()

    def end(self):
        self._line(f"{self.name} done in {time.monotonic() - self.began:.1f} s")

    def _line(self, text):
        self.beat.line(text)


def run(path, *, env, timeout, kernel=None, stream=None, left=None):
    """Executes the notebook at path and returns it with its new outputs.

    env is added to the environment of the kernel, and timeout bounds the whole
    notebook in seconds. The kernel is the notebook's own unless one is named.
    left, where it is given, says from the seconds so far how long it will take.
    Raises Failed, with the failing cell's error, and KeyboardInterrupt.
    """
    path = Path(path)
    nb = nbformat.read(path, as_version=4)
    code = [c for c in nb.cells if c.cell_type == "code"]
    for cell in code:
        cell.outputs, cell.execution_count = [], None
    progress = Progress(path.name, len(code), stream or sys.stderr, left)
    options = {"kernel_name": kernel} if kernel else {}
    client = _Client(
        nb,
        timeout=None,
        resources={"metadata": {"path": str(path.parent)}},
        on_cell_start=progress.cell_start,
        **options,
    )
    client.echo = progress.echo
    with _environment(env), progress.beat:
        try:
            _bounded(client.async_execute, timeout)
        except CellExecutionError as e:
            raise Failed(f"{path.name}: {e}") from None
        except TimeoutError:
            raise Failed(f"{path.name}: stopped after {timeout:g} s, in cell {progress.done} of {len(code)}") from None
        except KeyboardInterrupt:
            raise
        except Exception as e:  # the kernel died or would not start
            raise Failed(f"{path.name}: {type(e).__name__}: {e}") from e
    progress.end()
    return nb


def _bounded(coroutine, timeout):
    """Runs a coroutine for at most timeout seconds, in a thread of its own, so
    that an interrupt reaches this one and the kernel is stopped properly."""
    loop = asyncio.new_event_loop()
    # What is left of a stopped notebook complains about its closed sockets.
    loop.set_exception_handler(lambda loop, context: None)
    stop = asyncio.Event()
    over = threading.Event()
    result = []

    async def bounded():
        work = asyncio.ensure_future(coroutine())
        ended = asyncio.ensure_future(stop.wait())
        await asyncio.wait({work, ended}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        if work.done():
            ended.cancel()
            return await work
        work.cancel()
        await asyncio.wait({work})
        if not work.cancelled():
            work.exception()  # looked at, so that it is not reported as lost
        if stop.is_set():
            raise KeyboardInterrupt
        ended.cancel()
        raise TimeoutError

    async def leftovers():
        left = asyncio.all_tasks() - {asyncio.current_task()}
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)

    def run():
        try:
            loop.run_until_complete(bounded())
            result.append(None)
        except BaseException as e:
            result.append(e)
        finally:
            try:
                loop.run_until_complete(leftovers())
                loop.close()
            finally:
                over.set()

    thread = threading.Thread(target=run)
    thread.start()
    while not over.is_set():
        try:
            over.wait(0.2)
        except KeyboardInterrupt:
            loop.call_soon_threadsafe(stop.set)
    thread.join()
    if result[0] is not None:
        raise result[0]


@contextlib.contextmanager
def _environment(env):
    old = {k: os.environ.get(k) for k in env}
    os.environ.update(env)
    try:
        yield
    finally:
        for k, v in old.items():
            if v is None:
                os.environ.pop(k, None)
            else:
                os.environ[k] = v


def tidy(nb, places):
    """Makes an executed notebook the same wherever and whenever it ran.

    Drops execution times, joins streams, resolves carriage returns as a
    terminal would, and replaces the paths in places, a list of (path, name).
    """
    for cell in nb.cells:
        cell.metadata.pop("execution", None)
        if cell.cell_type != "code":
            continue
        cell.outputs = _join_streams(cell.outputs)
        for out in cell.outputs:
            if out.output_type == "stream":
                out.text = _hide(terminal(out.text), places)
                continue
            for mime, data in (out.get("data") or {}).items():
                if isinstance(data, str) and not mime.startswith("image/"):
                    out.data[mime] = _hide(data, places)
        cell.outputs = [o for o in cell.outputs if o.output_type != "stream" or o.text]
    nb.metadata.pop("signature", None)
    return nb


def _join_streams(outputs):
    joined = []
    for out in outputs:
        last = joined[-1] if joined else None
        if out.output_type == "stream" and last and last.output_type == "stream" and last.name == out.name:
            last.text += out.text
        else:
            joined.append(out)
    return joined


def terminal(text):
    """Returns what a terminal shows in the end of text with carriage returns,
    backspaces and the code that erases to the end of the line."""
    lines = []
    for line in text.split("\n"):
        shown, at = [], 0
        for part in re.split(r"(\r|\x08|\x1b\[[0-2]?K)", line):
            if part == "\r":
                at = 0
            elif part == "\b":
                at = max(0, at - 1)
            elif part.endswith("K") and part.startswith("\x1b["):
                if "2" in part:
                    shown = []
                    at = 0
                elif "1" not in part:
                    del shown[at:]
            else:
                shown[at : at + len(part)] = part
                at += len(part)
        said = "".join(shown)
        lines.append(said.rstrip(" ") if "\r" in line else said)  # a bar is taken away by spaces
    return "\n".join(lines)


def _hide(text, places):
    for path, name in places:
        text = re.sub(re.escape(path) + r"(?![\w.-])", lambda _: name, text)
    return text


def places(root):
    """The paths of this machine that no output may hold, with the names that
    stand for them, longest first."""
    found = {str(root): "."}
    for folder in os.environ.get("NNGPLAB_DATA", "").split(os.pathsep):
        if len(folder) > 1:
            found[folder.rstrip("/")] = "$NNGPLAB_DATA"
            found[str(Path(folder).resolve())] = "$NNGPLAB_DATA"
    home = str(Path.home())
    if len(home) > 1:
        found[home] = "~"
    return sorted(found.items(), key=lambda item: -len(item[0]))
