import unittest

from jupyter_client.kernelspec import KernelSpecManager

import soak_cells


class Cells(unittest.TestCase):
    def test_some_cells(self):
        if "nngplab-go" not in KernelSpecManager().find_kernel_specs():
            self.skipTest("the kernel is not installed")
        self.assertGreaterEqual(soak_cells.soak("nngplab-go", 1, 3 * len(soak_cells.CELLS)), 3 * len(soak_cells.CELLS))


if __name__ == "__main__":
    unittest.main()
