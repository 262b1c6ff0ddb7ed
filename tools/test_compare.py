"""Tests of the comparison of two reports."""

import contextlib
import io
import json
import shutil
import tempfile
import unittest
from pathlib import Path

import compare


def book(*results, data="CIFAR-10"):
    return {"data": [{"name": "images", "text": data, "real": True}], "results": list(results)}


def number(name="02.tau", value=0.4, lo=0.3, hi=0.5, n=772, **more):
    return {"name": name, "value": value, "lo": lo, "hi": hi, "n": n, **more}


class Compare(unittest.TestCase):
    def check(self, new, old, wrong):
        got, agreed, left = compare.compare({"02": book(new)}, {"02": book(old)})
        self.assertEqual(len(got), wrong, got)
        self.assertEqual(agreed, 1 - wrong)
        self.assertEqual(left, [])
        return got

    def test_the_same_and_rounding_agree(self):
        self.check(number(), number(), 0)
        self.check(number(value=0.400001), number(value=0.4), 0)
        self.check(number(value=None, lo=None, hi=None), number(value=None, lo=None, hi=None), 0)

    def test_another_value_is_found(self):
        self.assertIn("value 0.40001 against 0.4", self.check(number(value=0.40001), number(), 1)[0])
        self.check(number(value=None), number(), 1)
        self.check(number(n=771), number(), 1)
        self.check({"name": "best", "text": "a"}, {"name": "best", "text": "b"}, 1)

    def test_bounds_may_differ_by_their_error(self):
        self.check(number(lo=0.25), number(), 0)
        self.check(number(lo=0.2), number(), 1)
        self.check(number(hi=0.6), number(), 1)
        self.check(number(hi=None), number(), 1)

    def test_bounds_of_few_values_may_jump(self):
        top = "02.official.best_of_top_10.accuracy"
        self.check(number(top, lo=0.2), number(top), 0)
        self.check(number(top, lo=0.05, hi=0.25), number(top), 1)
        self.check(number(top, value=0.41), number(top), 1)

    def test_within(self):
        self.check(number(value=0.405, within=0.005), number(within=0.005), 0)
        self.check(number(value=0.406, within=0.005), number(within=0.005), 1)

    def test_names_and_notebooks_must_be_in_both(self):
        wrong, agreed, _ = compare.compare({"02": book(number(), number("02.new"))}, {"02": book(number())})
        self.assertEqual((len(wrong), agreed), (1, 1))
        wrong, _, _ = compare.compare({"02": book(number())}, {"02": book(number()), "03": book()})
        self.assertEqual(wrong, ["03: not in the first report"])

    def test_other_data_are_left_out(self):
        wrong, agreed, left = compare.compare({"02": book(number(value=1), data="drawn")}, {"02": book(number())})
        self.assertEqual((wrong, agreed, len(left)), ([], 0, 1))

    def test_command(self):
        root = Path(tempfile.mkdtemp(prefix="nngplab-compare-"))
        self.addCleanup(shutil.rmtree, root)
        for name, value in (("a", 0.4), ("b", 0.5)):
            (root / name).mkdir()
            (root / name / "results.json").write_text(json.dumps({"notebooks": {"02": book(number(value=value))}}))
        for new, old, status in (("a", "a", 0), ("a", "b", 1), ("a", "none", 2)):
            with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()) as err:
                self.assertEqual(compare.main([str(root / new), str(root / old)]), status)
        self.assertIn("none", err.getvalue())


if __name__ == "__main__":
    unittest.main()
