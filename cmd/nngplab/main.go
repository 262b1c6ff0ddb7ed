// Command nngplab scores neural architectures without training them and
// compares such scores with trained accuracy.
package main

import "os"

func main() { os.Exit(run(os.Args[1:], os.Stdout, os.Stderr)) }
