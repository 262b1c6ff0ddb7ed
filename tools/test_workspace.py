"""Tests of the folder of copies that `make lab` works in."""

import re
import tempfile
import unittest
from pathlib import Path

import workspace


class Workspace(unittest.TestCase):
    def setUp(self):
        self.dir = tempfile.TemporaryDirectory(prefix="nngplab-workspace-")
        self.addCleanup(self.dir.cleanup)
        self.root, self.folder = Path(self.dir.name) / "repo", Path(self.dir.name) / "work"
        for name in ("notebooks/01_a.ipynb", "notebooks/02_b.ipynb", "reports/figures/f.png", "datasets/scores/README.md"):
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text("first " + name)

    def test_copies(self):
        copied, kept = workspace.copy(self.root, self.folder)
        self.assertEqual((len(copied), kept), (4, []))
        self.assertEqual((self.folder / "notebooks/01_a.ipynb").read_text(), "first notebooks/01_a.ipynb")
        self.assertTrue((self.folder / "reports/figures/f.png").exists())
        self.assertEqual(workspace.copy(self.root, self.folder), ([], []))

    def test_what_notebooks_link_to_is_copied(self):
        root = Path(workspace.ROOT)
        names = {path.relative_to(root).as_posix() for path in workspace.sources(root)}
        for notebook in sorted(root.glob("notebooks/*.ipynb")):
            for link in set(re.findall(r"\]\(\.\./([^)#]*)", notebook.read_text())):
                self.assertIn(link, names, f"{notebook.name} links to {link}")

    def test_keeps_changes_and_updates_the_rest(self):
        workspace.copy(self.root, self.folder)
        mine, own = self.folder / "notebooks/01_a.ipynb", self.folder / "notebooks/mine.ipynb"
        mine.write_text("mine")
        own.write_text("own")
        for name in ("01_a", "02_b"):
            (self.root / f"notebooks/{name}.ipynb").write_text("second")
        copied, kept = workspace.copy(self.root, self.folder)
        self.assertEqual((copied, kept), (["notebooks/02_b.ipynb"], ["notebooks/01_a.ipynb"]))
        self.assertEqual((mine.read_text(), own.read_text()), ("mine", "own"))
        self.assertEqual((self.root / "notebooks/01_a.ipynb").read_text(), "second")

    def test_never_on_tracked_files(self):
        for folder in (self.root, self.root / "notebooks", self.root / "notebooks" / "x"):
            with self.assertRaises(SystemExit):
                workspace.copy(self.root, folder)

    def test_a_file_of_that_name_stays(self):
        path = self.folder / "notebooks/02_b.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text("was here before")
        _, kept = workspace.copy(self.root, self.folder)
        self.assertEqual((kept, path.read_text()), (["notebooks/02_b.ipynb"], "was here before"))

    def test_prompts_are_off(self):
        workspace.quiet(self.folder)
        settings = self.folder / "share/jupyter/lab/settings/overrides.json"
        self.assertIn("fetchNews", settings.read_text())
        settings.write_text("{}")
        workspace.quiet(self.folder)
        self.assertEqual(settings.read_text(), "{}")


if __name__ == "__main__":
    unittest.main()
