"""Reference values on real images: python cifar.py FOLDER > cifar.json

FOLDER holds cifar10/data_batch_1_first4000.bin (the first 4,000 CIFAR-10
training images in the official layout). The kernel is that of one hidden ReLU
layer of infinite width (Cho & Saul), of the first 400 images in units of 0..1
with the mean over pixels taken out; 300 train, 100 validate. Everything is
computed by NumPy and SciPy, leave-one-out by leaving images out.
"""
import json
import sys

import numpy as np
import scipy
import scipy.linalg as sl

raw = np.fromfile(sys.argv[1] + "/cifar10/data_batch_1_first4000.bin", dtype=np.uint8).reshape(-1, 3073)[:400]
labels, x = raw[:, 0].astype(int), raw[:, 1:].astype(float) / 255
x -= x.mean(1, keepdims=True)
G = x @ x.T / x.shape[1]
d = np.sqrt(np.diag(G))
t = np.arccos(np.clip(G / np.outer(d, d), -1, 1))
np.fill_diagonal(t, 0)
K = np.outer(d, d) * (np.sin(t) + (np.pi - t) * np.cos(t)) / (2 * np.pi)
n, Y, eps = 300, np.eye(10)[labels] - 0.1, np.logspace(-7, 2, 20)
tr = np.trace(K[:n, :n]) / n
acc, sq, loo = [], [], []
for e in eps:
    A = K[:n, :n] + e * tr * np.eye(n)
    mu = K[n:, :n] @ sl.cho_solve(sl.cho_factor(A, lower=True), Y[:n])
    acc.append(float((mu.argmax(1) == labels[n:]).mean()))
    sq.append(float(((mu - Y[n:]) ** 2).mean()))
    m = np.zeros((n, 10))
    for i in range(n):
        r = np.arange(n) != i
        m[i] = A[i, r] @ sl.cho_solve(sl.cho_factor(A[np.ix_(r, r)], lower=True), Y[:n][r])
    loo.append(float(((m - Y[:n]) ** 2).mean()))
json.dump(dict(versions=dict(numpy=np.__version__, scipy=scipy.__version__), train=n, images=400, epsilons=eps.tolist(), accuracy=acc, squared_error=sq, loo_squared_error=loo), sys.stdout, indent=1)
