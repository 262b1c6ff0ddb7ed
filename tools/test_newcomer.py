"""Tests of the newcomer on small checkouts, whose commands take no time."""

import contextlib
import io
import os
import subprocess
import tempfile
import unittest
from pathlib import Path

import newcomer

README = """# x

## Start

Needed: things.

    make reproduce      # words
    make lab            # words
    make test

## What you get

- A command:

      go build -o bin/nngplab ./cmd/nngplab
      bin/nngplab doctor        # what works
"""


class Newcomer(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="nngplab-test-newcomer-")
        self.addCleanup(folder.cleanup)
        self.home, self.clone = Path(folder.name) / "home", Path(folder.name) / "clone"
        self.home.mkdir()
        self.clone.mkdir()
        (self.clone / "README.md").write_text(README)
        for argv in (["init", "-q"], ["add", "-A"], ["-c", "user.name=x", "-c", "user.email=x", "commit", "-qm", "x"]):
            subprocess.run(["git", *argv], cwd=self.clone, check=True)
        self.newcomer = newcomer.Newcomer(self.clone, newcomer.environment(self.home))
        silence, newcomer.SILENCE = newcomer.SILENCE, newcomer.SILENCE
        self.addCleanup(setattr, newcomer, "SILENCE", silence)

    def play(self, command):
        out = io.StringIO()
        with contextlib.redirect_stdout(out):
            self.newcomer.run(command)
        return out.getvalue()

    def test_commands(self):
        self.assertEqual(newcomer.commands(README), ["make reproduce", "make lab", "make test"])
        self.assertEqual([c.strip() for c in newcomer.checks(README)], ["go build -o bin/nngplab ./cmd/nngplab", "bin/nngplab doctor"])

    def test_those_of_the_readme_are_known(self):
        readme = (newcomer.ROOT / "README.md").read_text()
        self.assertEqual(newcomer.commands(readme), ["make reproduce", "make test", "make lab"])
        self.assertEqual(len(newcomer.checks(readme)), 2)

    def test_unknown_commands_are_refused(self):
        (self.clone / "README.md").write_text(README.replace("make lab ", "make tea "))
        self.newcomer.run = self.newcomer.serve = lambda command: None
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaisesRegex(SystemExit, "make tea"):
            newcomer.play(self.newcomer, self.home, False)

    def test_an_empty_home(self):
        os.environ["NNGPLAB_SCORES"] = "/somewhere"
        self.addCleanup(os.environ.pop, "NNGPLAB_SCORES")
        self.assertIn(f"{self.home} none here", self.play('echo "$HOME" ${NNGPLAB_SCORES:-none} ${GOCACHE:-here}'))

    def test_a_silence_is_found(self):
        newcomer.SILENCE = 1
        self.play("echo first; sleep 3; echo second")
        self.assertRegex(self.newcomer.problems[0], "nothing was said for [3-9]+ s after 'first'")

    def test_a_failure_ends_it(self):
        with contextlib.redirect_stdout(io.StringIO()), self.assertRaisesRegex(SystemExit, "exit 3"):
            self.newcomer.run("exit 3")

    def test_changes_are_found(self):
        with contextlib.redirect_stdout(io.StringIO()):
            self.newcomer.check_tree()
            self.newcomer.check_home(self.home)
            self.assertEqual(self.newcomer.problems, [])
            (self.clone / "new.txt").write_text("x")
            (self.clone / "README.md").write_text("y")
            (self.home / "thesis").mkdir()
            self.newcomer.check_tree()
            self.newcomer.check_home(self.home)
        self.assertEqual(len(self.newcomer.problems), 2)
        for text in ("?? new.txt", " M README.md"):
            self.assertIn(text, self.newcomer.problems[0])


if __name__ == "__main__":
    unittest.main()
