package forward

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward/internal/simd"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

func randomBatch(r *rand.Rand, n int, s arch.Shape) *imageset.Batch {
	b := &imageset.Batch{N: n, H: s.H, W: s.W, C: s.C, Data: make([]float32, n*s.Size())}
	for i := range b.Data {
		b.Data[i] = float32(r.NormFloat64())
	}
	return b
}

// compareOracle runs one random network at one level against the float64
// oracle.
//
// With None and EMA the bound is 1e-5 of the feature matrix' Frobenius norm.
// Batch statistics divide by a standard deviation that a handful of values can
// make as small as they like, so there the bound is looser and the
// normalization batch larger.
func compareOracle(t *testing.T, k *simd.Kernels, seed uint64, network func(*rand.Rand) *arch.Network) bool {
	t.Helper()
	r := rand.New(rand.NewPCG(seed, 1))
	net := network(r)
	cfg := Config{Norm: Norm(r.IntN(3)), Seed: seed, Threads: 1 + r.IntN(3)}
	x := randomBatch(r, 1+r.IntN(20), net.InputShape())
	norm := randomBatch(r, 12+r.IntN(20), net.InputShape())
	plan, err := compile(net, cfg, new(Pool), k)
	if k.Images == 1 && err != nil {
		return false // not every network lies so
	}
	if err != nil {
		t.Fatal(err)
	}
	got, err := plan.Features(context.Background(), 3, x, norm)
	if err != nil {
		t.Fatal(err)
	}
	o := &oracle{net: net, seed: seed, member: 3, norm: cfg.Norm}
	want := o.features(x, norm)
	var diff, size float64
	for i, v := range want.v {
		e := float64(got.Data[i]) - v
		diff += e * e
		size += v * v
	}
	bound := 1e-5
	if cfg.Norm == Batch {
		bound = 1e-3
	}
	if e := math.Sqrt(diff); !(e <= bound*math.Sqrt(size)+1e-7) {
		for i, n := range net.Nodes {
			t.Logf("%2d %+v", i, n)
		}
		t.Errorf("seed %d, %v, %d images, level %s: error %.2g of %.2g", seed, cfg.Norm, x.N, k.Name, e, math.Sqrt(size))
	}
	return true
}

// everyLevel returns the levels that this machine runs, with images and with
// channels side by side.
func everyLevel() map[string]*simd.Kernels {
	levels := map[string]*simd.Kernels{}
	for _, k := range simd.Available() {
		levels[k.Name] = k
		if k.Channels != nil {
			levels[k.Name+" channels"] = k.Channels
		}
	}
	return levels
}

// TestOracle compares random networks with the float64 oracle at every level
// that this machine runs: of the operations that NAS-Bench-101 and MnasNet need,
// and of all.
func TestOracle(t *testing.T) {
	count := uint64(150)
	if raceEnabled { // ten times slower
		count = 15
	}
	for name, k := range everyLevel() {
		for of, c := range map[string]struct {
			network func(*rand.Rand) *arch.Network
			least   int // one in so many can lie with channels side by side
		}{"": {randomNetwork, 5}, " all operations": {anyNetwork, 12}} {
			t.Run(name+of, func(t *testing.T) {
				run := 0
				for seed := range count {
					if compareOracle(t, k, seed, c.network) {
						run++
					}
				}
				if run < int(count)/c.least {
					t.Errorf("%d of %d networks run", run, count)
				}
			})
		}
	}
}

// eachLayout runs a test with images and with channels side by side, whatever
// the size of the networks.
func eachLayout(t *testing.T, test func(t *testing.T)) {
	usual := wide
	defer func() { wide = usual }()
	wide.bytes = math.MaxInt
	t.Run("images", test)
	wide.cache, wide.bytes, wide.waste = 0, 0, math.Inf(1)
	t.Run("channels", test)
}

// FuzzOracle is TestOracle with the fuzzer's seeds, a level and a kind of network at a
// time, so that none takes long.
func FuzzOracle(f *testing.F) {
	levels := slices.Sorted(maps.Keys(everyLevel()))
	for i := range levels {
		f.Add(uint64(1), uint8(i), i%2 == 0)
	}
	f.Fuzz(func(t *testing.T, seed uint64, level uint8, any bool) {
		network := randomNetwork
		if any {
			network = anyNetwork
		}
		compareOracle(t, everyLevel()[levels[int(level)%len(levels)]], seed, network)
	})
}

