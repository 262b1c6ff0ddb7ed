"""Tests of the pages of the reports in a real browser."""

import shutil
import tempfile
import unittest
from pathlib import Path

import nbformat

import browser
import lab
import nbpage
import nbrun


@unittest.skipIf(lab.missing(), lab.missing())
class Pages(unittest.TestCase):
    def setUp(self):
        self.root = Path(tempfile.mkdtemp(prefix="nngplab-browser-"))
        self.addCleanup(shutil.rmtree, self.root, ignore_errors=True)

    def write(self, *sources):
        path = self.root / "test.ipynb"
        nbformat.write(lab.go_notebook(*sources), path)
        return path

    def test_report_page_needs_nothing_from_elsewhere(self):
        nb = nbrun.run(self.write(lab.PLOT), env={}, timeout=120)
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


if __name__ == "__main__":
    unittest.main()
