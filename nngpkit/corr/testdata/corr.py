"""Reference values for package corr, from SciPy, scikit-learn and NumPy.

Run: python corr.py > corr.json

What no library has (expectations over ties, DeLong's standard error, partial
correlations) is computed here from its definition: all choices of tied rows
enumerated in exact fractions, all pairs compared, residuals of a least-squares
fit, an inverted matrix. NaN is written as null.
"""
import itertools
import json
import math
import sys
import warnings
from fractions import Fraction

import numpy as np
import scipy
import sklearn
from scipy import stats
from sklearn.metrics import roc_auc_score

warnings.simplefilter("ignore")
rng = np.random.default_rng(101)


def clean(o):
    if isinstance(o, dict):
        return {k: clean(v) for k, v in o.items()}
    if isinstance(o, (list, tuple, np.ndarray)):
        return [clean(v) for v in o]
    if isinstance(o, (float, np.floating)):
        return float(o) if math.isfinite(o) else None
    return o.item() if hasattr(o, "item") else o


def delong(pos, score):
    p, n = score[pos], score[~pos]
    if len(p) < 2 or len(n) < 2:
        return math.nan
    w = (p[:, None] > n[None, :]) + 0.5 * (p[:, None] == n[None, :])
    return math.sqrt(w.mean(1).var(ddof=1) / len(p) + w.mean(0).var(ddof=1) / len(n))


def pair(name, x, y):
    x, y = np.asarray(x, float), np.asarray(y, float)
    k = stats.kendalltau(x, y)
    p = stats.pearsonr(x, y)
    ci = p.confidence_interval(0.95) if len(x) > 2 else (math.nan, math.nan)
    s = stats.spearmanr(x, y)
    aucs = []
    for t in np.quantile(x, [0, 0.3, 0.5, 0.9, 1]):
        pos = x > t
        a = roc_auc_score(pos, y) if 0 < pos.sum() < len(x) else math.nan
        aucs.append(dict(threshold=t, value=a, se=delong(pos, y) if 0 < pos.sum() < len(x) else math.nan, positives=int(pos.sum())))
    return dict(name=name, x=x, y=y, ranks=stats.rankdata(y), tau=k.statistic, tau_p=k.pvalue, r=p.statistic, r_p=p.pvalue, r_lower=ci[0], r_upper=ci[1], rho=s.statistic, rho_p=s.pvalue, auc=aucs)


def pairs():
    out = []
    for n in [2, 3, 5, 12, 33, 34, 60, 450]:
        x = rng.normal(size=n)
        out.append(pair(f"normal {n}", x, 0.4 * x + rng.normal(size=n)))
    for n in [2, 3, 6, 33, 60, 450]:
        x = np.round(rng.normal(size=n), 0)
        out.append(pair(f"ties {n}", x, np.round(0.5 * x + rng.normal(size=n), 0)))
        out.append(pair(f"ties on one side {n}", rng.normal(size=n), np.round(rng.normal(size=n), 0)))
    i = np.arange(50.0)
    j = i.copy()
    j[[7, 8]] = j[[8, 7]]
    out += [pair("equal 50", i, i), pair("opposite 50", i, -i), pair("one swap 50", i, j), pair("one swap back 50", i, -j)]
    out += [pair("constant truth", np.full(8, 0.1), np.arange(8.0)), pair("constant signal", np.arange(8.0), np.full(8, 0.1)), pair("both constant", np.ones(4), np.ones(4))]
    out += [pair("two values", [0, 1, 0, 1, 1, 0], [1, 1, 0, 1, 0, 0]), pair("zeros of both signs", [0.0, -0.0, 1, 2, -1], [1.0, 2, -0.0, 0.0, 3])]
    x = rng.normal(size=20)
    out += [pair("small", x * 1e-160, x**3 + rng.normal(size=20)), pair("far from zero", 1e6 + x, x + rng.normal(size=20))]
    out += [pair("strong 3000", *(lambda z: (z, z + 0.02 * rng.normal(size=3000)))(rng.normal(size=3000)))]
    return out


def residuals(x, Z):
    A = np.column_stack([np.ones(len(x))] + Z)
    return x - A @ np.linalg.lstsq(A, x, rcond=None)[0], np.linalg.matrix_rank(A) - 1