// exampleNetwork is a residual cell, followed by pooling and another one.
func exampleNetwork(t testing.TB, stem, side int) *arch.Network {
	b := arch.NewBuilder("residual", arch.Shape{H: side, W: side, C: 3})
	layer := func(in, channels, kernel int) int {
		return b.Conv(in, arch.Layer{Channels: channels, Kernel: kernel, Norm: true, Act: arch.ReLU})
	}
	x := layer(0, stem, 3)
	for s := range 2 {
		c := stem << s
		if s > 0 {
			x = b.MaxPool(x, 2, 2)
		}
		h := c - c/3
		p := layer(layer(x, h, 1), h, 3)
		q := b.MaxPool(layer(x, c-h, 1), 3, 1)
		x = b.Sum(c, b.Concat(p, q), layer(x, c, 1))
	}
	b.GlobalAvgPool(x)
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	return net
}

// TestSameBits checks that threads, the other images, the way of asking and
// the size of the ensemble leave the bits alone, at every level.
func TestSameBits(t *testing.T) {
	for _, k := range simd.Available() {
		t.Run(k.Name, func(t *testing.T) {
			t.Setenv(simd.EnvLevel, k.Name)
			eachLayout(t, sameBits)
		})
	}
}

func sameBits(t *testing.T) {
	net := exampleNetwork(t, 8, 8)
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 41, net.InputShape()), randomBatch(r, 27, net.InputShape())
	for mode := EMA; mode <= None; mode++ {
		var want []*Features
		for _, threads := range []int{1, 2, 4} {
			plan, err := Compile(net, Config{Norm: mode, Seed: 7, Threads: threads})
			if err != nil {
				t.Fatal(err)
			}
			for _, count := range []int{5, 1, 3} {
				next := 2
				err := plan.Members(context.Background(), 2, count, x, norm, func(m int, f *Features) error {
					if m != next {
						t.Errorf("member %d emitted, want %d", m, next)
					}
					next++
					if len(want) <= m-2 {
						want = append(want, &Features{N: f.N, D: f.D, Data: append([]float32(nil), f.Data...)})
						return nil
					}
					equalBits(t, fmt.Sprintf("%v, %d threads, member %d of %d", mode, threads, m, count), f, want[m-2])
					return nil
				})
				if err != nil || next != 2+count {
					t.Fatalf("%d members emitted, error %v", next-2, err)
				}
			}
			head := &imageset.Batch{N: 13, H: x.H, W: x.W, C: x.C, Data: x.Data[:13*net.InputShape().Size()]}
			f, err := plan.Features(context.Background(), 4, head, norm)
			if err != nil {
				t.Fatal(err)
			}
			equalBits(t, "fewer images", f, &Features{N: 13, D: f.D, Data: want[2].Data[:13*f.D]})
		}
	}
}

func equalBits(t *testing.T, what string, got, want *Features) {
	t.Helper()
	if got.N != want.N || got.D != want.D || len(got.Data) != len(want.Data) {
		t.Fatalf("%s: %d x %d, want %d x %d", what, got.N, got.D, want.N, want.D)
	}
	for i, v := range got.Data {
		if math.Float32bits(v) != math.Float32bits(want.Data[i]) {
			t.Fatalf("%s: value %d is %v, want %v", what, i, v, want.Data[i])
		}
	}
}

// TestPool checks that networks sharing memory do not disturb each other.
func TestPool(t *testing.T) { eachLayout(t, sharedPool) }

func sharedPool(t *testing.T) {
	var pool Pool
	r := rand.New(rand.NewPCG(3, 4))
	ctx := context.Background()
	for range 2 {
		for _, stem := range []int{5, 12, 8} {
			net := exampleNetwork(t, stem, 12)
			x, norm := randomBatch(r, 11, net.InputShape()), randomBatch(r, 9, net.InputShape())
			shared, err := pool.Compile(net, Config{Threads: 2})
			if err != nil {
				t.Fatal(err)
			}
			alone, err := Compile(net, Config{Threads: 1})
			if err != nil {
				t.Fatal(err)
			}
			got, err := shared.Features(ctx, 0, x, norm)
			if err != nil {
				t.Fatal(err)
			}
			want, err := alone.Features(ctx, 0, x, norm)
			if err != nil {
				t.Fatal(err)
			}
			equalBits(t, fmt.Sprint("stem ", stem), got, want)
		}
	}
}

// TestStops checks that a canceled context or an error of emit ends the
// call, with that error, for any number of threads.
func TestStops(t *testing.T) {
	net := exampleNetwork(t, 8, 8)
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 40, net.InputShape()), randomBatch(r, 20, net.InputShape())
	full := errors.New("full")
	for _, threads := range []int{1, 2, 4} {
		plan, err := Compile(net, Config{Threads: threads})
		if err != nil {
			t.Fatal(err)
		}
		ctx, cancel := context.WithCancel(context.Background())
		emitted := 0
		err = plan.Members(ctx, 0, 1000000, x, norm, func(m int, _ *Features) error {
			emitted++
			if m == 2 {
				cancel()
			}
			return nil
		})
		if !errors.Is(err, context.Canceled) || emitted != 3 {
			t.Errorf("%d threads: %d emitted, error %v", threads, emitted, err)
		}
		err = plan.Members(context.Background(), 0, 1000000, x, norm, func(m int, _ *Features) error {
			if m == 3 {
				return full
			}
			return nil
		})
		if !errors.Is(err, full) {
			t.Errorf("%d threads: error %v", threads, err)
		}
		if _, err = plan.Features(ctx, 0, x, norm); !errors.Is(err, context.Canceled) {
			t.Errorf("%d threads: canceled before the start: error %v", threads, err)
		}
	}
}

