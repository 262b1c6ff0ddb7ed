#!/usr/bin/env python3
"""Plays the newcomer: clones this checkout into an empty folder, takes the commands of
README.md's section "Start" from the clone, and runs them with an empty HOME.

    newcomer.py [--test] [--only-list]

`make reproduce` runs in the quick profile, and `make compare` after it; `make lab` is
started, asked for its page, and stopped; `make test` is left to who calls this, as it
takes longest (--test runs it). Then the working tree has to be what git has, and no
command may have been silent for long. What is not committed is not cloned.

Caches of the caller are used only if NNGPLAB_NEWCOMER_KEEP names them: of GOMODCACHE,
GOCACHE, PIP_CACHE_DIR, separated by blanks. NNGPLAB_DATA is passed on.
"""

import argparse
import os
import re
import selectors
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
# Ten seconds are promised; a busy machine may be late.
SILENCE = 20
# What says how the network is reached, and which language is spoken, is no cache.
PASSED = re.compile(r"^(PATH|LANG|LC_\w+|TZ|TERM|CI|PYTHON|NNGPLAB_DATA|(HTTPS?|NO|ALL)_PROXY|SSL_\w+|PIP_\w+|GO(PROXY|SUMDB|NOSUMDB|NOSUMCHECK|PRIVATE|FLAGS|TOOLCHAIN|INSECURE|NOPROXY|VCS))$", re.I)
CACHES = {
    "GOMODCACHE": ["go", "env", "GOMODCACHE"],
    "GOCACHE": ["go", "env", "GOCACHE"],
    "PIP_CACHE_DIR": [os.environ.get("PYTHON") or "python3", "-m", "pip", "cache", "dir"],
}


def commands(readme):
    """Returns the commands in the section "Start" of a README: those of its indented
    blocks, without comments."""
    m = re.search(r"^## Start\n(.*?)^## ", readme, re.M | re.S)
    if not m:
        raise SystemExit('newcomer: README.md has no section "Start"')
    found = [re.sub(r"\s+#.*", "", line).strip() for line in m.group(1).splitlines() if line.startswith("    ")]
    if not found:
        raise SystemExit('newcomer: the section "Start" of README.md has no commands')
    return found


def checks(readme):
    """Returns the command that builds the program, and the one that examines the machine,
    as README.md has them."""
    return [c.strip() for c in re.findall(r"^ +((?:go build -o bin/nngplab|bin/nngplab doctor)\b[^#\n]*)", readme, re.M)]


def environment(home):
    env = {k: v for k, v in os.environ.items() if PASSED.match(k)}
    env["HOME"] = str(home)
    for name in os.environ.get("NNGPLAB_NEWCOMER_KEEP", "").split():
        if name not in CACHES:
            raise SystemExit(f"newcomer: NNGPLAB_NEWCOMER_KEEP names {name}: want some of {', '.join(CACHES)}")
        env[name] = subprocess.run(CACHES[name], capture_output=True, text=True, check=True).stdout.strip()
    return env