def partial(name, x, y, Z):
    o = dict(name=name, x=x, y=y, controls=Z)
    for key, f in [("pearson", lambda v: v), ("spearman", stats.rankdata)]:
        rx, c = residuals(f(x), [f(z) for z in Z])
        ry, _ = residuals(f(y), [f(z) for z in Z])
        r = float(rx @ ry / np.sqrt((rx @ rx) * (ry @ ry)))
        dof = len(x) - 2 - c
        t = r * math.sqrt(dof / ((1 - r) * (1 + r)))
        z, w = math.atanh(r), stats.norm.ppf(0.975) / math.sqrt(dof - 1) if dof > 1 else math.inf
        o[key] = dict(value=r, p=2 * stats.t.sf(abs(t), dof), lower=math.tanh(z - w), upper=math.tanh(z + w), controls=int(c))
    keep = []
    for z in Z:  # tau-b cannot be inverted with two columns of the same order
        if len(set(z)) > 1 and all(abs(stats.kendalltau(z, k).statistic) < 1 - 1e-12 for k in keep):
            keep.append(z)
    cols = [x, y] + keep
    T = np.array([[stats.kendalltau(a, b).statistic for a in cols] for b in cols])
    P = np.linalg.inv(T)
    v = -P[0, 1] / math.sqrt(P[0, 0] * P[1, 1])
    m = len(x) - len(keep)
    o["kendall"] = dict(value=v, p=2 * stats.norm.sf(abs(v) / math.sqrt(2 * (2 * m + 5) / (9 * m * (m - 1)))), controls=len(keep))
    return o


def partials():
    out = []
    for n in [8, 40, 300]:
        a, b = rng.normal(size=n), rng.normal(size=n)
        x, y = a + 0.5 * b + rng.normal(size=n), 0.7 * a - b + rng.normal(size=n)
        out.append(partial(f"one control {n}", x, y, [a]))
        out.append(partial(f"two controls {n}", x, y, [a, b]))
        out.append(partial(f"no control {n}", x, y, []))
    out.append(partial("dependent controls", x, y, [a, b, 2 * a, np.ones(n)]))
    out.append(partial("ties", np.round(x), np.round(y), [np.round(a), np.round(b)]))
    return out


def choices(v, k):
    """All equally likely top-k sets of v."""
    cut = sorted(v, reverse=True)[k - 1]
    sure = [i for i, a in enumerate(v) if a > cut]
    tied = [i for i, a in enumerate(v) if a == cut]
    return [set(sure) | set(c) for c in itertools.combinations(tied, k - len(sure))]


def tops():
    out = []
    for name, n, levels in [("no ties", 8, None), ("some ties", 9, 4), ("many ties", 10, 2), ("all tied", 7, 1)]:
        truth = [Fraction(int(v), 64) for v in rng.integers(0, 64 if levels != 2 else 5, n)]
        signal = [int(v) for v in (rng.permutation(n) if levels is None else rng.integers(0, levels, n))]
        rows = []
        for k in range(1, n + 1):
            S, T = choices(signal, k), choices(truth, k)
            d = sum(max(truth[i] for i in s) for s in S) / len(S)
            m = sum(sum(truth[i] for i in s) for s in S) / len(S) / k
            o = Fraction(sum(len(s & t) for s in S for t in T), len(S) * len(T) * k)
            T3 = choices(truth, 3)
            kept = Fraction(sum(len(s & t) for s in S for t in T3), len(S) * len(T3) * 3)
            rows.append(dict(k=k, discovered=float(d), overlap=float(o), mean=float(m), top3=float(kept)))
        out.append(dict(name=name, truth=[float(t) for t in truth], signal=[float(s) for s in signal], rows=rows))
    return out


class Fixed:
    def __init__(self, d):
        self.bootstrap_distribution = d


def bootstraps():
    """SciPy's intervals of a given bootstrap distribution (no new resamples)."""
    out = []
    for n, size, ties in [(30, 500, False), (15, 999, True), (60, 50, False)]:
        x = rng.normal(size=n)
        y = np.round(0.6 * x + rng.normal(size=n), 1)
        f = lambda a, b: stats.pearsonr(a, b).statistic
        rows = rng.integers(0, n, (size, n))
        d = np.array([f(x[r], y[r]) for r in rows])
        if ties:
            d = np.round(d, 2)
        jack = [f(np.delete(x, i), np.delete(y, i)) for i in range(n)]
        o = dict(estimate=f(x, y), distribution=d, jackknife=jack)
        for method in ["percentile", "BCa"]:
            res = stats.bootstrap((x, y), f, n_resamples=0, bootstrap_result=Fixed(d), method=method, paired=True, vectorized=False, confidence_level=0.9)
            o[method] = [res.confidence_interval.low, res.confidence_interval.high]
            o["se"] = res.standard_error
        out.append(o)
    return out


json.dump(
    clean(dict(versions=dict(python=sys.version.split()[0], numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__), pairs=pairs(), partials=partials(), tops=tops(), bootstraps=bootstraps())),
    sys.stdout,
    allow_nan=False,
)
