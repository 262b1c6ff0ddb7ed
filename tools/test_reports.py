"""Tests of the reports, on small notebooks of Python's own kernel."""

import contextlib
import io
import json
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
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

import nbpage
import nbrun
import reports

TOOLS = Path(__file__).resolve().parent

RECORD = """
import json, os
def record(kind="result", **entry):
    with open(os.environ["NNGPLAB_RESULTS"], "a") as f:
        f.write(json.dumps({"kind": kind, **entry}) + "\\n")
record("data", name="images", text="CIFAR-10", real=%s)
record(name="tau", value=0.30123456789, lo=0.2, hi=0.4, n=772)
record(name="empty", value=float("nan"))
"""
FIGURE = """
import os
svg = '<?xml version="1.0"?>\\n<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><rect width="9" height="9"/></svg>'
for ext in (".svg", ".png"):
    with open(os.path.join(os.environ["NNGPLAB_FIGURES"], "one" + ext), "w") as f:
        f.write(svg)
from IPython.display import SVG
SVG(svg)
"""
PRINT = r"""
print("working 1/2", end="\r", flush=True)
print("working 2/2\r\x1b[Kdone", os.getcwd(), os.environ["NNGPLAB_PROFILE"])
"""


def notebook(*sources, title="A question", kernel="python3"):
    nb = new_notebook(cells=[new_markdown_cell(f"# {title}\n\nWhat it asks, in a\nsentence. And\nanother one.\n\nMore.")])
    nb.cells += [new_code_cell(s) for s in sources]
    nb.metadata.kernelspec = {"name": kernel, "display_name": kernel, "language": "python"}
    return nb


class Folder(unittest.TestCase):
    """A test with a root folder of its own that holds notebooks."""

    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="nngplab-test-")).resolve()
        self.addCleanup(shutil.rmtree, self.root)
        (self.root / "notebooks").mkdir()

    def write(self, name, *sources, **kw):
        path = self.root / "notebooks" / f"{name}.ipynb"
        nbformat.write(notebook(*sources, **kw), path)
        return path

    def run_reports(self, *argv):
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            rc = reports.main(["--root", str(self.root), *argv])
        return rc, out.getvalue() + err.getvalue()

    def tree(self, folder):
        base = self.root / folder
        return {str(p.relative_to(base)): p.read_bytes() for p in sorted(base.rglob("*")) if p.is_file()}


