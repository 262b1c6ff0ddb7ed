#!/usr/bin/env python3
"""Executes the notebooks and writes the reports.

    reports.py [--profile quick|full] [--recompute] [--out FOLDER] [--write-back] [NOTEBOOK ...]

The quick profile writes to build/reports, the full one to reports/, unless it
had to do without real data: then it leaves reports/ as it is and writes to
build/reports-drawn. Reports appear whole or not at all: a notebook that fails
leaves what was there before, and a second run of the same writes the same bytes: how
long notebooks took stands in build/reports-state.json alone. Notebooks whose code, kernel, data and settings
did not change since their last report are not executed again (--force does).
With --recompute the tables of scores are computed from the images first, into
build/scores-tables, where the notebooks then read them: hours instead of minutes.
"""

import argparse
import contextlib
import hashlib
import json
import os
import platform
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from importlib import metadata
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

import nbpage
import nbrun

ROOT = Path(__file__).resolve().parent.parent
TOOLS = Path(__file__).resolve().parent
PACKAGES = ["jupyterlab", "nbclient", "nbconvert"]
TIMEOUTS = {"quick": 300, "full": 3 * 3600}


class Refused(Exception):
    """A run that was not begun, or ended, for a reason that says what to do."""


def main(argv=None):
    args = parse(argv)
    try:
        with terminable():
            return reports(args)
    except (nbrun.Failed, Refused) as e:
        print(f"reports: {e}", file=sys.stderr)
    except (ValueError, OSError, NoSuchKernel) as e:
        print(f"reports: {type(e).__name__}: {e}", file=sys.stderr)
    except KeyboardInterrupt:
        print("reports: interrupted; the reports that were there are as they were", file=sys.stderr)
        return 130
    return 1


