// Command networks is the Go side of bench/networks.py: it runs networks of
// NAS-Bench-101 at random initialization, and writes down the same networks,
// weights and images for others to run.
//
// Each line of its standard input is a JSON command, each line of its standard
// output the JSON answer:
//
//	{"op": "about"}
//	{"op": "open", "cell": "MATRIX OPS", "stem": 16, "images": 750, "norm": 100, "members": 8, "dir": "DIR"}
//	{"op": "run"}
//
// open writes network.json, weights, images and norm (float32, little endian)
// into the folder, or nothing where dir is empty. run compiles the network and
// computes the features of all members; the first run after open also writes
// them, as "ours".
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/nasbench"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "networks:", err)
		os.Exit(1)
	}
}

type command struct {
	Op      string `json:"op"`
	Cell    string `json:"cell"`
	Stem    int    `json:"stem"`
	Images  int    `json:"images"`
	Norm    int    `json:"norm"`
	Members int    `json:"members"`
	Dir     string `json:"dir"`
}

type answer struct {
	Go      string  `json:"go,omitempty"`
	Level   string  `json:"level,omitempty"`
	Images  string  `json:"images,omitempty"`
	Threads int     `json:"threads,omitempty"`
	FLOPs   float64 `json:"flops,omitempty"` // of all members: images and normalization batch
	Seconds float64 `json:"seconds,omitempty"`
}

// bench is the state between commands.
type bench struct {
	set    *imageset.Set
	pool   forward.Pool
	cmd    command // of open
	net    *arch.Network
	x      *imageset.Batch
	norm   *imageset.Batch
	unsaid bool // features are still to be written
}

func serve(in io.Reader, out io.Writer) error {
	set, _, err := imageset.LoadOrDrawn("cifar10") // its name says which
	if err != nil {
		return err
	}
	b := &bench{set: set}
	lines := bufio.NewScanner(in)
	enc := json.NewEncoder(out)
	for lines.Scan() {
		var c command
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return err
		}
		a, err := b.do(c)
		if err != nil {
			return fmt.Errorf("%s: %w", lines.Text(), err)
		}
		if err := enc.Encode(a); err != nil {
			return err
		}
	}
	return lines.Err()
}

func (b *bench) do(c command) (answer, error) {
	switch c.Op {
	case "about":
		return b.about()
	case "open":
		return b.open(c)
	case "run":
		return b.run()
	}
	return answer{}, fmt.Errorf("unknown operation %q", c.Op)
}

func (b *bench) about() (answer, error) {
	builder := arch.NewBuilder("about", nasbench.ImageShape)
	builder.GlobalAvgPool(0)
	net, err := builder.Network(0)
	if err != nil {
		return answer{}, err
	}
	plan, err := forward.Compile(net, forward.Config{})
	if err != nil {
		return answer{}, err
	}
	return answer{Go: runtime.Version(), Level: plan.Level(), Images: b.set.Name, Threads: runtime.GOMAXPROCS(0)}, nil
}

func (b *bench) open(c command) (answer, error) {
	matrix, ops, _ := strings.Cut(c.Cell, " ")
	spec, err := nasbench.Parse(matrix, "input,"+ops+",output")
	if err != nil {
		return answer{}, err
	}
	if b.net, err = spec.Network(c.Stem, arch.Shape{H: b.set.H, W: b.set.W, C: b.set.C}); err != nil {
		return answer{}, err
	}
	if b.x, err = b.batch(0, c.Images); err != nil {
		return answer{}, err
	}
	if b.norm, err = b.batch(c.Images, c.Norm); err != nil {
		return answer{}, err
	}
	b.cmd, b.unsaid = c, c.Dir != ""
	macs := int64(0)
	for i := range b.net.Nodes {
		macs += b.net.MACs(i)
	}
	a := answer{FLOPs: 2 * float64(macs) * float64((c.Images+c.Norm)*c.Members)}
	if c.Dir == "" {
		return a, nil
	}
	return a, b.write(c)
}

// batch returns n images from the i-th on.
func (b *bench) batch(i, n int) (*imageset.Batch, error) {
	idx := make([]int, n)
	for k := range idx {
		idx[k] = i + k
	}
	return b.set.Batch(idx, imageset.CIFAR10Normalization)
}

// node is an operation as the other sides read it.
type node struct {
	Kind     string  `json:"kind"`
	In       []int   `json:"in"`
	Kernel   int     `json:"kernel"`
	Stride   int     `json:"stride"`
	H        int     `json:"h"`
	W        int     `json:"w"`
	C        int     `json:"c"`
	Norm     bool    `json:"norm"`
	Epsilon  float64 `json:"epsilon"`
	Momentum float64 `json:"momentum"`
	Act      string  `json:"act"`
	Weights  int     `json:"weights"` // number of weights, [ky][kx][input][output]
}

func (b *bench) write(c command) error {
	var nodes []node
	for i, n := range b.net.Nodes {
		nodes = append(nodes, node{
			Kind: n.Kind.String(), In: n.In, Kernel: n.Kernel, Stride: n.Stride,
			H: n.Out.H, W: n.Out.W, C: n.Out.C,
			Norm: n.Norm, Epsilon: n.NormEpsilon, Momentum: n.NormMomentum,
			Act: n.Act.String(), Weights: b.net.Weights(i),
		})
	}
	text, err := json.Marshal(nodes)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(c.Dir, "network.json"), text, 0o666); err != nil {
		return err
	}
	var w []float32
	for m := range c.Members {
		for i := range b.net.Nodes {
			w = append(w, forward.Weights(b.net, i, b.config().Seed, m)...)
		}
	}
	for name, values := range map[string][]float32{"weights": w, "images": b.x.Data, "norm": b.norm.Data} {
		if err := writeFloats(filepath.Join(c.Dir, name), values); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) config() forward.Config { return forward.Config{Norm: forward.EMA, Seed: 1} }

// run takes the time from compiling to the last member's features.
func (b *bench) run() (answer, error) {
	if b.net == nil {
		return answer{}, fmt.Errorf("no network is open")
	}
	var all []float32
	start := time.Now()
	plan, err := b.pool.Compile(b.net, b.config())
	if err != nil {
		return answer{}, err
	}
	err = plan.Members(context.Background(), 0, b.cmd.Members, b.x, b.norm, func(_ int, f *forward.Features) error {
		if b.unsaid {
			all = append(all, f.Data...)
		}
		return nil
	})
	if err != nil {
		return answer{}, err
	}
	a := answer{Seconds: time.Since(start).Seconds()}
	if b.unsaid {
		b.unsaid = false
		err = writeFloats(filepath.Join(b.cmd.Dir, "ours"), all)
	}
	return a, err
}

func writeFloats(path string, values []float32) error {
	raw := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	return os.WriteFile(path, raw, 0o666)
}