class Reports(Folder):
    def test_writes_pages_figures_results_and_index(self):
        path = self.write("01_one", RECORD % True, FIGURE, PRINT)
        before = path.read_bytes()
        rc, said = self.run_reports("--profile", "full")
        self.assertEqual(rc, 0, said)
        files = self.tree("reports")
        self.assertEqual(set(files), {"01_one.html", "README.md", "results.json", "figures/one.svg", "figures/one.png"})
        self.assertEqual((self.root / "reports").stat().st_mode & 0o777, 0o755)
        page = files["01_one.html"].decode()
        self.assertIn("<svg", page)
        self.assertNotIn("<?xml", page)
        self.assertIn('<pre class="stdout">done ./notebooks full\n</pre>', page)
        self.assertNotIn(str(self.root), page)
        self.assertEqual(nbpage.foreign(page), [])
        book = json.loads(files["results.json"])["notebooks"]["01_one"]
        self.assertEqual(book["title"], "A question")
        self.assertEqual(book["summary"], "What it asks, in a sentence.")
        self.assertEqual(book["results"][0], {"name": "tau", "value": 0.301235, "lo": 0.2, "hi": 0.4, "n": 772})
        self.assertIsNone(book["results"][1]["value"])
        index = files["README.md"].decode()
        self.assertEqual(book["answer"], "")
        for part in ("### [A question](01_one.html)", "*What it asks, in a sentence.*\n", '[<img src="figures/one.png" alt="one" width="560">](01_one.html)', "![one](figures/one.svg)", "| tau | 0.3012 | 0.2 to 0.4 | 772 |",
                     "| images | CIFAR-10 | yes | 01 |", "make reproduce PROFILE=full", "| empty | undefined |"):
            self.assertIn(part, index)
        self.assertEqual(path.read_bytes(), before, "a notebook was changed without --write-back")

    def test_a_second_run_writes_the_same_bytes(self):
        """What a run writes beside the notebooks is tracked: it may not hold how long it took."""
        path = self.write("01_one", RECORD % True, "import time\ntime.sleep(0)", FIGURE)
        self.assertEqual(self.run_reports("--profile", "full")[0], 0)
        first = self.tree("reports")
        self.write("01_one", RECORD % True, "import time\ntime.sleep(2)", FIGURE)
        self.assertEqual(self.run_reports("--profile", "full")[0], 0)
        second = self.tree("reports")
        for name in ("README.md", "results.json"):
            self.assertEqual(second[name], first[name])
            self.assertNotIn(b"seconds", second[name])
        state = json.loads((self.root / "build" / "reports-state.json").read_text())
        self.assertGreater(state["full/01_one"]["book"]["seconds"], 1.5, "the next forecast needs it")
        rc, said = self.run_reports("--profile", "full", "--force", str(path))
        self.assertRegex(said, r"1 notebook to execute, about [2-9]")

    def test_data_stand_once(self):
        data = lambda text, real=True: {"name": "cells", "text": text, "real": real}
        books = {"02_a": {"data": [data("cells of a sample")]}, "05_b": {"data": [data("601 cells of a sample"), data("600 cells of a sample")]},
                 "09_c": {"data": [data("1,237 cells of a sample", False), data("of others | 7")]}}
        self.assertEqual(nbpage._data(books), [
            "| cells | cells of a sample | yes | 02, 05 |", "| cells | cells of a sample | **no** | 09 |", "| cells | of others \\| 7 | yes | 09 |"])

    def test_answer(self):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A\n\nB?"), nbformat.v4.new_markdown_cell(
            "## What this says\n\nIt is 0.5 [0.4, 0.6]\nof all. More follows.\n\nAnd more.")])
        self.assertEqual(nbpage.answer(nb), "It is 0.5 [0.4, 0.6] of all.")
        cell = new_code_cell("says", outputs=[new_output("display_data", data={"text/markdown": "It is 0.7 of 601.\n\nAnd more.\n"})])
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("## What this says"), cell])
        self.assertEqual(nbpage.answer(nb), "It is 0.7 of 601.")
        cell.outputs = []
        self.assertEqual(nbpage.answer(nb), "")

    def test_other_files_stay(self):
        self.write("01_one", "import os", PRINT)
        thesis = self.root / "thesis"
        thesis.mkdir()
        for name, text in ("thesis.tex", "mine"), ("README.md", "mine"), ("results.json", "{}"):
            for old in thesis.iterdir():
                old.unlink()
            (thesis / name).write_text(text)
            rc, said = self.run_reports("--profile", "quick", "--out", str(thesis))
            self.assertNotEqual(rc, 0)
            self.assertIn("left as it is", said)
            self.assertEqual(self.tree("thesis"), {name: text.encode()})
        rc, said = self.run_reports("--profile", "quick")
        self.assertEqual(rc, 0, said)
        target = self.root / "build/reports"
        (target / "notes").mkdir()
        (target / "notes" / "mine.txt").write_text("mine")
        (target / "figures").mkdir(exist_ok=True)
        (target / "figures" / "mine.svg").write_text("mine")
        self.write("01_one", FIGURE, PRINT)
        (self.root / "notebooks" / "02_gone.ipynb").unlink(missing_ok=True)
        rc, said = self.run_reports("--profile", "quick")
        self.assertEqual(rc, 0, said)
        files = self.tree("build/reports")
        self.assertEqual((files["notes/mine.txt"], files["figures/mine.svg"]), (b"mine", b"mine"))
        self.assertIn("figures/one.svg", files)

    def test_a_run_killed_between_two_renamings(self):
        self.write("01_one", "import os", PRINT)
        self.assertEqual(self.run_reports("--profile", "quick")[0], 0)
        first = self.tree("build/reports")
        (self.root / "build/reports").rename(self.root / "build/.reports.old")
        self.assertEqual(self.run_reports("--profile", "quick")[0], 0)
        self.assertEqual(set(self.tree("build/reports")), set(first))
        self.assertEqual([p.name for p in (self.root / "build").iterdir() if p.name.startswith(".")], [])

    def test_second_run_executes_nothing_and_a_change_executes_one(self):
        self.write("01_one", RECORD % True)
        self.write("02_two", FIGURE)
        self.assertEqual(self.run_reports("--profile", "quick")[0], 0)
        first = self.tree("build/reports")
        rc, said = self.run_reports("--profile", "quick")
        self.assertEqual(rc, 0)
        self.assertIn("nothing had changed", said)
        self.assertEqual(self.tree("build/reports"), first)
        self.write("02_two", FIGURE, "print('new')")
        rc, said = self.run_reports("--profile", "quick")
        self.assertIn("1 of 2 notebooks executed", said)
        self.assertIn("new", self.tree("build/reports")["02_two.html"].decode())
        (self.root / "build/reports/01_one.html").unlink()
        self.assertIn("1 of 2 notebooks executed", self.run_reports("--profile", "quick")[1])

    def test_recompute_computes_the_tables_first_and_says_so(self):
        self.write("01_one", "import os; print('tables', repr(os.environ['NNGPLAB_TABLES'][-19:]))")
        self.assertEqual(self.run_reports("--profile", "quick")[0], 0)
        self.assertIn("tables ''", self.tree("build/reports")["01_one.html"].decode())
        program = self.root / "bin" / "nngplab"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\necho \"$@\" >computed\n")
        program.chmod(0o755)
        rc, said = self.run_reports("--profile", "quick", "--recompute")
        self.assertIn("1 of 1 notebooks executed", said)
        self.assertIn("scores compute all --out", (self.root / "computed").read_text())
        files = self.tree("build/reports")
        self.assertIn("tables 'build/scores-tables'", files["01_one.html"].decode())
        self.assertIn("make reproduce PROFILE=quick RECOMPUTE=1", files["README.md"].decode())

    def test_recompute_that_fails_keeps_the_old_reports(self):
        self.write("01_one", "print('fine')")
        self.assertEqual(self.run_reports()[0], 0)
        before = self.tree("reports")
        program = self.root / "bin" / "nngplab"
        program.parent.mkdir()
        program.write_text("#!/bin/sh\nexit 3\n")
        program.chmod(0o755)
        rc, said = self.run_reports("--recompute")
        self.assertNotEqual(rc, 0)
        self.assertIn("exit status 3", said)
        self.assertEqual(self.tree("reports"), before)

    def test_failure_says_why_and_keeps_the_old_reports(self):
        self.write("01_one", "print('fine')")
        self.assertEqual(self.run_reports()[0], 0)
        old = self.tree("reports")
        self.write("02_two", "x = 1", "raise RuntimeError('broken on purpose')")
        rc, said = self.run_reports()
        self.assertEqual(rc, 1)
        self.assertIn("02_two.ipynb", said)
        self.assertIn("broken on purpose", said)
        self.assertEqual(self.tree("reports"), old)
        self.assertEqual([p.name for p in self.root.iterdir() if p.name.startswith(".")], [])

    def test_drawn_data_never_replace_the_real_reports(self):
        self.write("01_one", RECORD % True)
        self.assertEqual(self.run_reports("--profile", "full")[0], 0)
        old = self.tree("reports")
        path = self.write("01_one", RECORD % False)
        rc, said = self.run_reports("--profile", "full")
        self.assertEqual(rc, 0)
        self.assertIn("drawn", said)
        self.assertEqual(self.tree("reports"), old)
        self.assertIn("**no**", self.tree("build/reports-drawn")["README.md"].decode())
        before = path.read_bytes()
        self.assertEqual(self.run_reports("--profile", "full", "--write-back")[0], 1)
        self.assertEqual(path.read_bytes(), before)

    def test_write_back_is_repeatable(self):
        path = self.write("01_one", RECORD % True, FIGURE, PRINT)
        self.assertEqual(self.run_reports("--write-back")[0], 0)
        first = path.read_bytes()
        nb = nbformat.reads(first.decode(), as_version=4)
        self.assertTrue(nb.cells[2].outputs)
        self.assertEqual(nb.cells[3].outputs[0].text, "done ./notebooks full\n")
        self.assertFalse(any("execution" in c.metadata for c in nb.cells))
        self.assertEqual(self.run_reports("--write-back")[0], 0)
        self.assertEqual(path.read_bytes(), first)

    def test_timeout(self):
        self.write("01_one", "import time\ntime.sleep(600)")
        began = time.monotonic()
        rc, said = self.run_reports("--timeout", "4")
        self.assertEqual(rc, 1)
        self.assertIn("stopped after 4 s, in cell 1 of 1", said)
        self.assertLess(time.monotonic() - began, 300)
        self.assertFalse((self.root / "reports").exists())

    def test_interrupt_ends_cleanly(self):
        self.check_end(signal.SIGINT)

    def test_termination_ends_cleanly(self):
        self.check_end(signal.SIGTERM)

    def check_end(self, sig):
        self.write("01_one", "import os, time\nopen('../started', 'w').write(str(os.getpid()))\ntime.sleep(600)")
        p = subprocess.Popen([sys.executable, str(TOOLS / "reports.py"), "--root", str(self.root)],
                             stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        started = self.root / "started"
        for _ in range(2400):
            if started.exists() and started.read_text():
                break
            time.sleep(0.1)
        p.send_signal(sig)
        said, _ = p.communicate(timeout=240)
        self.assertEqual(p.returncode, 130, said)
        self.assertIn("interrupted", said)
        with self.assertRaises(ProcessLookupError, msg="the kernel lives on"):
            for _ in range(100):
                os.kill(int(started.read_text()), 0)
                time.sleep(0.1)
        self.assertFalse((self.root / "reports").exists())

    def test_unknown_kernel(self):
        self.write("01_one", "1", kernel="no-such-kernel")
        rc, said = self.run_reports()
        self.assertEqual(rc, 1)
        self.assertIn("no-such-kernel", said)

    def test_contradicting_results(self):
        self.write("01_one", RECORD % True, "record(name='tau', value=0.5)")
        rc, said = self.run_reports()
        self.assertEqual(rc, 1)
        self.assertIn("'tau' is recorded twice", said)


class Pieces(unittest.TestCase):
    def test_terminal(self):
        for text, want in {
            "a\nb": "a\nb",
            "10 %\r20 %\rdone\n": "done\n",
            "longer\rab": "abnger",
            "a bar 50 %\r          \r2 of 2\n": "2 of 2\n",
            "spaces  ": "spaces  ",
            "longer\rab\x1b[K": "ab",
            "working\r\x1b[2Kok": "ok",
            "abc\b\bX": "aXc",
            "\x1b[31mred\x1b[0m": "\x1b[31mred\x1b[0m",
        }.items():
            self.assertEqual(nbrun.terminal(text), want, repr(text))

    def test_foreign(self):
        for html in ('<script src="x.js"></script>', '<img src="https://example.org/a.png">', '<img alt="" src="//example.org/a">',
                     "<style>@import 'a.css';</style>", "<style>a{background:url(https://example.org/a)}</style>",
                     '<link rel="stylesheet" href="a.css">', '<svg><image xlink:href="https://example.org/a"/></svg>'):
            self.assertTrue(nbpage.foreign(html), html)
        for html in ('<a href="https://example.org">a link to follow</a>', '<svg xmlns="http://www.w3.org/2000/svg"></svg>',
                     '<img src="data:image/png;base64,AAAA//8=">'):
            self.assertEqual(nbpage.foreign(html), [], html)

    def test_page_refuses_foreign_output(self):
        nb = notebook("1")
        nb.cells[1].outputs = [new_output("display_data", {"text/html": "<script src='https://example.org/x.js'></script>"})]
        with self.assertRaisesRegex(ValueError, "from elsewhere"):
            nbpage.page(nb, "")

    def test_page_links_to_pages(self):
        nb = notebook("1")
        nb.cells[0].source += "\n\n[next](02_two.ipynb), [code](../README.md)"
        page = nbpage.page(nb, "")
        self.assertIn('<a href="02_two.html">', page)
        self.assertIn('<a href="../README.md">', page)

    def test_rounded(self):
        self.assertEqual(nbpage.rounded(0.123456789), 0.123457)
        self.assertEqual(nbpage.rounded(1e-300), 1e-300)
        self.assertEqual(nbpage.rounded(12.0), 12)
        self.assertIsNone(nbpage.rounded(float("inf")))
        self.assertIs(nbpage.rounded(True), True)


class Committed(unittest.TestCase):
    """The notebooks as they are in the repository."""

    def test_outputs_are_clean(self):
        paths = sorted((TOOLS.parent / "notebooks").glob("*.ipynb"))
        if not paths:
            self.skipTest("there are no notebooks yet")
        for path in paths:
            with self.subTest(path.name):
                text = path.read_text()
                nb = nbformat.reads(text, as_version=4)
                nbformat.validate(nb)
                self.assertIsNone(re.search(r"/(work|root|home|tmp|Users)/", text), "a path of some machine")
                counts = [c.execution_count for c in nb.cells if c.cell_type == "code"]
                self.assertEqual(counts, list(range(1, len(counts) + 1)), "not executed from top to bottom")
                for cell in nb.cells:
                    self.assertNotIn("execution", cell.metadata)
                    for out in cell.get("outputs", []):
                        self.assertNotEqual(out.output_type, "error", cell.source)
                        self.assertNotIn("\r", out.get("text", ""))
                        if "image/svg+xml" in out.get("data", {}):  # JupyterLab shows it to those who trust the notebook
                            self.assertIn("image/png", out.data, cell.source)


if __name__ == "__main__":
    unittest.main()
