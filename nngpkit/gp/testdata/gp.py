"""Reference values for package gp, from NumPy, SciPy and scikit-learn.

Run: python gp.py > gp.json

Every quantity comes another way than the package's: solves by SciPy's Cholesky
factorisation, one an epsilon; leave-one-out by leaving images out, one by one;
likelihoods and predictive variances also by scikit-learn's
GaussianProcessRegressor on the features, asserted equal to the former here.
"""
import json
import sys

import numpy as np
import scipy
import scipy.linalg as sl
import sklearn
from sklearn.gaussian_process import GaussianProcessRegressor
from sklearn.gaussian_process.kernels import DotProduct, WhiteKernel


def density(y, mu, var):
    """Mean Gaussian log density a value; var has one value a row."""
    v = var[:, None]
    return float(np.mean(-0.5 * ((y - mu) ** 2 / v + np.log(2 * np.pi * v))))


def own(K, labels, C, eps):
    """Scores of one labelled set from its own kernel."""
    n = len(labels)
    Y = np.eye(C)[labels] - 1 / C
    out = {k: [] for k in ["log_marginal", "log_marginal_scaled", "scale", "loo_squared_error", "loo_accuracy", "loo_log_density"]}
    t = np.trace(K) / n
    for e in eps:
        A = K + e * t * np.eye(n)
        cf = sl.cho_factor(A, lower=True)
        a = sl.cho_solve(cf, Y)
        logdet = 2 * np.log(np.diag(cf[0])).sum()
        c = float((Y * a).sum() / (n * C))

        def lml(scale):
            return float((-0.5 * (Y * a).sum() / scale - 0.5 * C * (logdet + n * np.log(scale)) - 0.5 * n * C * np.log(2 * np.pi)) / (n * C))

        out["scale"].append(c)
        out["log_marginal"].append(lml(1 / t))
        out["log_marginal_scaled"].append(lml(c))
        mu, var = np.zeros((n, C)), np.zeros(n)
        for i in range(n):
            r = np.arange(n) != i
            cr = sl.cho_factor(A[np.ix_(r, r)], lower=True)
            s = sl.cho_solve(cr, A[r, i])
            mu[i] = s @ Y[r]
            var[i] = A[i, i] - A[i, r] @ s
        out["loo_squared_error"].append(float(((mu - Y) ** 2).mean()))
        out["loo_accuracy"].append(float((mu.argmax(1) == labels).mean()))
        out["loo_log_density"].append(density(Y, mu, c * var))
    return out


def case(name, F, n, labels, C, eps):
    N = len(labels)
    K = F @ F.T
    Y = np.eye(C)[labels] - 1 / C
    t = np.trace(K[:n, :n]) / n
    train, whole = own(K[:n, :n], labels[:n], C, eps), own(K, labels, C, eps)
    acc, sq, ld, means = [], [], [], []
    for e, c, lml in zip(eps, train["scale"], train["log_marginal"]):
        cf = sl.cho_factor(K[:n, :n] + e * t * np.eye(n), lower=True)
        mu = K[n:, :n] @ sl.cho_solve(cf, Y[:n])
        var = np.diag(K[n:, n:]) - np.einsum("ij,ji->i", K[n:, :n], sl.cho_solve(cf, K[:n, n:])) + e * t
        if e >= 1e-3:  # scikit-learn, in units of the mean trace
            gpr = GaussianProcessRegressor(DotProduct(0, "fixed") + WhiteKernel(e, "fixed"), alpha=0, optimizer=None)
            gpr.fit(F[:n] / np.sqrt(t), Y[:n])
            m, s = gpr.predict(F[n:] / np.sqrt(t), return_std=True)
            s = s[:, 0] if s.ndim == 2 else s
            assert np.abs(m - mu).max() < 1e-9 and np.abs(s**2 * t - var).max() / t < 1e-9
            assert abs(gpr.log_marginal_likelihood() / (n * C) - lml) < 1e-9
        acc.append(float((mu.argmax(1) == labels[n:]).mean()))
        sq.append(float(((mu - Y[n:]) ** 2).mean()))
        ld.append(density(Y[n:], mu, c * var))
        means.append(mu.tolist())
    H = np.eye(n) - 1 / n
    Kc, Yc = H @ K[:n, :n] @ H, H @ np.eye(C)[labels[:n]]
    Yc = Yc @ Yc.T
    H = np.eye(N) - 1 / N
    w = np.linalg.eigvalsh(H @ K @ H)
    m = w.mean()
    return dict(
        name=name, train=n, classes=C, features=F.shape[1], f=F.ravel().tolist(), labels=labels.tolist(), epsilons=list(eps),
        accuracy=acc, squared_error=sq, log_density=ld, means=means, own_train=train, own_whole=whole,
        alignment=float((Kc * Yc).sum() / np.linalg.norm(Kc) / np.linalg.norm(Yc)),
        participation=float(w.sum() ** 2 / (w**2).sum()),
        log_det=float(np.log(np.maximum(w, 0) / m + 1e-3).mean()),
        effective=float((w / (w + 1e-3 * m)).sum()),
        top_share=float(1 - w.sum() / np.trace(K)),
    )


def main():
    r = np.random.default_rng(20)
    cases = []
    for name, n, v, d, C in [("full", 40, 15, 80, 4), ("low rank", 30, 12, 6, 3), ("two classes", 12, 3, 5, 2), ("one to train", 1, 2, 3, 2)]:
        labels = r.integers(0, C, n + v)
        F = np.round(np.abs(r.normal(size=(n + v, d)) + 0.8 * r.normal(size=(C, d))[labels]) * 256) / 256
        eps = np.logspace(-7, 2, 20)
        cases.append(case(name, F, n, labels, C, eps) if n > 1 else case_single(name, F, labels, C, eps))
    labels = r.integers(0, 3, 20)
    F = np.round(np.abs(r.normal(size=(20, 9))) * 64) / 64
    F[5] = F[3]  # the same image twice
    F[19] = F[3]
    cases.append(case("duplicates", F, 14, labels, 3, np.logspace(-5, 1, 7)))
    json.dump(dict(versions=dict(python=sys.version.split()[0], numpy=np.__version__, scipy=scipy.__version__, sklearn=sklearn.__version__), cases=cases), sys.stdout)


def case_single(name, F, labels, C, eps):
    """One training image: leave-one-out has nothing to learn from, so mean 0."""
    global own
    saved = own

    def patched(K, labels, C, eps):
        if len(labels) > 1:
            return saved(K, labels, C, eps)
        k, Y = K[0, 0], np.eye(C)[labels] - 1 / C
        o = {q: [] for q in ["log_marginal", "log_marginal_scaled", "scale", "loo_squared_error", "loo_accuracy", "loo_log_density"]}
        for e in eps:
            a = k * (1 + e)
            c = float((Y**2).sum() / a / C)
            o["scale"].append(c)
            o["log_marginal"].append(float(-0.5 * ((Y**2).sum() / C / (1 + e) + np.log(1 + e) + np.log(2 * np.pi))))
            o["log_marginal_scaled"].append(float(-0.5 * (1 + np.log(c * a) + np.log(2 * np.pi))))
            o["loo_squared_error"].append(float((Y**2).mean()))
            o["loo_accuracy"].append(float(labels[0] == 0))
            o["loo_log_density"].append(density(Y, 0 * Y, np.array([c * a])))
        return o

    own = patched
    try:
        with np.errstate(all="ignore"):
            c = case(name, F, 1, labels, C, eps)
    finally:
        own = saved
    c["alignment"] = None
    return c


main()
