#!/usr/bin/env python3
"""Copies the notebooks, and what they link to, into a folder to work in.

    python tools/workspace.py FOLDER

A file of FOLDER that was changed since it was copied stays as it is, and so does
everything else in it; one that was not is replaced where the original is newer. A
file .nngplab-copies.json in FOLDER keeps what was copied. Tracked files are read only.
"""

import hashlib
import json
import shutil
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
RECORD = ".nngplab-copies.json"
# What notebooks link to, at the same places beside them.
PATTERNS = ["notebooks/*.ipynb", "reports/*", "docs/*.md", "datasets/README.md", "datasets/*/README.md", "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "LICENSE"]


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def sources(root):
    for pattern in PATTERNS:
        for path in sorted(root.glob(pattern)):
            if path.is_file():
                yield path
            elif path.is_dir():
                yield from (p for p in sorted(path.rglob("*")) if p.is_file())


def copy(root, folder):
    """Returns the paths that were copied, and those that were kept since somebody changed them."""
    root, folder = Path(root).resolve(), Path(folder).resolve()
    for inside in ("notebooks", "reports", "docs", "datasets", ".git"):
        if folder == root or folder == root / inside or root / inside in folder.parents:
            raise SystemExit(f"workspace: {folder} holds tracked files: name another folder with LABDIR=FOLDER")
    record_path = folder / RECORD
    record = json.loads(record_path.read_text()) if record_path.exists() else {}
    copied, kept = [], []
    for source in sources(root):
        name = source.relative_to(root).as_posix()
        target, want = folder / name, digest(source)
        if target.exists():
            have = digest(target)
            if have == want:
                record[name] = want
                continue
            if have != record.get(name):
                kept.append(name)
                continue
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(target.name + ".part")
        shutil.copyfile(source, part)
        part.replace(target)
        record[name] = want
        copied.append(name)
    folder.mkdir(parents=True, exist_ok=True)
    record_path.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")
    return copied, kept


def quiet(prefix):
    """Turns the prompts about news and updates off in an environment of our own."""
    settings = Path(prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
    if not settings.exists():
        settings.parent.mkdir(parents=True, exist_ok=True)
        off = {"@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False}}
        settings.write_text(json.dumps(off, indent=1) + "\n")


def main():
    if len(sys.argv) != 2:
        raise SystemExit(__doc__)
    copied, kept = copy(ROOT, sys.argv[1])
    notebooks = [n for n in kept if n.endswith(".ipynb")]
    print(f"working in {sys.argv[1]}: {len(copied)} files copied" + (f"; yours stay: {', '.join(notebooks)}" if notebooks else ""))
    if (Path(sys.prefix) / ".complete").exists():
        quiet(sys.prefix)


if __name__ == "__main__":
    main()
