package arch

import (
	"fmt"
	"testing"
)

func TestNetworkText(t *testing.T) {
	b := NewBuilder("plain", Shape{H: 32, W: 32, C: 3})
	x := b.Conv(0, Layer{Channels: 8, Kernel: 3, Act: ReLU})
	x = b.Conv(b.MaxPool(x, 2, 2), Layer{Channels: 16, Kernel: 3, Act: ReLU})
	b.GlobalAvgPool(x)
	net, err := b.Network(10)
	if err != nil {
		t.Fatal(err)
	}
	// Weights 3*3*3*8 + 3*3*8*16 and a final layer of 16*10 + 10; operations
	// 2 (216*32*32 + 1152*16*16 + 160).
	want := `network "plain" on images of 32x32x3: 2 conv, 1 maxpool, 1 globalavgpool; 16 features, 1538 parameters, 0.00103 GFLOP per image`
	if got := fmt.Sprint(net); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got := new(Network).String(); got != `network "" without nodes` {
		t.Error(got)
	}
	if got := (*Network)(nil).String(); got != "no network" {
		t.Error(got)
	}
}
