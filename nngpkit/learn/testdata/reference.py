#!/usr/bin/env python3
"""Writes reference.json: what scikit-learn 1.9.1 predicts, for learn_test.go.

    pip install scikit-learn==1.9.1 && python3 reference.py

Columns are multiples of 1/1024, so that scikit-learn's float32 holds them exactly.
Trees without a random choice must agree to rounding (with leaves of several rows, so
that no two columns split equally well); random ones are compared by
their error over many seeds.
"""

import json
from pathlib import Path

import numpy as np
import sklearn
from sklearn.ensemble import ExtraTreesRegressor, GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge, RidgeCV
from sklearn.preprocessing import StandardScaler
from sklearn.tree import DecisionTreeRegressor

SEEDS = 30


def main():
    rng = np.random.default_rng(7)
    n, p = 220, 6
    x = np.round(rng.normal(size=(n, p)) * 1024) / 1024
    x[:, 5] = np.round(x[:, 5])  # a column with ties
    y = np.sin(2 * x[:, 0]) + x[:, 1] * (x[:, 2] > 0) + 0.5 * x[:, 5] + 0.3 * rng.normal(size=n)
    y = np.round(y * 1e6) / 1e6
    fit, test = slice(0, 120), slice(120, n)
    scaler = StandardScaler().fit(x[fit])
    z, zt = scaler.transform(x[fit]), scaler.transform(x[test])
    out = {"made_with": f"scikit-learn {sklearn.__version__}", "rows_fitted": 120,
           "columns": x.T.tolist(), "target": y.tolist(), "ridge": {}, "trees": {}}
    for alpha in (0.1, 10.0, 1000.0):
        out["ridge"][str(alpha)] = Ridge(alpha=alpha).fit(z, y[fit]).predict(zt).tolist()
    alphas = [10 ** (k / 2) for k in range(-4, 7)]
    out["ridge_chosen"] = {str(k): float(RidgeCV(alphas=alphas).fit(z[:k], y[:k]).alpha_) for k in (120,)}
    out["tree_depth3"] = DecisionTreeRegressor(max_depth=3, random_state=0).fit(x[fit], y[fit]).predict(x[test]).tolist()
    out["tree_leaf5"] = DecisionTreeRegressor(min_samples_leaf=5, random_state=0).fit(x[fit], y[fit]).predict(x[test]).tolist()
    boosted = GradientBoostingRegressor(n_estimators=100, max_depth=3, learning_rate=0.1, min_samples_leaf=8, random_state=0)
    out["boosted"] = boosted.fit(x[fit], y[fit]).predict(x[test]).tolist()
    for name, make in {
        "extra": lambda s: ExtraTreesRegressor(100, random_state=s),
        "extra_leaf4": lambda s: ExtraTreesRegressor(100, min_samples_leaf=4, random_state=s),
        "forest_try2": lambda s: RandomForestRegressor(100, max_features=2, random_state=s),
    }.items():
        rmse = [float(np.sqrt(np.mean((make(s).fit(x[fit], y[fit]).predict(x[test]) - y[test]) ** 2))) for s in range(SEEDS)]
        out["trees"][name] = {"mean": np.mean(rmse), "sd": np.std(rmse, ddof=1), "seeds": SEEDS}
    path = Path(__file__).with_name("reference.json")
    path.write_text(json.dumps(out, indent=None, separators=(",", ":")) + "\n")
    print({k: v for k, v in out["trees"].items()}, out["ridge_chosen"])


if __name__ == "__main__":
    main()
