"""Tests of the Go kernel in JupyterLab, in a real browser: figures, errors, and
the stop button."""

import shutil
import tempfile
import unittest
from pathlib import Path

import nbformat

import lab

IMPORTS = """
import (
    "fmt"
    "os"
    "sync"
    "time"
)
kept := 7
var never chan int
"""

TEN_LINES = """values := []float64{1, 2, 3}
total := 0.0
for _, v := range values {
    total += v
}
n := len(values)
last := values[n]
mean := total / float64(n)
fmt.Println(mean)
last"""

MUST = """a := 1
f := must(os.Open("/no/such/file"))
fmt.Println(a, f)"""

INVALID = """count := 3
label := "total: " + count
fmt.Println(label)"""

# Each is ended by one click.
WAITS = {
    "a tight loop": "for i := 0; ; i++ {\n}",
    "a loop that defers": "for {\n    defer func() {}()\n}",
    "a loop that recovers": "for {\n    func() {\n        defer func() { recover() }()\n        for {\n        }\n    }()\n}",
    "an empty select": "select {}",
    "a receive": "<-never",
    "a send": "make(chan int) <- 1",
    "a select": "select {\ncase <-never:\ncase <-make(chan int):\n}",
    "a lock": "var mu sync.Mutex\nmu.Lock()\nmu.Lock()",
    "a wait": "var wg sync.WaitGroup\nwg.Add(1)\nwg.Wait()",
    "a sleep": "time.Sleep(time.Hour)",
}


@unittest.skipIf(lab.missing(), lab.missing())
class JupyterLab(unittest.TestCase):
    def opened(self, *sources):
        root = Path(tempfile.mkdtemp(prefix="nngplab-lab-"))
        self.addCleanup(shutil.rmtree, root, ignore_errors=True)
        nbformat.write(lab.go_notebook(*sources), root / "test.ipynb")
        return lab.opened(root)

    def test_figures_are_shown(self):
        with self.opened(lab.PLOT) as nb:
            nb.run(0)
            svg = nb.cells.nth(0).locator(".jp-RenderedSVG img, .jp-RenderedSVG svg").first
            svg.wait_for(timeout=lab.PATIENCE)
            self.assertGreater(svg.bounding_box()["width"], 200)

    def test_errors_have_their_line_and_go_s_own_words(self):
        with self.opened(IMPORTS, TEN_LINES, MUST, INVALID, "n + kept") as nb:
            for i in range(5):
                nb.run(i)
                nb.wait_idle()
            error = nb.error(1)
            self.assertIn("panic: runtime error: index out of range [3] with length 3\nat In[2] line 7\n    7 | last := values[n]", error)
            error = nb.error(2)
            self.assertIn("open /no/such/file: no such file or directory\nat In[3] line 2\n    2 | f := must(os.Open(\"/no/such/file\"))", error)
            error = nb.error(3)
            # go build says: invalid operation: "total: " + count (mismatched types untyped string and int)
            self.assertIn("In[4] line 2", error)
            self.assertIn('invalid operation: "total: " + count (mismatched types untyped string and int)', error)
            # The failed cell kept what came before its line, the refused one nothing.
            self.assertEqual(nb.output(4).strip(), "10")

    def test_one_click_ends_each_kind_of_wait(self):
        waits = list(WAITS.items())
        with self.opened(IMPORTS, *(code for _, code in waits), "kept") as nb:
            nb.run(0)
            nb.wait_idle()
            for i, (name, _) in enumerate(waits, 1):
                with self.subTest(name):
                    nb.run(i)
                    nb.wait_busy()
                    nb.stop()
                    error = nb.error(i)
                    self.assertIn("Interrupted", error)
                    self.assertNotIn("Interrupt again", error)
                    nb.wait_idle()
            nb.run(len(waits) + 1)
            self.assertEqual(nb.output(len(waits) + 1).strip(), "7")


if __name__ == "__main__":
    unittest.main()
