"""The notebooks of NAS-Bench-101 without any data but what a mirror on this machine has:
files in the forms in which others published them, made of the real tables."""

import base64
import contextlib
import csv
import hashlib
import http.server
import io
import json
import os
import pickle
import re
import struct
import subprocess
import sys
import tarfile
import tempfile
import threading
import unittest
import zipfile
from pathlib import Path

TOOLS = Path(__file__).resolve().parent
ROOT = TOOLS.parent
NOTEBOOKS = ["02", "03", "04", "05", "06", "09", "10", "14"]


def data_folder():
    """The folder that has the real tables, None where there is none."""
    folders = os.environ.get("NNGPLAB_DATA", "").split(os.pathsep) + [str(ROOT.parent / "shared" / "data")]
    for folder in folders:
        if folder and (Path(folder) / "nasbench101" / "uniform_subset.csv").is_file():
            return Path(folder)
    return None


# NASLib's and nc_nasbench's numbers of operations.
NASLIB = {"input": 0, "output": 1, "maxpool3x3": 2, "conv1x1-bn-relu": 3, "conv3x3-bn-relu": 4}
NC = {"input": -1, "output": -2, "conv3x3-bn-relu": 0, "conv1x1-bn-relu": 1, "maxpool3x3": 2}


def rows(folder, name, source=None):
    with open(folder / "nasbench101" / name, newline="") as f:
        return [r for r in csv.DictReader(f) if source in (None, r.get("source"))]


def cell(row):
    """The matrix and the operations of a row."""
    n = int(row["n_vertices"])
    digits = [int(d) for d in row["adjacency_rowmajor"]]
    return [digits[i * n:i * n + n] for i in range(n)], row["ops"].split(";")


def naslib_key(row):
    matrix, ops = cell(row)
    return str(tuple([v for r in matrix for v in r] + [NASLIB[o] for o in ops]))


def naslib_json(folder):
    """zc_nasbench101.json. JSON has no key twice: further rows of a cell get blanks."""
    proxies = {r["module_hash"]: r for r in rows(folder, "proxies_official.csv")}
    cells = {}
    for r in rows(folder, "official_subset.csv", "NASLib-zc500"):
        p = {k: float(v) for k, v in proxies[r["module_hash"]].items() if k not in ("module_hash", "rows", "val108_mean")}
        p["params"] = int(r["trainable_parameters"]) / 1e6
        key = naslib_key(r)
        while key in cells:
            key = key.replace("(", "( ", 1)
        cells[key] = {**p, "val_accuracy": 100 * float(r["val108"])}
    return json.dumps({"nasbench101": {"cifar10": cells}}).encode()


def naslib_pickle(folder, half):
    found = {}
    for r in rows(folder, "official_subset.csv", "NASLib-dummy"):
        matrix, ops = cell(r)
        fixed = {"module_adjacency": matrix, "module_operations": ops, "trainable_parameters": int(r["trainable_parameters"])}
        run = {"halfway_training_time": 1.0, "halfway_train_accuracy": 0.5, "halfway_validation_accuracy": float(r["half_val108"]),
               "halfway_test_accuracy": float(r["half_test108"]), "final_training_time": float(r["time108_s"]), "final_train_accuracy": float(r["train108"]),
               "final_validation_accuracy": float(r["val108"]), "final_test_accuracy": float(r["test108"])}
        found.setdefault(r["module_hash"], (fixed, {108: []}))[1][108].append(run)
    return pickle.dumps(dict(list(found.items())[half::2]), protocol=4)


def zen(folder):
    known = {r["module_hash"]: r for name in ("official_subset.csv", "uniform_subset.csv", "retrained.csv") for r in rows(folder, name)}
    scores = [{"idx": i, "arch": naslib_key(known[r["module_hash"]]), "zen": {"score": float(r["zen"]), "time": 1}}
              for i, r in enumerate(rows(folder, "zen_naslib.csv")) if r["module_hash"] in known]
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as z:
        z.writestr("zen/benchmark--nasbench101--cifar10--0.json", json.dumps(scores))
    return out.getvalue()


def gennas(folder):
    return json.dumps([[list(cell(r)), float(r["test108"])] for r in rows(folder, "uniform_subset.csv")]).encode()


