"""Tests of the page's sections."""
import unittest

import page


class Place(unittest.TestCase):
    def test_replaces(self):
        old = "head\n\n<!-- a: begin -->\nold\n<!-- a: end -->\n\n<!-- b: begin -->\nkept\n<!-- b: end -->\n"
        new = page.place(old, "a", "new\n\n")
        self.assertEqual(new, "head\n\n<!-- a: begin -->\nnew\n\n<!-- a: end -->\n\n<!-- b: begin -->\nkept\n<!-- b: end -->\n")
        self.assertEqual(page.place(new, "a", "new"), new)

    def test_appends(self):
        self.assertEqual(page.place("head\n", "a", "new"), "head\n\n<!-- a: begin -->\nnew\n\n<!-- a: end -->\n")

    def test_refuses(self):
        with self.assertRaises(ValueError):
            page.place("<!-- a: begin -->\nno end", "a", "new")


class Machine(unittest.TestCase):
    def test_heads(self):
        self.assertEqual(page.of_machine("a", "## A\n\ntext", ""), ("a", "## A\n\ntext"))
        self.assertEqual(page.of_machine("a", "## A\n\ntext", "big"), ("a big", "## A (big)\n\ntext"))


class Table(unittest.TestCase):
    def test_table(self):
        self.assertEqual(page.table(["what", "s"], [["x", 1]]), ["| what | s |", "|---|---:|", "| x | 1 |"])


class Environment(unittest.TestCase):
    def test_threads(self):
        env = page.environment(3)
        self.assertEqual({env[k] for k in ["OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "GOMAXPROCS"]}, {"3"})
        self.assertFalse(set(page.BLAS_LIMITS) & set(env))


if __name__ == "__main__":
    unittest.main()
