"""Time corr and gp beside SciPy and scikit-learn: python bench/stats.py

Both sides get the same numbers and the same number of threads, take turns in
the same run, and must agree. Prints medians (and minima) of the rounds, and
their ratio; --json prints them as one object. The peers' environment
(bench/requirements.txt) is made where it is missing.
"""
import argparse
import json
import os
import sys
import tempfile
import time

import page

page.enter_environment()
p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
p.add_argument("--rounds", type=int, default=7)
p.add_argument("--threads", type=int, default=len(os.sched_getaffinity(0)))
p.add_argument("--pairs", type=int, default=423624, help="rows of the rank statistics")
p.add_argument("--train", type=int, default=2000)
p.add_argument("--val", type=int, default=500)
p.add_argument("--json", action="store_true")
args = p.parse_args()
for v in page.BLAS_LIMITS:
    os.environ.pop(v, None)
os.environ.update(page.environment(args.threads))
os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:args.threads])

import numpy as np
import scipy
import scipy.linalg as sl
import sklearn
from scipy import stats
from sklearn.metrics import roc_auc_score
from threadpoolctl import threadpool_info

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
    """The protocol: one Cholesky factorization and solve an epsilon."""
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


# What is timed, what the peer runs, and that as a function.
OPERATIONS = [
    ("tau", "Kendall's tau-b", "scipy.stats.kendalltau", lambda: stats.kendalltau(x, y).statistic),
    ("spearman", "Spearman's rho", "scipy.stats.spearmanr", lambda: stats.spearmanr(x, y).statistic),
    ("auc", "ROC AUC", "sklearn.metrics.roc_auc_score", lambda: roc_auc_score(x > 0.5, y)),
    ("sweep", "20 epsilons: accuracy", "cho_factor + cho_solve", lambda: sweep(False)),
    ("sweep-loo", "20 epsilons: accuracy, leave-one-out", "the same + dpotri", lambda: sweep(True)),
    ("sweep-all", "20 epsilons: every score, of training and of all images", "cho_factor + cho_solve: accuracy alone", lambda: sweep(False)),
]


def race(go, op, peer, f):
    ours, theirs = [], []
    rounds = args.rounds if not op.startswith("sweep") else max(min(3, args.rounds), args.rounds // 2)
    for _ in range(rounds + 1):
        t = time.perf_counter()
        b = f()
        theirs.append(time.perf_counter() - t)
        a = go.ask(op)
        ours.append(a["seconds"])
        if abs(a["value"] - b) > 1e-9:
            sys.exit(f"{op}: {a['value']} here, {b} from {peer}")
    ours, theirs = ours[1:], theirs[1:]  # the first round warms up
    return dict(operation=op, peer=peer, rounds=rounds, ours_s=float(np.median(ours)), peer_s=float(np.median(theirs)),
                ours_min_s=min(ours), peer_min_s=min(theirs))


def measure():
    with tempfile.TemporaryDirectory() as tmp:
        exe = page.build("./bench/stats", tmp)
        for name, a in [("x", x), ("y", y), ("kernel", K), ("labels", labels)]:
            np.ascontiguousarray(a, dtype="<f8").tofile(os.path.join(tmp, name))
        with page.Helper([exe, "-data", tmp, "-train", str(n)], args.threads) as go:
            about = go.ask("about")
            rows = [dict(race(go, op, peer, f), what=what) for op, what, peer, f in OPERATIONS]
    blas = sorted({f"{i['internal_api']} {i['version']}, {i['architecture']} kernels, {i['num_threads']} threads"
                   for i in threadpool_info() if i["user_api"] == "blas"})
    return dict(threads=args.threads, pairs=args.pairs, train=n, val=args.val, go=about["go"], level=about["level"], blas=blas,
                versions=f"NumPy {np.__version__}, SciPy {scipy.__version__}, scikit-learn {sklearn.__version__}", rows=rows)


out = measure()
if args.json:
    print(json.dumps(out))
else:
    print(f"{out['go']}, {out['level']} inner loops, {args.threads} threads; {out['versions']}; {'; '.join(out['blas'])}")
    print(f"{args.pairs} pairs; {n} + {args.val} images; medians (minima), ms\n")
    for q in out["rows"]:
        print(f"{q['operation']:10} ours {1e3*q['ours_s']:8.1f} ({1e3*q['ours_min_s']:.1f})  peer {1e3*q['peer_s']:8.1f} ({1e3*q['peer_min_s']:.1f})  ratio {q['ours_s']/q['peer_s']:.2f} ({q['ours_min_s']/q['peer_min_s']:.2f})  {q['peer']}")