def crc32c_table():
    table = []
    for n in range(256):
        for _ in range(8):
            n = n >> 1 ^ (0x82F63B78 if n & 1 else 0)
        table.append(n)
    return table


CRC32C = crc32c_table()


def masked(data):
    c = 0xFFFFFFFF
    for b in data:
        c = CRC32C[(c ^ b) & 255] ^ c >> 8
    c ^= 0xFFFFFFFF
    return struct.pack("<I", ((c >> 15 | c << 17) + 0xA282EAD8) & 0xFFFFFFFF)


def varint(n):
    out = b""
    while n > 127:
        out, n = out + bytes([n & 127 | 128]), n >> 7
    return out + bytes([n])


def records(chosen):
    """Rows in the layout of the official files."""
    out = b""
    for r in chosen:
        end = [float(r[k]) for k in ("epochs", "training_time_s", "train_accuracy", "validation_accuracy", "test_accuracy")]
        proto = b""
        for point in ([0.0] * 5, [end[0] / 2, end[1] / 2, 0.1, 0.1, 0.1], end):
            values = b"".join(bytes([8 * f + 1]) + struct.pack("<d", v) for f, v in enumerate(point, 1))
            proto += b"\x0a" + varint(len(values)) + values
        proto += b"\x10" + varint(int(r["trainable_parameters"]))
        text = json.dumps([r["module_hash"], int(r["epochs"]), r["adjacency_rowmajor"], r["ops"].replace(";", ","), base64.b64encode(proto).decode()]).encode()
        length = struct.pack("<Q", len(text))
        out += length + masked(length) + text + masked(text)
    return out


def trainings(folder):
    """The archive of nc_nasbench, with more in it than is wanted; and its files."""
    files, graphs = {"LICENSE": b"Apache", "logs/a:b.log": b"?"}, {}
    for r in rows(folder, "retrained.csv", "nc_nasbench"):
        matrix, ops = cell(r)
        graphs[r["module_hash"]] = [matrix, [NC[o] for o in ops]]
        end = {"epochs": int(r["epochs"]), "training_time": float(r["training_time_s"]), "train_accuracy": float(r["train_accuracy"]),
               "validation_accuracy": float(r["validation_accuracy"]), "test_accuracy": float(r["test_accuracy"])}
        name = f"{r['space']}/{r['epochs']}_epochs/{r['module_hash'][:2]}/{r['module_hash']}/repeat_{r['repeat']}/results.json"
        files["nasbench/data/train_model_results/carbon/" + name] = json.dumps(
            {"trainable_params": int(r["trainable_parameters"]), "evaluation_results": [{"epochs": 0}, end]}).encode()
    files["nasbench/data/graphs/generated_graphs_5V9E.json"] = json.dumps(graphs).encode()
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo("nc_nasbench-0/" + name)
            info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return out.getvalue(), files


def sha(data):
    return hashlib.sha256(data).hexdigest()


def originals(folder):
    """The files of each data set, and the files within its archive."""
    archive, inside = trainings(folder)
    return {
        "nasbench101-uniform": {"nasbench1_2500.json": gennas(folder)},
        "nasbench101-official": {"zc_nasbench101.json": naslib_json(folder), "nb101_dummy.pkl": naslib_pickle(folder, 0), "nb101_dummy_lists.pkl": naslib_pickle(folder, 1)},
        "nasbench101-zen": {"nb101_zen.zip": zen(folder)},
        "nasbench101-nc": {"nc_nasbench.tar.gz": archive},
        "nasbench101-ecnas": {"energy_4V9E_4epochs.tfrecord": (folder / "nasbench101" / "retrained_4v9e.tfrecord").read_bytes(),
                              "energy_5V9E_4epochs.tfrecord": records(r for r in rows(folder, "retrained.csv", "EC-NAS-Bench") if r["space"] == "5V9E")},
    }, inside


