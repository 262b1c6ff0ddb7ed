package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/onnx"
	"github.com/nngplab/nngplab/nngpkit/study"
)

// ownSide is the side of image files for networks that leave it to the images.
const ownSide = 32

// maxNetworkJSON bounds a network that is written as JSON.
const maxNetworkJSON = 64 << 20

// ownNetwork is a network of no search space.
type ownNetwork struct {
	study.NamedNetwork
	features string // where they are taken, in words
	anySize  bool
	notes    []string // what the file's reader should know
}

// readNetwork reads an ONNX file, or a network of package arch as JSON. size is the
// side of the images, where it is given, and open that where the file leaves it open.
func readNetwork(path, features string, size, open int) (*ownNetwork, error) {
	if strings.EqualFold(filepath.Ext(path), ".json") {
		return readJSONNetwork(path, features, size)
	}
	m, err := onnx.ReadFile(path, onnx.Options{
		Features: features, Input: arch.Shape{H: size, W: size}, Open: arch.Shape{H: open, W: open, C: 3},
	})
	if err != nil {
		return nil, err
	}
	n := &ownNetwork{NamedNetwork: study.NamedNetwork{Name: path, Network: m.Network}, features: m.Features, anySize: m.AnySize && size == 0}
	convolutions := 0
	for i := range m.Network.Nodes {
		if k := m.Network.Nodes[i].Kind; k == arch.Conv || k == arch.Depthwise {
			convolutions++
		}
	}
	if m.Normalizations == 0 && convolutions > 0 {
		n.notes = append(n.notes, "it has no batch normalization, so that --norm changes nothing (exporters fold it into convolutions unless told not to)")
	}
	if m.HeadParameters > 0 {
		n.notes = append(n.notes, fmt.Sprintf("%d parameters of its head are left out and not counted: %s", m.HeadParameters, printable.Clip(strings.Join(m.Head, ", "), 400)))
	}
	return n, nil
}

func readJSONNetwork(path, features string, size int) (*ownNetwork, error) {
	if features != "" || size != 0 {
		return nil, fmt.Errorf("%s: --features and --size are of ONNX files: a network in JSON says both itself", path)
	}
	b, err := plainfile.Read(path, maxNetworkJSON)
	if err != nil {
		return nil, err
	}
	net := new(arch.Network)
	if err := json.Unmarshal(b, net); err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	if net.Name == "" {
		net.Name = strings.TrimSuffix(filepath.Base(path), filepath.Ext(path))
	}
	return &ownNetwork{NamedNetwork: study.NamedNetwork{Name: path, Network: net}, features: "its last node"}, nil
}

// note prints what is to be known about the network.
func (n *ownNetwork) note(cmd *cobra.Command) {
	for _, text := range n.notes {
		fmt.Fprintf(cmd.ErrOrStderr(), "nngplab: %s: %s\n", printable.Text(n.Name), printable.Text(text))
	}
}

// networkFiles returns the files that --networks and the arguments behind it name:
// paths, patterns such as "DIR/*.onnx", and folders.
func networkFiles(names []string) ([]string, error) {
	var out []string
	seen := map[string]bool{}
	for _, name := range names {
		found := []string{name}
		info, serr := os.Stat(name)
		switch matches, err := filepath.Glob(name); {
		case serr == nil && !info.IsDir():
		case serr == nil:
			if found, err = filepath.Glob(filepath.Join(name, "*.onnx")); err != nil || len(found) == 0 {
				return nil, fmt.Errorf("%s: there is no .onnx file in the folder", name)
			}
		case strings.ContainsAny(name, "*?[") && err == nil && len(matches) > 0:
			found = matches
		case strings.ContainsAny(name, "*?[") && err == nil:
			return nil, fmt.Errorf("no file matches %s", name)
		}
		for _, f := range found {
			if !seen[f] {
				seen[f] = true
				out = append(out, f)
			}
		}
	}
	if len(out) == 0 {
		return nil, errors.New("--networks names no file")
	}
	return out, nil
}

// normalizes tells whether a network has a batch normalization.
func normalizes(n *ownNetwork) bool {
	for i := range n.Network.Nodes {
		if nd := &n.Network.Nodes[i]; nd.Norm || nd.Kind == arch.BatchNorm {
			return true
		}
	}
	return false
}