@contextlib.contextmanager
def terminable():
    """Makes SIGTERM and SIGINT end the work as Ctrl-C does, with the kernel and
    the temporary folder gone. A shell starts background jobs with SIGINT
    ignored; Python would leave it so."""

    def stop(number, frame):
        raise KeyboardInterrupt

    old = {s: signal.signal(s, stop) for s in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for s, handler in old.items():
            signal.signal(s, handler)


def parse(argv):
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("notebooks", nargs="*", type=Path, help="default: notebooks/[0-9]*.ipynb")
    p.add_argument("--profile", choices=sorted(TIMEOUTS), default="full")
    p.add_argument("--out", type=Path, help="folder of the reports")
    p.add_argument("--write-back", action="store_true", help="put the outputs into the notebooks themselves")
    p.add_argument("--recompute", action="store_true", help="compute the tables of scores from the images")
    p.add_argument("--kernel", help="name of the kernel, instead of the notebooks' own")
    p.add_argument("--timeout", type=float, help="seconds for one notebook")
    p.add_argument("--force", action="store_true", help="execute notebooks that did not change, too")
    p.add_argument("--root", type=Path, default=ROOT, help=argparse.SUPPRESS)
    args = p.parse_args(argv)
    args.root = args.root.resolve()
    args.timeout = args.timeout or TIMEOUTS[args.profile]
    args.tables = args.root / "build" / "scores-tables" if args.recompute else None
    if not args.notebooks:
        args.notebooks = sorted((args.root / "notebooks").glob("[0-9]*.ipynb"))
    if not args.notebooks:
        p.error("there are no notebooks")
    return args


def reports(args):
    out = args.out or args.root / ("reports" if args.profile == "full" else "build/reports")
    drawn = args.out or args.root / ("build/reports-drawn" if args.profile == "full" else "build/reports")
    for target in {out, drawn}:
        check_target(target)  # before hours of work
    state = State(args.root / "build" / "reports-state.json")
    work = Path(tempfile.mkdtemp(prefix="nngplab-reports-"))
    try:
        (work / "figures").mkdir()
        if args.tables:
            compute_tables(args)
        books, executed, keys = {}, {}, {}
        with nbrun.Beat(lambda: f"reports: {len(keys)} of {len(args.notebooks)} notebooks looked at for changes") as beat:
            beat.line(f"reports: looking what has changed since the last {args.profile} run")
            for path in args.notebooks:
                keys[path] = fingerprint(path, args)
                old = None if args.force or args.write_back else state.kept(args.profile, path.stem, keys[path])
                if old:
                    books[path.stem] = reuse(path.stem, old, work)
        due = [path for path in args.notebooks if not books.get(path.stem)]
        fresh, forecast = len(due), Forecast(due, state, args)
        forecast.announce()
        for path in due:
            nb, books[path.stem] = execute(path, args, work, forecast)
            executed[path] = nb
        for path in args.notebooks:
            books[path.stem]["fingerprint"] = keys[path]
        real = all(d["real"] for b in books.values() for d in b["data"])
        target = out if real else drawn
        report = describe(args, books)
        (work / "results.json").write_text(json.dumps(report, indent=1, ensure_ascii=False, sort_keys=False) + "\n")
        (work / "README.md").write_text(nbpage.index(report))
        place(work, target)
        state.keep(args.profile, target, books)
        if args.write_back:
            write_back(executed, real)
        if not real:
            print("reports: some data sets were drawn, not real: see the index", file=sys.stderr)
        note = f"{fresh} of {len(books)} notebooks executed" if fresh else "nothing had changed"
        print(f"reports: {shown(target, args.root)}/README.md ({note})")
        return 0
    finally:
        shutil.rmtree(work, ignore_errors=True)


def compute_tables(args):
    """Computes every table of scores; what is computed is kept, so that a second
    run goes on from there."""
    program = args.root / "bin" / "nngplab"
    began = time.monotonic()
    with nbrun.Beat(lambda: f"scores compute all: at work for {time.monotonic() - began:.0f} s; hours in all, and what is computed is kept"):
        done = subprocess.run([program, "scores", "compute", "all", "--out", args.tables], cwd=args.root)
    if done.returncode:
        raise Refused(f"{program} scores compute all: exit status {done.returncode}")


# The quick profile takes this part of the time of the full one.
QUICK = 0.6


class Forecast:
    """Says how long notebooks will take: by earlier runs here, or else by what is usual
    (usual_seconds.json, on two idle cores). Once some have ended, the others are taken to
    be as much slower or faster as those were."""

    def __init__(self, paths, state, args):
        usual = json.loads((TOOLS / "usual_seconds.json").read_text())
        share = QUICK if args.profile == "quick" else 1
        mean = sum(usual.values()) / len(usual)
        self.expected = {p: state.seconds(args.profile, p.stem) or share * usual.get(p.stem, mean) for p in paths}
        self.left = list(paths)
        self.took = self.stated = 0

    def announce(self):
        if self.left:
            n = len(self.left)
            print(f"reports: {n} notebook{'s' * (n > 1)} to execute, {about(sum(self.expected.values()))}", file=sys.stderr, flush=True)

    def ended(self, path, seconds):
        self.left.remove(path)
        self.took += seconds
        self.stated += self.expected[path]

    def text(self, path, seconds):
        """Returns what is left in all, where the notebook at path has run for so long."""
        pace = self.took / self.stated if self.stated else 1
        this = max(pace * self.expected[path] - seconds, 0)
        return f"{about(this + pace * sum(self.expected[p] for p in self.left if p != path))} left in all"


def about(seconds):
    return f"about {seconds:.0f} s" if seconds < 100 else f"about {seconds / 60:.0f} min"


def execute(path, args, work, forecast):
    results = work / f"{path.stem}.jsonl"
    figures = work / "figures"
    before = {f.name for f in figures.iterdir()}
    env = {
        "NNGPLAB_PROFILE": args.profile,
        "NNGPLAB_RESULTS": str(results),
        "NNGPLAB_FIGURES": str(figures),
        "NNGPLAB_TABLES": str(args.tables or ""),
    }
    began = time.monotonic()
    nb = nbrun.run(path, env=env, timeout=args.timeout, kernel=args.kernel, left=lambda seconds: forecast.text(path, seconds))
    took = time.monotonic() - began
    forecast.ended(path, took)
    nb = nbrun.tidy(nb, nbrun.places(args.root))
    found = nbpage.read_results(results)
    results.unlink(missing_ok=True)
    note = f"{args.profile} profile" + (", scores computed from the images" if args.recompute else "")
    (work / f"{path.stem}.html").write_text(nbpage.page(nb, note))
    new = [f for f in figures.iterdir() if f.name not in before and f.suffix == ".svg"]
    new.sort(key=lambda f: (f.stat().st_mtime_ns, f.name))
    return nb, {
        "title": nbpage.title(nb),
        "summary": nbpage.summary(nb),
        "answer": nbpage.answer(nb),
        "seconds": float(f"{took:.2g}"),  # kept in the state, not in the report
        "data": found["data"],
        "figures": [f.stem for f in new],
        "results": found["result"],
    }


def reuse(name, old, work):
    """Copies the report of an unchanged notebook; None if it is incomplete."""
    folder = Path(old["folder"])
    files = [Path(f"{name}.html")]
    files += [Path("figures") / f"{fig}{ext}" for fig in old["book"]["figures"] for ext in (".svg", ".png")]
    if not all((folder / f).exists() for f in files):
        return None
    for f in files:
        shutil.copy(folder / f, work / f)
    return dict(old["book"])


def describe(args, books):
    versions = {
        "profile": args.profile,
        "Go": kernel_version(args),
        "Python": platform.python_version(),
        "platform": f"{sys.platform}/{platform.machine()}, {os.cpu_count()} logical cores",
    }
    for name in PACKAGES:
        versions[name] = metadata.version(name)
    return {
        "command": f"make reproduce PROFILE={args.profile}" + (" RECOMPUTE=1" if args.recompute else ""),
        "versions": {k: v for k, v in versions.items() if v},
        "notebooks": {
            name: {k: v for k, v in b.items() if k not in ("fingerprint", "seconds")} for name, b in sorted(books.items())
        },
    }


def kernel_file(args, path):
    """Returns the executable of the kernel that a notebook asks for."""
    name = args.kernel or nbformat.read(path, as_version=4).metadata.kernelspec.name
    argv = KernelSpecManager().get_kernel_spec(name).argv
    return Path(argv[0])


def kernel_version(args):
    """Returns the version of the Go toolchain that built the kernel."""
    exe = kernel_file(args, args.notebooks[0])
    if not exe.is_file():
        return ""
    data = exe.read_bytes()
    at = data.find(b"\xff Go buildinf:")
    if at < 0:
        return ""
    length = data[at + 32]
    return data[at + 33 : at + 33 + length].decode("ascii", "replace")


def fingerprint(path, args):
    """Returns a digest of all that decides what a notebook's report says."""
    h = hashlib.sha256()

    def add(*parts):
        for p in parts:
            p = p if isinstance(p, bytes) else str(p).encode()
            h.update(len(p).to_bytes(8, "big") + p)

    nb = nbformat.read(path, as_version=4)
    for cell in nb.cells:
        add(cell.cell_type, cell.source)
    exe = kernel_file(args, path)
    add(args.profile, args.recompute, args.kernel or "", exe.read_bytes() if exe.is_file() else str(exe))
    for f in sorted(TOOLS.glob("*.py")) + sorted((TOOLS / "template").iterdir()):
        add(f.read_bytes())
    for name in PACKAGES:
        add(metadata.version(name))
    for folder in os.environ.get("NNGPLAB_DATA", "").split(os.pathsep):
        for base, dirs, files in os.walk(folder) if folder else []:
            dirs.sort()
            for f in sorted(files):
                info = os.stat(os.path.join(base, f))
                add(os.path.join(base, f), info.st_size, info.st_mtime_ns)
    for base in ("datasets",):
        for f in sorted((args.root / base).rglob("*")):
            if f.is_file():
                add(f.relative_to(args.root), f.read_bytes())
    return h.hexdigest()


class State:
    """Remembers which reports are where, by the fingerprints of notebooks."""

    def __init__(self, path):
        self.path = path
        try:
            self.entries = json.loads(path.read_text())
        except (OSError, ValueError):
            self.entries = {}

    def kept(self, profile, name, key):
        entry = self.entries.get(f"{profile}/{name}")
        return entry if entry and entry["fingerprint"] == key else None

    def seconds(self, profile, name):
        """Returns how long a notebook took the last time; None where that is unknown."""
        try:
            return float(self.entries[f"{profile}/{name}"]["book"]["seconds"])
        except (KeyError, TypeError, ValueError):
            return None

    def keep(self, profile, folder, books):
        for name, book in books.items():
            book = dict(book)
            self.entries[f"{profile}/{name}"] = {
                "fingerprint": book.pop("fingerprint"),
                "folder": str(folder),
                "book": book,
            }
        self.path.parent.mkdir(parents=True, exist_ok=True)
        replace(self.path, json.dumps(self.entries, indent=1))


def written(folder):
    """Returns the files, by their paths within it, that an earlier run wrote into
    a folder of reports, as its results.json says; none where it has no such file."""
    try:
        notebooks = json.loads((folder / "results.json").read_text())["notebooks"]
        files = {"README.md", "results.json"}
        for name, book in notebooks.items():
            files.add(f"{name}.html")
            files.update(f"figures/{f}{ext}" for f in book["figures"] for ext in (".svg", ".png"))
        return files
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return set()


def check_target(target):
    """Refuses a folder that holds something and no reports."""
    if target.exists() and not (target.is_dir() and (not any(target.iterdir()) or written(target))):
        raise Refused(f"{target} holds no reports of earlier runs, and is left as it is: choose another --out")


def discard(folder):
    """Removes the reports in a folder, and it if nothing else is there."""
    for name in written(folder):
        (folder / name).unlink(missing_ok=True)
    for d in (folder / "figures", folder):
        with contextlib.suppress(OSError):
            d.rmdir()


def place(work, target):
    """Puts the folder work in the place of the folder target. Files in there that
    no run wrote stay."""
    target.parent.mkdir(parents=True, exist_ok=True)
    old = target.parent / f".{target.name}.old"
    if written(old) and not target.exists():  # a run was killed between two renamings
        old.rename(target)
    check_target(target)
    discard(old)
    if old.exists():
        raise Refused(f"{old} is in the way: move it away")
    new = Path(tempfile.mkdtemp(prefix=f".{target.name}.new.", dir=target.parent))
    try:
        shutil.copytree(work, new, dirs_exist_ok=True)
        if target.exists():
            ours = written(target)
            for path in sorted(target.rglob("*")):
                rel = path.relative_to(target)
                if path.is_dir() and not path.is_symlink():
                    (new / rel).mkdir(exist_ok=True)
                elif rel.as_posix() not in ours and not (new / rel).exists():
                    shutil.copy2(path, new / rel, follow_symlinks=False)
        new.chmod(0o755)  # a temporary folder is its owner's alone
        if target.exists():
            target.rename(old)
        new.rename(target)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise
    shutil.rmtree(old, ignore_errors=True)  # all that is not of the runs was copied


def replace(path, text):
    tmp = path.with_name(f".{path.name}.new")
    tmp.write_text(text)
    os.replace(tmp, path)


def write_back(executed, real):
    if not real:
        raise ValueError("the notebooks were left as they are: some of their data were drawn, not real")
    for path, nb in executed.items():
        replace(path, nbformat.writes(nb) + "\n")
        print(f"reports: outputs written into {path.name}")


def shown(path, root):
    try:
        return path.resolve().relative_to(root)
    except ValueError:
        return path


if __name__ == "__main__":
    sys.exit(main())
