"""Sections of docs/PERFORMANCE.md: each lies between marks of its name."""
import os
import platform

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
PAGE = os.path.join(ROOT, "docs", "PERFORMANCE.md")
START = ("# Performance\n\nEach section names the command that measured it and wrote it here. Machines differ\n"
         "and are noisy: the ratios carry over, the seconds do not.\n\n")


def processor():
    """What the machine is, for the text of a section."""
    try:
        with open("/proc/cpuinfo") as f:
            names = [line.split(":", 1)[1].strip() for line in f if line.startswith("model name")]
        return f"{names[0]}, {len(names)} logical cores"
    except (OSError, IndexError):
        return f"{platform.machine()}, {os.cpu_count()} logical cores"


def replace(path, text):
    """Write a file so that it is whole at any time."""
    part = path + ".part"
    with open(part, "w") as f:
        f.write(text)
        f.flush()
        os.fsync(f.fileno())
    os.replace(part, path)


def write(name, text):
    """Put a section into the page, in place of the one of that name."""
    begin, end = f"<!-- {name}: begin -->", f"<!-- {name}: end -->"
    page = START
    if os.path.exists(PAGE):
        with open(PAGE) as f:
            page = f.read()
    section = f"{begin}\n{text.strip()}\n\n{end}"
    if begin in page:
        head, rest = page.split(begin, 1)
        page = head + section + rest.split(end, 1)[1]
    else:
        page = page.rstrip() + "\n\n" + section + "\n"
    replace(PAGE, page)
