"""Opens every notebook in JupyterLab, in a real browser, as `make lab` shows it; runs all
cells in the quick profile; and looks whether there is an error, and every figure. It
takes some minutes. NNGPLAB_NOTEBOOKS=01_quickstart,08_own_table: these alone."""

import os
import re
import shutil
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import nbformat

import lab
import workspace

ROOT = Path(__file__).resolve().parent.parent
# As long as one notebook may take on a busy machine, in seconds.
LIMIT = 1500
CALL = re.compile(r"\bPublish\(")


def notebooks():
    names = sorted(p.stem for p in (ROOT / "notebooks").glob("[0-9]*.ipynb"))
    if only := os.environ.get("NNGPLAB_NOTEBOOKS"):
        names = [n for n in names if n in only.split(",")]
    return names


def status():
    done = subprocess.run(["git", "status", "--porcelain"], cwd=ROOT, capture_output=True, text=True)
    return done.stdout if done.returncode == 0 else None


def has_image(output):
    return any(mime.startswith("image/") for mime in output.get("data", {}))


def publishes(nb):
    """Returns how many calls of Publish stand in the code of a notebook."""
    return sum(len(CALL.findall(c.source)) for c in nb.cells if c.cell_type == "code")


def problems(nb, shown, published):
    """Returns what is wrong with a notebook that JupyterLab has run and saved. shown are
    the widths of the images on the page, published the names of the figures that were
    published."""
    found, images = [], 0
    for cell in nb.cells:
        if cell.cell_type != "code":
            continue
        if cell.execution_count is None:
            found.append(f"not run: {cell.source[:200]}")
        images += sum(has_image(o) for o in cell.outputs)
        for o in cell.outputs:
            if o.output_type == "error":
                found.append(f"{o.ename}: {o.evalue}\n{cell.source}")
            elif "DataFrame with error" in str(o.get("data", {}).get("text/plain", "")):
                found.append(f"a data frame with an error: {cell.source}")
    if len(shown) != images:
        found.append(f"{images} images in the outputs, {len(shown)} on the page")
    if narrow := [w for w in shown if w < 100]:
        found.append(f"{len(narrow)} of {len(shown)} images are empty or narrower than 100 pixels")
    if images < len(published):
        found.append(f"{len(published)} figures were published, {images} are in the outputs: {', '.join(sorted(published))}")
    return found


@unittest.skipIf(lab.missing(), lab.missing())
class Notebooks(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="nngplab-notebooks-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)
        self.figures = self.root / "figures"
        self.figures.mkdir()

    def figure_names(self):
        return {p.stem for p in self.figures.glob("*.svg")}

    def test_every_notebook(self):
        before = status()
        workspace.copy(ROOT, self.root)
        names = notebooks()
        self.assertTrue(names)
        env = {"NNGPLAB_PROFILE": "quick", "NNGPLAB_FIGURES": str(self.figures), "NNGPLAB_RESULTS": ""}
        with lab.started(self.root, env) as page:
            for name in names:
                with self.subTest(name):
                    self.check(page, name)
        self.assertEqual(status(), before, "the working tree has changed")

    def check(self, page, name):
        path, known = self.root / "notebooks" / f"{name}.ipynb", self.figure_names()
        began = time.monotonic()
        page.open(f"notebooks/{name}.ipynb")
        try:
            page.run_all(LIMIT)
            page.page.wait_for_timeout(1000)  # for the last figure to be drawn
            page.save(path)
            shown = page.images()
        finally:
            page.end_kernels()
        nb = nbformat.read(path, as_version=4)
        published = self.figure_names() - known
        self.assertEqual(problems(nb, shown, published), [])
        committed = nbformat.read(ROOT / "notebooks" / f"{name}.ipynb", as_version=4)
        # Where data are missing, fewer figures are drawn, and the notebook says so.
        if os.environ.get("NNGPLAB_DATA"):
            self.assertGreaterEqual(len(published), min(publishes(committed), self.images_of(committed)), f"figures published: {sorted(published)}")
            self.assertGreaterEqual(len(shown), self.images_of(committed), "fewer images than in the committed outputs")
        print(f"{name}: {len(shown)} images, {len(published)} of them published, no error, {time.monotonic() - began:.0f} s", flush=True)

    @staticmethod
    def images_of(nb):
        return sum(has_image(o) for c in nb.cells if c.cell_type == "code" for o in c.outputs)


class Problems(unittest.TestCase):
    """What the test finds, on notebooks that are wrong in one way each."""

    def test_problems(self):
        def run(count=1, **kw):
            out = nbformat.v4.new_output(**kw) if kw else None
            return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("x", execution_count=count, outputs=[out] if out else [])])

        image = dict(output_type="display_data", data={"image/png": "AA=="})
        self.assertEqual(problems(run(**image), [300], {"f"}), [])
        for nb, shown, published, word in (
            (run(count=None), [], set(), "not run"),
            (run(output_type="error", ename="panic", evalue="e1"), [], set(), "panic: e1"),
            (run(output_type="execute_result", data={"text/plain": "DataFrame with error: x"}), [], set(), "data frame"),
            (run(**image), [], set(), "1 images in the outputs, 0 on the page"),
            (run(**image), [0], set(), "1 of 1 images are empty"),
            (run(**image), [300], {"f", "g"}, "2 figures were published, 1 are in the outputs: f, g"),
        ):
            found = problems(nb, shown, published)
            self.assertEqual(len(found), 1, found)
            self.assertIn(word, found[0])

    def test_publishes(self):
        nb = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell('must(f.Publish("a"))\nmust(g.Publish("b"))'), nbformat.v4.new_markdown_cell("Publish(")])
        self.assertEqual(publishes(nb), 2)


if __name__ == "__main__":
    unittest.main()
