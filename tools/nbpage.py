"""Turns executed notebooks into self-contained pages, and writes their index."""

import json
import math
import re
from pathlib import Path

from nbconvert import HTMLExporter

HERE = Path(__file__).resolve().parent


def page(nb, note):
    """Returns one HTML page without scripts or addresses of other machines."""
    exporter = HTMLExporter(
        template_name="template",
        extra_template_basedirs=[str(HERE)],
        filters={"bare_svg": bare_svg},
        exclude_anchor_links=True,
    )
    css = (HERE / "template" / "page.css").read_text()
    resources = {"page_css": css, "page_title": title(nb), "page_note": note}
    html, _ = exporter.from_notebook_node(nb, resources=resources)
    found = foreign(html)
    if found:
        raise ValueError(f"the page would load {found[0]!r} from elsewhere")
    # Notebooks link to each other, pages to each other's pages.
    html = re.sub(r'(<a href="[\w./-]+)\.ipynb(#[^"]*)?"', r'\1.html\2"', html)
    return "\n".join(line.rstrip() for line in html.splitlines()) + "\n"


def bare_svg(svg):
    """Returns an SVG document without its prolog, to stand inside HTML."""
    if isinstance(svg, list):
        svg = "".join(svg)
    return svg[svg.index("<svg") :]


def foreign(html):
    """Returns what a browser would fetch from elsewhere to show the page:
    links that a reader follows are not among it."""
    html = re.sub(r"""data:[\w/+.-]+;base64,[\w+/=]+""", "data:", html)
    loads = re.compile(
        r"""<script\b|<link\b[^>]*|<(?:img|iframe|source|embed|object|image|use)\b[^>]*?"""
        r"""(?:src|href|data|xlink:href)\s*=\s*["']?(?:https?:)?//[^"'\s>]*|@import[^;]*|url\(\s*["']?(?:https?:)?//[^)]*""",
        re.I,
    )
    return [m.group(0) for m in loads.finditer(html)]


def title(nb):
    for cell in nb.cells:
        if cell.cell_type == "markdown":
            for line in cell.source.splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return "untitled"


def summary(nb):
    """Returns the first sentence below the title."""
    for cell in nb.cells:
        if cell.cell_type != "markdown":
            continue
        for block in re.split(r"\n\s*\n", cell.source):
            block = " ".join(block.split())
            if block and not block.startswith(("#", "|", "-", "*", "!", ">", "`")):
                return re.match(r".*?[.?!](?=\s|$)|.*", block).group(0)
    return ""


def answer(nb):
    """Returns the first sentence of the section that says what it all means: of its
    text, or of what the code cell below it says."""
    for cell, after in zip(nb.cells, [*nb.cells[1:], None]):
        if cell.cell_type != "markdown":
            continue
        found = re.search(r"^## What this says\s*(?:\n(.*))?$", cell.source, re.M | re.S)
        if found:
            text = (found.group(1) or "").strip() or said(after)
            block = " ".join(re.split(r"\n\s*\n", text)[0].split())
            return re.match(r".*?[.?!](?=\s+[A-Z\[]|$)|.*", block).group(0)
    return ""


def said(cell):
    """Returns the text that a code cell shows as Markdown, "" where there is none."""
    if cell is None or cell.cell_type != "code":
        return ""
    texts = [o.data["text/markdown"] for o in cell.outputs if "text/markdown" in o.get("data", {})]
    return texts[-1].strip() if texts else ""


def rounded(x):
    """Rounds to six significant digits: what lies beyond depends on the
    processor's order of summation. What is no number becomes None."""
    if isinstance(x, float):
        if not math.isfinite(x):
            return None
        x = float(f"{x:.6g}")
        return int(x) if x.is_integer() and abs(x) < 1e15 else x
    return x


def read_results(path):
    """Reads the lines that a notebook recorded, as lists by their kind:
    results and data sets."""
    found = {"result": [], "data": []}
    seen = {}
    if not path.exists():
        return found
    for number, line in enumerate(path.read_text().splitlines(), 1):
        try:
            entry = json.loads(line)
            kind = entry.pop("kind")
            key = kind, entry["name"]
        except (ValueError, KeyError, TypeError, AttributeError) as e:
            raise ValueError(f"{path.name}, line {number}: {e!r}") from None
        entry = {k: rounded(v) for k, v in entry.items()}
        if seen.setdefault(key, entry) != entry:
            raise ValueError(f"{path.name}, line {number}: {kind} {entry['name']!r} is recorded twice, with different values")
        if kind not in found:
            raise ValueError(f"{path.name}, line {number}: {kind!r} is no kind of record")
        if entry not in found[kind]:
            found[kind].append(entry)
    return found


def index(report):
    """Returns the index of a report in Markdown."""
    books = report["notebooks"]
    lines = [
        "# Reports",
        "",
        f"Written by `{report['command']}`. Each page is one executed notebook, complete in one file; "
        "[results.json](results.json) holds every number that the notebooks state.",
    ]
    for name, b in books.items():
        lines += _exhibit(name, b)
    for name, b in books.items():
        lines += ["", f"## {b['title']}", ""]
        for fig in b["figures"]:
            lines += [f"![{fig}](figures/{fig}.svg)", ""]
        key = [r for r in b["results"] if not r.get("detail")]
        if key:
            lines += ["| result | value | 95 % interval | n |", "|---|---:|---:|---:|"]
            lines += [_row(r) for r in key]
        if len(key) < len(b["results"]):
            lines += ["", f"{len(b['results']) - len(key)} more are in [results.json](results.json)."]
    lines += ["", "## Data", "", "| what | data | real | notebooks |", "|---|---|---|---|"]
    lines += _data(books)
    lines += ["", "## Made with", "", "| | |", "|---|---|"]
    lines += [f"| {_cell(k)} | {_cell(v)} |" for k, v in report["versions"].items()]
    return "\n".join(lines) + "\n"


def _data(books):
    """Returns a row for each set of data, with the notebooks that take it. How many rows of
    a table a notebook takes, which may begin its text, is said beside its figures."""
    users = {}
    for name, b in books.items():
        for d in b["data"]:
            text = re.sub(r"^[\d,]+ (?=\D)", "", d["text"])
            notebooks = users.setdefault((d["name"], text, d["real"]), [])
            short = name.split("_")[0]
            if short not in notebooks:
                notebooks.append(short)
    return [f"| {_cell(what)} | {_cell(text)} | {'yes' if real else '**no**'} | {', '.join(notebooks)} |"
            for (what, text, real), notebooks in users.items()]


def _exhibit(name, b):
    """Returns a notebook's place in the gallery: what it asks, the first sentence of its
    answer, and its first picture."""
    lines = ["", f"### [{_cell(b['title'])}]({name}.html)", "", f"*{_cell(b['summary'])}*"]
    if b.get("answer"):
        lines[-1] += f" {_cell(b['answer'])}"
    if b["figures"]:
        fig = b["figures"][0]
        lines += ["", f'[<img src="figures/{fig}.png" alt="{fig}" width="560">]({name}.html)']
    return lines


def _row(r):
    value = r["text"] if r.get("text") else number(r.get("value"))
    interval = ""
    if r.get("lo") is not None and r.get("hi") is not None:
        interval = f"{number(r['lo'])} to {number(r['hi'])}"
    return f"| {_cell(r['name'])} | {_cell(value)} | {interval} | {r.get('n') or ''} |"


def number(x):
    if x is None:
        return "undefined"
    if isinstance(x, int) or float(x).is_integer() and abs(x) < 1e9:
        return str(int(x))
    return f"{x:.4g}"


def _cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")
