"""Time corr and gp beside SciPy and scikit-learn: python bench/stats.py

Both sides get the same numbers and the same number of threads, take turns in
the same run, and must agree. Prints medians (and minima) of the rounds, and
their ratio; --json prints them as one object.
"""
import argparse
import json
import os
import subprocess
import sys
import tempfile
import time

p = argparse.ArgumentParser()
p.add_argument("--rounds", type=int, default=7)
p.add_argument("--threads", type=int, default=os.cpu_count())
p.add_argument("--pairs", type=int, default=423624, help="rows of the rank statistics")
p.add_argument("--train", type=int, default=2000)
p.add_argument("--val", type=int, default=500)
p.add_argument("--json", action="store_true")
args = p.parse_args()
for v in ["OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "GOMAXPROCS"]:
    os.environ[v] = str(args.threads)

import numpy as np
import scipy
import scipy.linalg as sl
import sklearn
from scipy import stats
from sklearn.metrics import roc_auc_score

r = np.random.default_rng(1)
x = r.normal(size=args.pairs)
y = np.round(x + r.normal(size=args.pairs), 2)
n, N = args.train, args.train + args.val
labels = r.integers(0, 10, N)
F = np.abs(r.normal(size=(N, 600)) + 0.15 * r.normal(size=(10, 600))[labels])
K = F @ F.T
K = (K + K.T) / 2
Y = np.eye(10)[labels] - 0.1
EPS = np.logspace(-7, 2, 20)


def sweep(loo):
    """The protocol: one Cholesky factorisation and solve an epsilon."""
    Kt, Kv = K[:n, :n], K[n:, :n]
    t = np.trace(Kt) / n
    best = 0.0
    for e in EPS:
        A = Kt.copy()
        A.flat[:: n + 1] += e * t
        c = sl.cho_factor(A, lower=True, overwrite_a=True, check_finite=False)
        a = sl.cho_solve(c, Y[:n], check_finite=False)
        best = max(best, ((Kv @ a).argmax(1) == labels[n:]).mean())
        if loo:
            inv, _ = sl.lapack.dpotri(c[0], lower=True)
            d = np.diag(inv)
            mu = Y[:n] - a / d[:, None]
            ((mu - Y[:n]) ** 2).mean()
    return best


PEER = {
    "tau": ("scipy.stats.kendalltau", lambda: stats.kendalltau(x, y).statistic),
    "spearman": ("scipy.stats.spearmanr", lambda: stats.spearmanr(x, y).statistic),
    "auc": ("sklearn.metrics.roc_auc_score", lambda: roc_auc_score(x > 0.5, y)),
    "sweep": ("scipy cho_factor + cho_solve, 20 epsilons", lambda: sweep(False)),
    "sweep-loo": ("the same + dpotri for leave-one-out", lambda: sweep(True)),
}

here = os.path.dirname(os.path.abspath(__file__))
rows = []
with tempfile.TemporaryDirectory() as tmp:
    exe = os.path.join(tmp, "stats")
    subprocess.run(["go", "build", "-o", exe, "."], cwd=os.path.join(here, "stats"), check=True)
    for name, a in [("x", x), ("y", y), ("kernel", K), ("labels", labels)]:
        np.ascontiguousarray(a, dtype="<f8").tofile(os.path.join(tmp, name))
    go = subprocess.Popen([exe, "-data", tmp, "-train", str(n)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    about = go.stdout.readline().strip()
    for op, (peer, f) in PEER.items():
        ours, theirs = [], []
        rounds = args.rounds if not op.startswith("sweep") else max(3, args.rounds // 2)
        for i in range(rounds + 1):
            t = time.perf_counter()
            b = f()
            theirs.append(time.perf_counter() - t)
            go.stdin.write(op + "\n")
            go.stdin.flush()
            s, a = map(float, go.stdout.readline().split())
            ours.append(s)
            if abs(a - b) > 1e-9:
                sys.exit(f"{op}: {a} here, {b} from {peer}")
        ours, theirs = ours[1:], theirs[1:]  # the first round warms up
        rows.append(dict(operation=op, peer=peer, rounds=rounds, ours_s=float(np.median(ours)), peer_s=float(np.median(theirs)), ours_min_s=min(ours), peer_min_s=min(theirs)))
    go.stdin.close()
    go.wait()

out = dict(threads=args.threads, pairs=args.pairs, train=n, val=args.val, ours=about, numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__, rows=rows)
if args.json:
    print(json.dumps(out))
else:
    print(f"{about}; NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}")
    print(f"{args.pairs} pairs; {n} + {args.val} images; medians (minima), ms\n")
    for q in rows:
        print(f"{q['operation']:10} ours {1e3*q['ours_s']:8.1f} ({1e3*q['ours_min_s']:.1f})  peer {1e3*q['peer_s']:8.1f} ({1e3*q['peer_min_s']:.1f})  ratio {q['ours_s']/q['peer_s']:.2f} ({q['ours_min_s']/q['peer_min_s']:.2f})  {q['peer']}")
