// Command space times the enumeration of NAS-Bench-101: every cell up to
// isomorphism, and the hash of each. It prints one JSON object.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"runtime"
	"time"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

type result struct {
	Go        string  `json:"go"`
	Cells     int     `json:"cells"`
	Hashes    int     `json:"hashes"` // different ones
	Enumerate float64 `json:"enumerate_s"`
	Hash      float64 `json:"hash_s"`
}

func main() {
	start := time.Now()
	cells := nasbench.Enumerate()
	r := result{Go: runtime.Version(), Cells: len(cells), Enumerate: time.Since(start).Seconds()}
	start = time.Now()
	hashes, err := nasbench.HashAll(context.Background(), cells, nil)
	r.Hash = time.Since(start).Seconds()
	if err == nil {
		different := make(map[string]bool, len(hashes))
		for _, h := range hashes {
			different[h] = true
		}
		r.Hashes = len(different)
		err = json.NewEncoder(os.Stdout).Encode(r)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "space:", err)
		os.Exit(1)
	}
}
