import json
import os
import subprocess
import sys
import tempfile
import unittest

try:
    import tomllib
except ImportError:  # before Python 3.11
    tomllib = None

HERE = os.path.dirname(os.path.abspath(__file__))
PACKAGE = os.path.join(HERE, "papermill_go")


def installed_below(folder):
    """Makes the package look installed to a Python that has folder on its path."""
    with open(os.path.join(PACKAGE, "pyproject.toml"), "rb") as f:
        project = tomllib.load(f)["project"]
    info = os.path.join(folder, "nngplab_papermill-1.0.dist-info")
    os.mkdir(info)
    with open(os.path.join(info, "METADATA"), "w") as f:
        f.write(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    with open(os.path.join(info, "entry_points.txt"), "w") as f:
        for group, entries in project["entry-points"].items():
            f.write(f"[{group}]\n" + "".join(f"{k} = {v}\n" for k, v in entries.items()))
    with open(os.path.join(PACKAGE, "nngplab_papermill.py")) as src, open(os.path.join(folder, "nngplab_papermill.py"), "w") as dst:
        dst.write(src.read())


def environment(folder):
    return {**os.environ, "PYTHONPATH": folder, "PYTHONDONTWRITEBYTECODE": "1"}


class TranslatorTest(unittest.TestCase):
    def setUp(self):
        try:
            import papermill  # noqa: F401
        except ImportError:
            self.skipTest("papermill is not installed")
        if tomllib is None:
            self.skipTest("this Python cannot read pyproject.toml")
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        installed_below(self.folder)

    def translate(self, params):
        code = "import json, sys, papermill.engines\nfrom papermill.parameterize import translate_parameters as t\nsys.stdout.write(t('nngplab-go', 'go', json.loads(sys.argv[1]), 'Parameters'))"
        return subprocess.run([sys.executable, "-c", code, json.dumps(params)], capture_output=True, text=True, env=environment(self.folder))

    def test_values(self):
        out = self.translate({"n": 7, "x": 2.0, "big": 1e300, "s": 'a"b\nö', "ok": True, "l": [1, 2], "f": [1, 2.5], "m": {"a": [1], "b": "c"}, "none": [], "mixed": [1, "a"]})
        self.assertEqual(out.returncode, 0, out.stderr)
        self.assertEqual(
            out.stdout.strip().splitlines(),
            [
                "// Parameters",
                "n := 7",
                "x := 2.0",
                "big := 1e+300",
                's := "a\\"b\\nö"',
                "ok := true",
                "l := []int{1, 2}",
                "f := []float64{1, 2.5}",
                'm := map[string]any{"a": []int{1}, "b": "c"}',
                "none := []any{}",
                'mixed := []any{1, "a"}',
            ],
        )

    def test_refused(self):
        for params, why in [({"n": None}, "without a value"), ({"type": 1}, "no name"), ({"a-b": 1}, "no name"), ({"n": 2**64}, "range")]:
            out = self.translate(params)
            self.assertNotEqual(out.returncode, 0, params)
            self.assertIn(why, out.stderr)

    def test_notebook(self):
        """papermill itself, with the installed kernel."""
        prefix = os.path.join(os.path.dirname(HERE), ".venv", "share", "jupyter", "kernels")
        if not os.path.isdir(os.path.join(prefix, "nngplab-go")):
            self.skipTest("the kernel is not installed")
        cell = lambda source, tags=(): {"cell_type": "code", "metadata": {"tags": list(tags)}, "source": source, "outputs": [], "execution_count": None, "id": f"c{abs(hash(source))}"}
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {"kernelspec": {"name": "nngplab-go", "display_name": "Go", "language": "go"}, "language_info": {"name": "go"}},
            "cells": [cell("n := 1\nname := `x`", ["parameters"]), cell("n + len(name)")],
        }
        path, result = os.path.join(self.folder, "in.ipynb"), os.path.join(self.folder, "out.ipynb")
        with open(path, "w") as f:
            json.dump(notebook, f)
        env = {**environment(self.folder), "JUPYTER_PATH": os.path.dirname(prefix)}
        out = subprocess.run([sys.executable, "-m", "papermill", path, result, "-p", "n", "7", "-p", "name", "größe"], capture_output=True, text=True, env=env, timeout=120)
        self.assertEqual(out.returncode, 0, out.stderr)
        with open(result) as f:
            cells = json.load(f)["cells"]
        self.assertEqual("".join(cells[-1]["outputs"][0]["data"]["text/plain"]), "14")  # len counts bytes


if __name__ == "__main__":
    unittest.main()
