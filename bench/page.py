"""What the benchmarks share: sections of docs/PERFORMANCE.md, the machine's
description, helpers that answer commands, and the private environment that
holds the peers."""
import json
import os
import platform
import subprocess
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(HERE)
PAGE = os.path.join(ROOT, "docs", "PERFORMANCE.md")
# The environment of bench/requirements.txt, apart from the notebooks' .venv.
VENV = os.path.join(ROOT, "build", "peers")

def enter_environment():
    """Goes on in the environment of bench/requirements.txt, made where it is
    missing or old: the running script starts anew with its Python."""
    if os.path.realpath(sys.prefix) == os.path.realpath(VENV):
        return
    subprocess.run([os.path.join(ROOT, "tools", "venv.sh"), VENV, os.path.join(HERE, "requirements.txt")], check=True)
    python = os.path.join(VENV, "bin", "python")
    os.execv(python, [python] + sys.argv)


def place(page, name, text):
    """Returns the page with the section between the marks of name replaced by
    text, or appended."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    block = "\n".join([begin, text.strip(), "", end])
    if begin not in page:
        return page.rstrip() + "\n\n" + block + "\n"
    head, rest = page.split(begin, 1)
    if end not in rest:
        raise ValueError(f"{PAGE}: {begin} without {end}")
    return head + block + rest.split(end, 1)[1]


def replace(path, text):
    """Writes a file so that it is whole at any time."""
    part = path + ".part"
    with open(part, "w") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.replace(part, path)


def write(name, text):
    """Puts a section into docs/PERFORMANCE.md: whole, or not at all."""
    with open(PAGE) as f:
        page = f.read()
    replace(PAGE, place(page, name, text))


def of_machine(name, text, machine):
    """Returns the name and the text of a section as those of another machine
    than the usual one."""
    if not machine:
        return name, text
    head, rest = text.replace("    make peers", f'    make peers PEERS="--machine {machine}"', 1).split("\n", 1)
    return f"{name} {machine}", f"{head} ({machine})\n{rest}"


def table(heads, rows):
    """Returns the lines of a Markdown table; all columns but the first are
    numbers."""
    line = lambda cells: "| " + " | ".join(str(c) for c in cells) + " |"
    return [line(heads), "|---|" + "---:|" * (len(heads) - 1)] + [line(r) for r in rows]


def processor():
    """Returns the processor's name and the number of logical cores."""
    try:
        with open("/proc/cpuinfo") as f:
            names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
        return f"{names[0]}, {len(names)} logical cores"
    except (OSError, IndexError):
        return f"{platform.machine()}, {os.cpu_count()} logical cores"


def build(command, folder):
    """Builds a Go command of this repository, such as ./bench/stats, into the
    folder and returns its path."""
    exe = os.path.join(folder, os.path.basename(command))
    subprocess.run(["go", "build", "-o", exe, command], cwd=ROOT, check=True)
    return exe


def run(*args, **kw):
    """Runs a command that prints one JSON value and returns that."""
    return json.loads(subprocess.run(args, check=True, stdout=subprocess.PIPE, text=True, **kw).stdout)


# Variables that hold OpenBLAS to kernels other than the best of the processor.
BLAS_LIMITS = ["OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE"]


def environment(threads):
    """Returns the environment of a process that may use so many threads."""
    env = {k: v for k, v in os.environ.items() if k not in BLAS_LIMITS}
    for k in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GOMAXPROCS"]:
        env[k] = str(threads)
    return env


class Helper:
    """A process that answers a JSON command a line, on the first threads
    processors of those that this process may use."""

    def __init__(self, args, threads):
        cpus = sorted(os.sched_getaffinity(0))[:threads]
        if len(cpus) < threads:
            raise SystemExit(f"{threads} threads asked for, {len(cpus)} processors at hand")
        self.args = args
        self.process = subprocess.Popen(
            args, cwd=ROOT, env=environment(threads), text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            preexec_fn=lambda: os.sched_setaffinity(0, cpus))

    def ask(self, op, **kw):
        try:
            self.process.stdin.write(json.dumps(dict(op=op, **kw)) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass  # its own message says why
        line = self.process.stdout.readline()
        if not line:
            raise SystemExit(f"{' '.join(self.args)} ended with status {self.process.wait()} at {op!r}")
        return json.loads(line)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        if self.process.wait(60) and sys.exc_info()[0] is None:
            raise SystemExit(f"{' '.join(self.args)} ended with status {self.process.returncode}")
