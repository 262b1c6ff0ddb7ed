"""Reference values for the analytic kernels, by SciPy's adaptive quadrature.

Run: python quadrature.py > quadrature.json

E[g(u) g(v)] over a bivariate Gaussian, integrated numerically in the plane: for
ReLU over the quadrant where the integrand is smooth, for erf over the plane.
"""
import json
import sys

import numpy as np
import scipy
from scipy.integrate import dblquad
from scipy.special import erf


def expect(g, lo, uu, vv, uv):
    # u = a, v = b with density exp(-(a,b) S^-1 (a,b)'/2) / (2 pi sqrt|S|)
    det = uu * vv - uv * uv
    p, q, r = vv / det, uu / det, -uv / det
    c = 1 / (2 * np.pi * np.sqrt(det))
    f = lambda b, a: g(a) * g(b) * c * np.exp(-0.5 * (p * a * a + q * b * b + 2 * r * a * b))
    A, B = 12 * np.sqrt(uu), 12 * np.sqrt(vv)
    s, w = uv / uu, np.sqrt(det / uu)  # v given u: mean s*u, deviation w
    inner = lambda a: (max(lo * B, s * a - 12 * w), min(B, s * a + 12 * w))
    x, _ = dblquad(f, lo * A, A, lambda a: inner(a)[0], lambda a: max(inner(a)), epsabs=1e-12, epsrel=1e-12)
    return x


rows = []
for uu, vv, rho in [(1, 1, 0.0), (1, 1, 0.5), (1, 1, -0.6), (2, 0.5, 0.9), (0.1, 3, -0.95), (4, 4, 0.3)]:
    uv = rho * np.sqrt(uu * vv)
    relu = lambda x: x
    rows.append(dict(uu=uu, vv=vv, uv=uv, relu=expect(relu, 0, uu, vv, uv), relu_square=expect(lambda x: x * x, 0, uu, vv, uv), erf=expect(erf, -1, uu, vv, uv)))
json.dump(dict(versions=dict(python=sys.version.split()[0], numpy=np.__version__, scipy=scipy.__version__), rows=rows), sys.stdout, indent=1)