// TestBadInput checks the messages for what cannot run.
func TestBadInput(t *testing.T) {
	net := exampleNetwork(t, 8, 16)
	good := fixture.HashedImages(2, net.InputShape(), 0)
	ctx := context.Background()
	plan, err := Compile(net, Config{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		want string
		x, b *imageset.Batch
	}{
		{"x is nil", nil, good},
		{"needs a batch", good, nil},
		{"holds images of 8x16x3", &imageset.Batch{N: 1, H: 8, W: 16, C: 3, Data: make([]float32, 384)}, good},
		{"x holds no images", &imageset.Batch{H: 16, W: 16, C: 3}, good},
		{"normBatch holds 5 values", good, &imageset.Batch{N: 1, H: 16, W: 16, C: 3, Data: make([]float32, 5)}},
	} {
		if _, err := plan.Features(ctx, 0, c.x, c.b); err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("error %v, want one that says %q", err, c.want)
		}
	}
	if _, err := plan.Features(ctx, -1, good, good); err == nil {
		t.Error("negative member accepted")
	}
	if _, err := Compile(net, Config{Norm: 9}); err == nil {
		t.Error("unknown normalization accepted")
	}
	if _, err := Compile(net, Config{Threads: -1}); err == nil {
		t.Error("negative threads accepted")
	}
	t.Setenv(simd.EnvLevel, "mmx")
	if _, err := Compile(net, Config{}); err == nil || !strings.Contains(err.Error(), "mmx") {
		t.Errorf("unknown instruction set: error %v", err)
	}
	t.Setenv(simd.EnvLevel, "portable")
	if p, err := Compile(net, Config{}); err != nil || p.Level() != "portable" {
		t.Errorf("forced portable level: error %v", err)
	}
	if _, err := Compile(nil, Config{}); err == nil {
		t.Error("nil network accepted")
	}
	for what, spoil := range map[string]func(n *arch.Network){
		"later input":  func(n *arch.Network) { n.Nodes[1].In = []int{2} },
		"wrong shape":  func(n *arch.Network) { n.Nodes[1].Out.H++ },
		"second input": func(n *arch.Network) { n.Nodes[1].Kind = arch.Input },
		"no kernel":    func(n *arch.Network) { n.Nodes[1].Kernel = 0 },
		"no inputs":    func(n *arch.Network) { n.Nodes[1].In = nil },
		"momentum":     func(n *arch.Network) { n.Nodes[1].NormMomentum = 2 },
		"wide sum": func(n *arch.Network) {
			for i := range n.Nodes {
				if n.Nodes[i].Kind == arch.Sum {
					n.Nodes[i].Out.C += 1000
				}
			}
		},
	} {
		bad := *net
		bad.Nodes = append([]arch.Node(nil), net.Nodes...)
		spoil(&bad)
		if _, err := Compile(&bad, Config{}); err == nil {
			t.Errorf("%s: accepted", what)
		}
	}
}

// TestNormNames checks that names and modes agree.
func TestNormNames(t *testing.T) {
	for n := EMA; n <= None; n++ {
		if m, err := ParseNorm(n.String()); err != nil || m != n {
			t.Errorf("%v: %v, %v", n, m, err)
		}
	}
	if _, err := ParseNorm("layer"); err == nil {
		t.Error("unknown name accepted")
	}
}

// TestSteadyState checks that members after the first allocate nothing.
func TestSteadyState(t *testing.T) {
	if raceEnabled {
		t.Skip("the race detector allocates")
	}
	eachLayout(t, steadyState)
}

func steadyState(t *testing.T) {
	net := exampleNetwork(t, 8, 8)
	r := rand.New(rand.NewPCG(1, 2))
	x, norm := randomBatch(r, 16, net.InputShape()), randomBatch(r, 16, net.InputShape())
	plan, err := Compile(net, Config{Threads: 1})
	if err != nil {
		t.Fatal(err)
	}
	run := func(members int) float64 {
		return testing.AllocsPerRun(5, func() {
			if err := plan.Members(context.Background(), 0, members, x, norm, func(int, *Features) error { return nil }); err != nil {
				t.Fatal(err)
			}
		})
	}
	if few, many := run(1), run(21); many > few {
		t.Errorf("%v allocations for one member, %v for 21", few, many)
	}
}