def overlay(sets, inside, folder):
    """Writes manifests that know the sizes and digests of these files, and a file for
    go build -overlay that puts them in the place of the real ones."""
    replaced = {}
    for name, files in sets.items():
        real = ROOT / "datasets" / "manifests" / f"{name}.json"
        manifest = json.loads(real.read_text())
        for source in manifest["sources"]:
            if source["bytes"]:
                source["bytes"], source["sha256"] = len(files[source["file"]]), sha(files[source["file"]])
        for f in manifest.get("files", []):
            f["bytes"], f["sha256"] = len(inside[f["path"]]), sha(inside[f["path"]])
        for tree in manifest.get("trees", []):
            start = tree["pattern"].split("*")[0]
            found = sorted(n for n in inside if n.startswith(start))
            lines = "".join(f"{sha(inside[n])}  {len(inside[n])}  {n}\n" for n in found)
            assert len(found) == tree["files"], (start, len(found))
            tree["bytes"], tree["sha256"] = sum(len(inside[n]) for n in found), sha(lines.encode())
        (folder / f"{name}.json").write_text(json.dumps(manifest))
        replaced[str(real)] = str(folder / f"{name}.json")
    (folder / "overlay.json").write_text(json.dumps({"Replace": replaced}))
    return folder / "overlay.json"


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):
        pass


@contextlib.contextmanager
def mirror(folder):
    """Serves a folder, and gives its address."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), lambda *a: Quiet(*a, directory=folder))
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@unittest.skipUnless(data_folder(), "the real tables are in no folder of NNGPLAB_DATA")
class Mirror(unittest.TestCase):
    def test_every_figure(self):
        with tempfile.TemporaryDirectory(prefix="nngplab-test-") as folder:
            folder = Path(folder)
            sets, inside = originals(data_folder())
            for name, files in sets.items():
                (folder / "mirror" / name).mkdir(parents=True)
                for file, data in files.items():
                    (folder / "mirror" / name / file).write_bytes(data)
            program = folder / "nngplab"
            run([os.environ.get("GO", "go"), "build", "-overlay", overlay(sets, inside, folder), "-o", program, "./cmd/nngplab"])
            env = dict(os.environ, NNGPLAB_DATA="", NNGPLAB_OFFLINE="", XDG_CACHE_HOME=str(folder / "cache"), NNGPLAB_SCORES=str(folder / "scores"))
            fetch = [program, "data", "fetch", "--small", "--try"]
            with mirror(folder / "mirror") as address:
                env["NNGPLAB_MIRROR"] = address
                said = run(fetch, env)
            for name in ("uniform", "official", "zen", "nc", "ecnas"):
                self.assertIn(f"fetched nasbench101-{name}: ", said)
            env.pop("NNGPLAB_MIRROR")
            env["NNGPLAB_OFFLINE"] = "1"
            self.assertNotIn("nasbench101", run(fetch, env))  # nothing twice
            books = sorted(p for p in (ROOT / "notebooks").glob("[0-9]*.ipynb") if p.name[:2] in NOTEBOOKS)
            run([sys.executable, TOOLS / "reports.py", "--profile", "quick", "--root", ROOT, "--out", folder / "reports", "--force", *books], env)
            drawn = json.loads((folder / "reports" / "results.json").read_text())["notebooks"]
            for path in books:
                text = "".join("".join(c["source"]) for c in json.loads(path.read_text())["cells"])
                wanted = re.findall(r'Publish\("(\w+)"\)', text)
                self.assertEqual(sorted(drawn[path.stem]["figures"]), sorted(set(wanted)))
                for name in wanted:
                    svg = (folder / "reports" / "figures" / f"{name}.svg").read_text()
                    self.assertNotIn("No table of trained accuracies", svg, name)
                self.assertTrue(drawn[path.stem]["answer"], path.stem)
            # SciPy's kendalltau of parameters and accuracy in the tables themselves.
            found = {r["name"]: r.get("value") for r in drawn["02_nasbench101"]["results"]}
            self.assertAlmostEqual(found["02.official.tau.parameters"], 0.402, 3)
            self.assertAlmostEqual(found["02.retrained.tau.parameters"], 0.541, 3)


def run(command, env=None):
    done = subprocess.run([str(c) for c in command], cwd=ROOT, env=env, capture_output=True, text=True)
    if done.returncode:
        raise AssertionError(f"{command}: exit status {done.returncode}\n{done.stdout[-3000:]}\n{done.stderr[-3000:]}")
    return done.stdout + done.stderr


if __name__ == "__main__":
    unittest.main()
