"""Tests that long work is never silent for long, with steps that are slow on purpose."""

import io
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest
from pathlib import Path

import nbrun
import reports
import test_reports

BEAT = Path(__file__).resolve().parent / "beat.sh"


class Script(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nngplab-beat-")
        self.addCleanup(folder.cleanup)
        self.times = Path(folder.name) / "build" / "times"

    def run_beat(self, *argv, every="0.3"):
        env = dict(os.environ, NNGPLAB_BEAT=every, NNGPLAB_TIMES=str(self.times))
        began = time.monotonic()
        p = subprocess.run([BEAT, *argv], env=env, capture_output=True, text=True)
        return p, time.monotonic() - began

    def test_a_silent_step_is_spoken_for(self):
        p, _ = self.run_beat("kernel", "150", "sleep", "3")
        lines = p.stderr.splitlines()
        if lines[-1].startswith("kernel: done after "):  # where the machine is slow
            lines.pop()
        self.assertGreaterEqual(len(lines), 3)
        for line in lines:
            self.assertRegex(line, r"^kernel: at work for \d+ s; about 150 s on two idle cores$")
        self.assertEqual((p.returncode, p.stdout), (0, ""))

    def test_the_last_time_is_told(self):
        self.times.parent.mkdir()
        self.times.write_text("kernel 7\nprogram 12\nkernel 33\n")
        p, _ = self.run_beat("kernel", "150", "sleep", "1")
        self.assertIn("; 33 s the last time", p.stderr)
        self.assertEqual(self.times.read_text().count("\n"), 3, "a second's work was kept")

    def test_the_command_s_own_output_and_status(self):
        p, took = self.run_beat("x", "1", "sh", "-c", "echo out; echo err >&2; exit 7", every="600")
        self.assertEqual((p.returncode, p.stdout, p.stderr), (7, "out\n", "err\n"))
        self.assertLess(took, 60, "it waits for the pause to end")


    def test_signals_end_the_command(self):
        for sig in (signal.SIGINT, signal.SIGTERM):
            p = subprocess.Popen([BEAT, "x", "1", "sleep", "600"], env=dict(os.environ, NNGPLAB_TIMES=str(self.times), NNGPLAB_BEAT="0.2"),
                                 stderr=subprocess.PIPE, text=True, preexec_fn=hears)
            p.stderr.readline()  # it is at work
            p.send_signal(sig)
            p.communicate(timeout=120)
            self.assertEqual(p.returncode, 128 + signal.SIGTERM)

    def test_make_says_what_is_to_come(self):
        with tempfile.TemporaryDirectory(prefix="nngplab-begin-") as folder:
            run = lambda: subprocess.run([BEAT.with_name("begin.sh"), ".venv", "quick"], cwd=folder, capture_output=True, text=True, check=True).stdout
            self.assertIn("a Python environment (90 s), the program (90 s), the Go kernel (150 s), the notebooks (180 s); about 9 minutes", run())
            for name in (".venv/.complete", "build/kernel.stamp"):
                (Path(folder) / name).parent.mkdir()
                (Path(folder) / name).touch()
            self.assertEqual(run(), "")


def hears():
    """Undoes what a shell does to what it runs in the background: a script cannot trap a
    signal that was ignored when it began."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


class Cells(test_reports.Folder):
    def test_a_silent_cell_is_spoken_for(self):
        path = self.write("01_one", "import time\ntime.sleep(3)", "2")
        said = io.StringIO()
        silence, nbrun.SILENCE = nbrun.SILENCE, 0.3
        try:
            nbrun.run(path, env={}, timeout=300, stream=said, left=lambda seconds: "about 5 min left in all")
        finally:
            nbrun.SILENCE = silence
        lines = [line for line in said.getvalue().splitlines() if "at work: cell 1 for" in line]
        self.assertGreaterEqual(len(lines), 3, said.getvalue())
        self.assertRegex(lines[0], r"^01_one.ipynb \[1/2\] at work: cell 1 for \d s; about 5 min left in all$")

    def test_a_cell_that_says_enough_is_not(self):
        said = io.StringIO()
        with nbrun.Beat(lambda: "at work", said, silence=30) as beat:
            beat.line("mine")
        self.assertEqual(said.getvalue(), "mine\n")

    def test_the_estimate(self):
        self.write("01_one", "import os")
        self.write("02_two", "import os")
        rc, said = self.run_reports("--profile", "quick")
        self.assertEqual(rc, 0, said)
        usual = json.loads((test_reports.TOOLS / "usual_seconds.json").read_text()).values()
        # Nothing is known of these two: each takes as long as is usual in the mean.
        self.assertIn(f"reports: 2 notebooks to execute, {reports.about(2 * reports.QUICK * sum(usual) / len(usual))}\n", said)
        rc, said = self.run_reports("--profile", "quick")
        self.assertNotIn("to execute", said)

    def test_the_pace(self):
        class State:
            def seconds(self, profile, name):
                return {"a": 10, "b": 20, "c": 40}[name]

        a, b, c = Path("a.ipynb"), Path("b.ipynb"), Path("c.ipynb")
        f = reports.Forecast([a, b, c], State(), reports.parse(["--profile", "quick", "a.ipynb"]))
        self.assertEqual(f.text(a, 4), "about 66 s left in all")
        f.ended(a, 30)  # three times as slow as it was
        self.assertEqual(f.text(b, 40), "about 2 min left in all")  # 60 - 40 + 120


if __name__ == "__main__":
    unittest.main()
