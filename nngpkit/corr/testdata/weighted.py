"""Reference values of the weighted tau, from SciPy. Run: python weighted.py > weighted.json"""
import json
import math
import sys
import warnings

import numpy as np
import scipy
from scipy import stats

warnings.simplefilter("ignore")
rng = np.random.default_rng(18)
cases = [([12, 2, 1, 12, 2], [1, 4, 7, 1, 0])]  # SciPy's own example: -0.566950
for n, levels in [(2, None), (3, None), (7, 2), (20, 3), (50, None), (200, 12), (500, None), (31, 1)]:
    x = rng.normal(size=n) if levels is None else rng.integers(0, levels, n)
    y = np.round(0.7 * x + rng.normal(size=n), 1)
    cases.append((x, y))
cases.append((rng.normal(size=40), np.zeros(40)))
out = []
for x, y in cases:
    v = float(stats.weightedtau(x, y).statistic)
    out.append({"x": [float(a) for a in x], "y": [float(a) for a in y], "tau": v if math.isfinite(v) else None})
json.dump({"scipy": scipy.__version__, "cases": out}, sys.stdout, allow_nan=False)
