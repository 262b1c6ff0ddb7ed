"""What the scripts of checks share.

A script defines checks and calls main. It prints one JSON object a line,
{"name", "ok", "detail"}, for each check. Kernels run with an empty PATH, hence
without a Go toolchain.
"""

import json
import sys
import traceback

from driver import Kernel

CHECKS = []

IMPORTS = """import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	"gonum.org/v1/gonum/floats"
	"gonum.org/v1/gonum/integrate/quad"
	"gonum.org/v1/gonum/mat"
	"gonum.org/v1/gonum/optimize"
	"gonum.org/v1/gonum/stat"
	"gonum.org/v1/gonum/stat/distuv"
	"gonum.org/v1/plot"
	"gonum.org/v1/plot/palette/moreland"
	"gonum.org/v1/plot/plotter"
	"gonum.org/v1/plot/plotutil"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/nngpkit/arch"
)
"""


def check(f):
    """Adds a check. One with a parameter gets a kernel that the checks of the
    script share, in which IMPORTS and the setup have run."""
    CHECKS.append(f)
    return f


def kernel(**env):
    return Kernel(sys.argv[1], {"PATH": "", **env})


def text(r):
    assert r.ok, r.error
    assert r.value is not None, f"no value; stdout {r.stdout!r}"
    return r.value["text/plain"]


def equal(a, b):
    assert a == b, f"{a!r} is not {b!r}"


def contains(s, *parts):
    for p in parts:
        assert p in s, f"{p!r} not in {s!r}"


def after(k, seconds, f):
    """Calls f that long after the next cell has begun."""
    k.once_running.append((seconds, f))


def interrupted(r, within=30):
    equal(r.reply["status"], "error")
    equal(r.error["ename"], "Interrupted")
    assert r.seconds < within, f"took {r.seconds:.1f} s"


def main(setup=""):
    shared, failed = None, 0
    try:
        for f in CHECKS:
            if len(sys.argv) > 2 and f.__name__ not in sys.argv[2:]:
                continue
            out = {"name": f.__name__, "ok": True, "detail": ""}
            try:
                if f.__code__.co_argcount == 0:
                    f()
                else:
                    if shared is None:
                        shared = kernel()
                        for code in [IMPORTS, setup]:
                            r = shared.run(code)
                            assert r.ok, r.error
                    f(shared)
            except Exception:
                out.update(ok=False, detail=traceback.format_exc(limit=-3))
                failed += 1
            print(json.dumps(out, ensure_ascii=False), flush=True)
    finally:
        if shared is not None:
            shared.__exit__()
    sys.exit(1 if failed else 0)