class Newcomer:
    """Runs commands in the clone, and keeps the longest silence of each."""

    def __init__(self, clone, env):
        self.clone, self.env, self.problems = clone, env, []

    def say(self, text):
        print(f"newcomer: {text}", flush=True)

    def run(self, command):
        """Runs a command to its end; what it prints is passed on."""
        self.say(f"$ {command}")
        began, longest, before = time.monotonic(), (0, ""), ""
        with self._started(command) as p:
            for text, silent in self._output(p):
                if silent > longest[0]:
                    longest = silent, before
                before = text.strip().rsplit("\n", 1)[-1] or before
                sys.stdout.write(text)
                sys.stdout.flush()
        self.say(f"{command}: exit status {p.returncode} after {time.monotonic() - began:.0f} s; longest silence {longest[0]:.0f} s, after {longest[1]!r}")
        if p.returncode:
            raise SystemExit(f"newcomer: {command!r} of README.md failed")
        if longest[0] > SILENCE:
            self.problems.append(f"{command}: nothing was said for {longest[0]:.0f} s after {longest[1]!r}")

    def _started(self, command):
        return subprocess.Popen(["bash", "-c", command], cwd=self.clone, env=self.env, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True)

    def _output(self, p):
        """Yields what a process prints, with the seconds of silence before it."""
        last = time.monotonic()
        with selectors.DefaultSelector() as ready:
            ready.register(p.stdout, selectors.EVENT_READ)
            while True:
                ready.select()
                data, now = os.read(p.stdout.fileno(), 65536), time.monotonic()
                yield data.decode(errors="replace"), now - last
                last = now
                if not data:
                    return

    def serve(self, command):
        """Starts what serves JupyterLab, asks for its page, and stops it."""
        self.say(f"$ {command}   (asked for its page, and stopped)")
        p, said = self._started(command + ' LABFLAGS="--no-browser --port 0 --ServerApp.port_retries=0"'), ""
        try:
            for text, _ in self._output(p):
                said += text
                m = re.search(r"(http://(?:localhost|127\.0\.0\.1):\d+/\S*token=\w+)", said)
                if m:
                    if b"jupyter-config-data" in answer(m.group(1)):
                        self.say("JupyterLab answers")
                    else:
                        self.problems.append(f"{command}: the page at its address is not JupyterLab's")
                    return
            self.problems.append(f"{command}: JupyterLab did not start:\n{said[-2000:]}")
        except (urllib.error.URLError, OSError) as e:
            self.problems.append(f"{command}: {e}")
        finally:
            os.killpg(p.pid, signal.SIGTERM)
            try:
                p.wait(timeout=60)
            except subprocess.TimeoutExpired:
                os.killpg(p.pid, signal.SIGKILL)
                p.wait()
            p.stdout.close()

    def check_tree(self):
        out = subprocess.run(["git", "status", "--porcelain"], cwd=self.clone, capture_output=True, text=True, check=True).stdout
        if out:
            self.problems.append(f"the working tree has changed:\n{out}")
        else:
            self.say("the working tree is as git has it")

    def check_home(self, home):
        """Nothing but hidden folders of tools, and Go's, may be in the home that was empty."""
        found = sorted(p.name for p in home.iterdir())
        self.say(f"in HOME now: {', '.join(found) or 'nothing'}")
        strange = [name for name in found if not name.startswith(".") and name != "go"]
        if strange:
            self.problems.append(f"HOME holds {strange}")

    def say_disk(self, home):
        """What README says of the disk comes from here. Caches that were kept are not in it."""
        for what, folder in ("the clone", self.clone), ("HOME", home):
            files = (p.lstat() for p in folder.rglob("*") if p.is_file() or p.is_symlink())
            self.say(f"{what} takes {sum(f.st_blocks for f in files) * 512 / 1e9:.1f} GB")


def answer(address):
    """Returns the page at an address. JupyterLab says its address before it listens."""
    for left in reversed(range(60)):
        try:
            with urllib.request.urlopen(address, timeout=120) as page:
                return page.read()
        except urllib.error.URLError as e:
            if left == 0 or not isinstance(e.reason, ConnectionRefusedError):
                raise
            time.sleep(1)


def play(newcomer, home, with_tests):
    readme = (newcomer.clone / "README.md").read_text()
    known = {"make reproduce": lambda c: newcomer.run(c + " PROFILE=quick"), "make lab": newcomer.serve,
             "make test": newcomer.run if with_tests else lambda c: newcomer.say(f"$ {c}   (left to who called this)")}
    for command in commands(readme):
        if command not in known:
            raise SystemExit(f"newcomer: README.md says {command!r}, which tools/newcomer.py does not know how to play")
        known[command](command)
    newcomer.run("make compare")
    for command in checks(readme):
        newcomer.run(command)
    newcomer.check_tree()
    newcomer.check_home(home)
    newcomer.say_disk(home)


def main():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--test", action="store_true", help="run `make test`, too")
    p.add_argument("--only-list", action="store_true", help="print the commands, and run none")
    args = p.parse_args()
    if args.only_list:
        readme = (ROOT / "README.md").read_text()
        print("\n".join(commands(readme) + checks(readme)))
        return 0
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="nngplab-newcomer-", ignore_cleanup_errors=True) as folder:
        home, clone = Path(folder) / "home", Path(folder) / "nngplab"
        home.mkdir()
        env = environment(home)
        subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", str(ROOT), str(clone)], check=True)
        newcomer = Newcomer(clone, env)
        try:
            play(newcomer, home, args.test)
        finally:
            # Go makes the files of its cache of modules read-only.
            subprocess.run(["chmod", "-R", "u+w", folder])
    for problem in newcomer.problems:
        print(f"newcomer: {problem}", file=sys.stderr)
    print(f"newcomer: {'failed' if newcomer.problems else 'done'} after {time.monotonic() - began:.0f} s")
    return 1 if newcomer.problems else 0


if __name__ == "__main__":
    sys.exit(main())
