package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/internal/gokernel"
	"github.com/nngplab/nngplab/internal/machine"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/arch"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func init() { subcommands = append(subcommands, newDoctor) }

// errSick is how doctor says with its exit code what it has printed.
var errSick = errors.New("something is wrong: see above")

func newDoctor() *cobra.Command {
	var skipKernel bool
	var l gokernel.Location
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what works here and what does not: engine, memory, data, folders, kernel",
		Long: `Doctor examines this machine for what nngplab needs: it scores a small network, looks
at the memory, the folders for data and scores, the data sets, and the Go kernel for
Jupyter. Every finding is ok, a warning (something is not there that not everyone
needs) or a problem, with what mends it.
Exit code 0: no problem; 1: a problem.`,
		Example: `  nngplab doctor
  nngplab doctor --prefix .venv       # the kernel of this environment
  nngplab doctor --skip-kernel --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := examine(cmd.Context(), l, skipKernel)
			if err != nil {
				return kernelError(err)
			}
			err = printResult(cmd, d, func(w io.Writer) error { return checksText(w, d.Checks) })
			if err == nil && !d.OK {
				err = errSick
			}
			return err
		},
	}
	f := cmd.Flags()
	f.BoolVar(&skipKernel, "skip-kernel", false, "leave the Go kernel for Jupyter out")
	folderVar(f, &l.Prefix, "prefix", "", "look for the kernel in the environment at this folder; without it in the user's Jupyter folder, or in .venv where that is")
	return cmd
}

// diagnosis is what doctor prints.
type diagnosis struct {
	OK     bool             `json:"ok"` // no check found a problem
	Checks []gokernel.Check `json:"checks"`
}

func (d *diagnosis) add(name string, status gokernel.Status, fix, format string, args ...any) {
	if status == gokernel.Problem {
		d.OK = false
	}
	d.Checks = append(d.Checks, gokernel.Check{Name: name, Status: status, Detail: fmt.Sprintf(format, args...), Fix: fix})
}

func checksText(w io.Writer, checks []gokernel.Check) error {
	for _, c := range checks {
		fmt.Fprintf(w, "%-8s %s: %s\n", c.Status, c.Name, c.Detail)
		if c.Fix != "" {
			fmt.Fprintf(w, "%-8s mend it with: %s\n", "", asTyped(c.Fix, program))
		}
	}
	return nil
}

// examine makes all checks.
func examine(ctx context.Context, l gokernel.Location, skipKernel bool) (*diagnosis, error) {
	d := &diagnosis{OK: true}
	d.add("version", gokernel.OK, "", "%s", currentVersion().line())
	d.engine(ctx)
	d.memory()
	d.folders()
	d.data()
	if skipKernel {
		return d, ctx.Err()
	}
	if _, err := os.Stat(filepath.Join(".venv", "share", "jupyter", "kernels", gokernel.DefaultName)); err == nil && l == (gokernel.Location{}) {
		l.Prefix = ".venv"
	}
	k, err := gokernel.Doctor(ctx, gokernel.DoctorOptions{Location: l})
	if err != nil {
		return nil, err
	}
	_, err = os.Stat(filepath.Join(k.Spec, "kernel.json"))
	none := errors.Is(err, os.ErrNotExist)
	for _, c := range k.Checks {
		if none && c.Status == gokernel.Problem && (c.Name == "kernel spec" || c.Name == "Jupyter") {
			c.Status = gokernel.Warning // a terminal needs neither
		}
		d.add(c.Name, c.Status, c.Fix, "%s", c.Detail)
	}
	return d, ctx.Err()
}

// engine scores a small network.
func (d *diagnosis) engine(ctx context.Context) {
	b := arch.NewBuilder("doctor", arch.Shape{H: 8, W: 8, C: 3})
	b.GlobalAvgPool(b.Conv(0, arch.Layer{Channels: 8, Kernel: 3, Norm: true, Act: arch.ReLU}))
	net, err := b.Network(0)
	if err == nil {
		var set *imageset.Set
		if set, err = imageset.Noise(imageset.NoiseConfig{Images: 8, H: 8, W: 8}); err == nil {
			_, err = nngpkit.Evaluate(ctx, net, set, nngpkit.Config{Train: 6, Val: 2, Members: 1})
		}
	}
	if err != nil {
		fix := ""
		if _, lerr := forward.BestLevel(); lerr != nil {
			fix = "unset NNGPLAB_SIMD"
		}
		d.add("engine", gokernel.Problem, fix, "%v", err)
		return
	}
	level, _ := forward.BestLevel() // which worked just now
	d.add("engine", gokernel.OK, "", "a network of one convolution was scored, instructions %s", level)
}

// leastMemory is what scoring a network of the published size takes, roughly.
const leastMemory = 1 << 30

func (d *diagnosis) memory() {
	switch there := machine.ReadMemory(); {
	case there.Total == 0:
		d.add("memory", gokernel.OK, "", "the system does not say how much there is")
	case !there.Allows(leastMemory):
		d.add("memory", gokernel.Warning, "close other programs, or take a smaller --width", "%v", there)
	default:
		d.add("memory", gokernel.OK, "", "%v", there)
	}
}

// folders checks where this program writes.
func (d *diagnosis) folders() {
	cache, err := datasets.CacheDir()
	if err != nil {
		d.add("cache", gokernel.Problem, "set XDG_CACHE_HOME or HOME", "%v", err)
	} else {
		d.writable("cache", filepath.Dir(cache))
	}
	if dir := os.Getenv(sweep.CacheEnv); dir != "" {
		d.writable("scores ("+sweep.CacheEnv+")", dir)
	}
}

// writable checks that files can be made in a folder, or in the first one above it
// that is there.
func (d *diagnosis) writable(name, dir string) {
	at := dir
	for {
		if info, err := os.Stat(at); err == nil {
			if !info.IsDir() {
				d.add(name, gokernel.Problem, "", "%s is no folder", at)
				return
			}
			break
		}
		if filepath.Dir(at) == at {
			break
		}
		at = filepath.Dir(at)
	}
	f, err := os.CreateTemp(at, ".nngplab-doctor-*")
	if err != nil {
		d.add(name, gokernel.Problem, "", "%v", err)
		return
	}
	f.Close()
	if err := os.Remove(f.Name()); err != nil {
		d.add(name, gokernel.Problem, "", "%v", err)
		return
	}
	d.add(name, gokernel.OK, "", "%s can be written", dir)
}

// data checks the folders of data sets, and which sets there are.
func (d *diagnosis) data() {
	for _, r := range datasets.Roots() {
		if _, err := os.Stat(r.Dir); err != nil && r.Origin == datasets.FromEnv {
			d.add(datasets.EnvData, gokernel.Problem, "", "%v", err)
		}
	}
	var here, missing int
	for _, name := range datasets.Names() {
		if _, err := datasets.Find(name); err == nil {
			here++
		} else {
			missing++
		}
	}
	switch {
	case here == 0:
		d.add("data sets", gokernel.Warning, "nngplab data fetch cifar10", "none of %d is here; without one, images are drawn by code", missing)
	default:
		d.add("data sets", gokernel.OK, "", "%d of %d are here ('%s data list' names them)", here, here+missing, program)
	}
}
