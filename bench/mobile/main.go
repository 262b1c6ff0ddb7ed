// Command mobile is the Go side of bench/mobile.py: it runs networks of the MnasNet
// space at random initialization, and writes down the same networks, weights and
// images for others to run. Batch normalization is left out, as it is where its
// statistics are folded into the weights.
//
// Each line of its standard input is a JSON command, each line of its standard
// output the JSON answer:
//
//	{"op": "about"}
//	{"op": "open", "network": "e.. k.. l.. se..", "size": 64, "width": 32, "images": 200, "dir": "DIR"}
//	{"op": "run"}
//
// open compiles the network, and writes network.json, weights and images (float32,
// little endian) into the folder. run computes the features of one member, its
// weights drawn and packed anew; the first run after open also writes them, as
// "ours".
package main

import (
	"bufio"
	"context"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"runtime"
	"syscall"
	"time"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/mnasnet"
)

func main() {
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "mobile:", err)
		os.Exit(1)
	}
}

type command struct {
	Op      string `json:"op"`
	Network string `json:"network"`
	Size    int    `json:"size"`
	Width   int    `json:"width"`
	Images  int    `json:"images"`
	Dir     string `json:"dir"`
}

type answer struct {
	Version string  `json:"version,omitempty"`
	FLOPs   float64 `json:"flops,omitempty"`
	Seconds float64 `json:"seconds,omitempty"`
	CPU     float64 `json:"cpu,omitempty"`
}

// bench is the state between commands.
type bench struct {
	pool   forward.Pool
	cmd    command // of open
	plan   *forward.Plan
	x      *imageset.Batch
	unsaid bool // features are still to be written
}

func serve(in io.Reader, out io.Writer) error {
	b := &bench{}
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
		builder := arch.NewBuilder("about", arch.Shape{H: 1, W: 1, C: 1})
		builder.GlobalAvgPool(0)
		net, err := builder.Network(0)
		if err != nil {
			return answer{}, err
		}
		plan, err := forward.Compile(net, forward.Config{})
		if err != nil {
			return answer{}, err
		}
		return answer{Version: fmt.Sprintf("%s, level %s", runtime.Version(), plan.Level())}, nil
	case "open":
		return b.open(c)
	case "run":
		return b.run()
	}
	return answer{}, fmt.Errorf("unknown operation %q", c.Op)
}

func (b *bench) open(c command) (answer, error) {
	d, err := mnasnet.ParseDecisions(c.Network)
	if err != nil {
		return answer{}, err
	}
	shape := arch.Shape{H: c.Size, W: c.Size, C: 3}
	net, err := d.Network(mnasnet.Skeleton{Width: c.Width, Input: shape})
	if err != nil {
		return answer{}, err
	}
	if b.plan, err = b.pool.Compile(net, config); err != nil {
		return answer{}, err
	}
	b.x = &imageset.Batch{N: c.Images, H: c.Size, W: c.Size, C: 3, Data: make([]float32, c.Images*shape.Size())}
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b.x.Data {
		b.x.Data[i] = float32(r.NormFloat64())
	}
	b.cmd, b.unsaid = c, true
	macs := int64(0)
	for i := range net.Nodes {
		macs += net.MACs(i)
	}
	return answer{FLOPs: 2 * float64(macs) * float64(c.Images)}, b.write(net, c.Dir)
}

var config = forward.Config{Norm: forward.None, Seed: 1}

// node is an operation as the other sides read it.
type node struct {
	Kind    string `json:"kind"`
	In      []int  `json:"in"`
	Kernel  int    `json:"kernel"`
	Stride  int    `json:"stride"`
	H       int    `json:"h"`
	W       int    `json:"w"`
	C       int    `json:"c"`
	Act     string `json:"act"`
	Weights int    `json:"weights"` // number of weights, [ky][kx][input][output], of a depthwise one [ky][kx][channel]
}

func (b *bench) write(net *arch.Network, dir string) error {
	var nodes []node
	var w []float32
	for i, n := range net.Nodes {
		nodes = append(nodes, node{
			Kind: n.Kind.String(), In: n.In, Kernel: n.Kernel, Stride: n.Stride,
			H: n.Out.H, W: n.Out.W, C: n.Out.C, Act: n.Act.String(), Weights: net.Weights(i),
		})
		w = append(w, forward.Weights(net, i, config.Seed, 0)...)
	}
	text, err := json.Marshal(nodes)
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "network.json"), text, 0o666); err != nil {
		return err
	}
	if err := writeFloats(filepath.Join(dir, "weights"), w); err != nil {
		return err
	}
	return writeFloats(filepath.Join(dir, "images"), b.x.Data)
}

func (b *bench) run() (answer, error) {
	if b.plan == nil {
		return answer{}, fmt.Errorf("no network is open")
	}
	start, cpu := time.Now(), cpuSeconds()
	f, err := b.plan.Features(context.Background(), 0, b.x, nil)
	if err != nil {
		return answer{}, err
	}
	a := answer{Seconds: time.Since(start).Seconds(), CPU: cpuSeconds() - cpu}
	if b.unsaid {
		b.unsaid = false
		err = writeFloats(filepath.Join(b.cmd.Dir, "ours"), f.Data)
	}
	return a, err
}

// cpuSeconds returns the processor time of this process.
func cpuSeconds() float64 {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return float64(u.Utime.Nano()+u.Stime.Nano()) * 1e-9
}

func writeFloats(path string, values []float32) error {
	raw := make([]byte, 4*len(values))
	for i, v := range values {
		binary.LittleEndian.PutUint32(raw[4*i:], math.Float32bits(v))
	}
	return os.WriteFile(path, raw, 0o666)
}
