package nngpkit

import (
	"fmt"
	"runtime"
	"sync"
	"time"

	"github.com/nngplab/nngplab/internal/machine"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// MemoryError says that something needs more memory than there is.
type MemoryError struct {
	What, Advice string  // in words: "the evaluation", "take a smaller width"
	Need         float64 // bytes, as Memory estimates
	Free, Total  int64   // bytes, of the bound that leaves least
	Whose        string  // that bound: "this machine's", "its control group's", "its own limit's"
}

// Error names what is needed and what there is.
func (e *MemoryError) Error() string {
	return fmt.Sprintf("%s needs about %s of memory, and %v: %s",
		e.What, machine.Bytes(e.Need), machine.Memory{Free: e.Free, Total: e.Total, Whose: e.Whose}, e.Advice)
}

// checkMemory returns a *MemoryError if the evaluation would not fit.
func checkMemory(net *arch.Network, set *imageset.Set, cfg Config) error {
	return CheckMemory("the evaluation", cfg.Memory(net, set), "take a smaller width, or fewer images or threads")
}

// CheckMemory returns a *MemoryError if something that needs so many bytes does not
// fit into the memory that is free. Where the system does not say what there is,
// nothing is refused below a terabyte.
func CheckMemory(what string, need float64, advice string) error {
	there := memoryFor(need)
	if there.Total == 0 {
		there = machine.Memory{Free: 1 << 40, Total: 1 << 40}
	}
	if there.Allows(need) {
		return nil
	}
	return &MemoryError{What: what, Advice: advice, Need: need, Free: there.Free, Total: there.Total, Whose: there.Whose}
}

// reading is what the system last said.
var reading struct {
	sync.Mutex
	at    time.Time
	there machine.Memory
}

// Asking the system takes some hundredths of what a small network does, so a
// reading serves small needs, a part in smallShare of what was free, for readingAge.
const (
	readingAge = time.Second
	smallShare = 64
)

// memoryFor returns what there is, or for a small need what there was a moment ago.
func memoryFor(need float64) machine.Memory {
	reading.Lock()
	defer reading.Unlock()
	if now := time.Now(); reading.there.Total == 0 || need > float64(reading.there.Free)/smallShare || now.Sub(reading.at) > readingAge {
		reading.there, reading.at = machine.ReadMemory(), now
	}
	return reading.there
}

const (
	float32Bytes, float64Bytes = 4, 8

	// lanes is the largest number of images that go through a network together.
	lanes = 16
	// winogradGrowth is what Winograd's algorithm makes of a 3x3 window's weights:
	// 36 positions of 9.
	winogradGrowth = 4
	// membersBytes bounds what the weights of members take that run side by side,
	// beyond those of the first; see forward.
	membersBytes = 5 << 28
	// kernelCopies is how many matrices of the kernel's size inference holds.
	kernelCopies = 5
)

// Memory estimates the bytes that an evaluation takes at most, before it starts:
// weights, activations, features and kernels. It is within a factor of two of
// what is taken for networks whose weights matter; the sums are of float64, so
// that no width overflows them.
func (c Config) Memory(net *arch.Network, set *imageset.Set) float64 {
	c = c.withDefaults()
	threads := float64(c.Threads)
	if c.Threads <= 0 {
		threads = float64(runtime.GOMAXPROCS(0))
	}
	images := float64(c.Train + c.Val)
	batch := float64(c.NormBatch)
	if c.Norm == forward.None {
		batch = 0
	}
	pixels := float64(set.H) * float64(set.W) * float64(set.C)
	weights, largest := weightBytes(net)
	alive := liveBytes(net)
	features := featureValues(net, c.Views) * images * float32Bytes
	side := min(threads, float64(c.Members)) // members that run at a time
	perMember := weights + alive*roundUp(batch, lanes)
	perMember += min((side-1)*perMember, membersBytes)
	kernels := images * images * float64Bytes * float64(len(c.Views)+kernelCopies)
	return perMember + threads*largest + threads*lanes*alive + (1+side)*features +
		(2*images+side*2*batch)*pixels*float32Bytes + kernels
}

func roundUp(n, to float64) float64 {
	k := float64(int(n/to)) * to
	if k < n {
		k += to
	}
	return k
}

// weightBytes returns the bytes of all packed weights, and those of the layer
// with most.
func weightBytes(net *arch.Network) (all, largest float64) {
	for i := range net.Nodes {
		nd := &net.Nodes[i]
		var n float64
		switch nd.Kind {
		case arch.Conv:
			in := net.Nodes[nd.In[0]].Out
			n = float64(nd.Kernel) * float64(nd.Kernel) * float64(in.C) * float64(nd.Out.C)
			largest = max(largest, n*float32Bytes)
			if nd.Kernel == 3 && nd.Stride == 1 && in.H%4 == 0 && in.W%4 == 0 {
				n *= winogradGrowth
			}
		case arch.Dense:
			in := net.Nodes[nd.In[0]].Out
			n = float64(in.H) * float64(in.W) * float64(in.C) * float64(nd.Out.C)
		case arch.Depthwise:
			n = float64(nd.Kernel) * float64(nd.Kernel) * float64(nd.Out.C)
		}
		largest = max(largest, n*float32Bytes)
		all += n * float32Bytes
	}
	return all, largest
}

// liveBytes returns the bytes of the values of one image that are needed at a
// time, at most.
func liveBytes(net *arch.Network) float64 {
	last := make([]int, len(net.Nodes))
	for i := range net.Nodes {
		last[i] = i
		for _, j := range net.Nodes[i].In {
			last[j] = i
		}
	}
	ends := make([][]int, len(net.Nodes))
	for i, l := range last {
		ends[l] = append(ends[l], i)
	}
	size := func(i int) float64 {
		s := net.Nodes[i].Out
		return float64(s.H) * float64(s.W) * float64(s.C) * float32Bytes
	}
	alive, most := 0.0, 0.0
	for i := range net.Nodes {
		alive += size(i)
		most = max(most, alive)
		for _, j := range ends[i] {
			alive -= size(j)
		}
	}
	return most
}

// featureValues returns the number of features of an image: those of the last
// node, or of every scale where a view asks for them.
func featureValues(net *arch.Network, views []View) float64 {
	last := net.FeatureShape()
	n := float64(last.H) * float64(last.W) * float64(last.C)
	for _, v := range views {
		if !v.scales() {
			continue
		}
		n = 0
		for i := range net.Nodes { // of each node at most its channels
			n += float64(net.Nodes[i].Out.C)
		}
		return n
	}
	return n
}
