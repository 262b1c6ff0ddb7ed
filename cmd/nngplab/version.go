package main

import (
	"fmt"
	"io"
	"runtime"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

func init() { subcommands = append(subcommands, newVersion) }

// versionOutput is what version prints.
type versionOutput struct {
	Version  string `json:"version"`
	Revision string `json:"revision"`
	Time     string `json:"time,omitempty"` // of the revision
	Go       string `json:"go"`
	Platform string `json:"platform"`
	CPU      string `json:"cpu"` // the instructions that the engine uses here
	CPUError string `json:"cpu_error,omitempty"`
	Cores    int    `json:"cores"`
}

// currentVersion says what this program is: the revision that `make` wrote into it,
// or else what the Go toolchain did.
func currentVersion() versionOutput {
	out := versionOutput{Version: "unknown", Revision: sweep.Revision, Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH, Cores: runtime.NumCPU()}
	if info, ok := debug.ReadBuildInfo(); ok {
		out.Version = info.Main.Version
		revision, modified := "", false
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				revision = s.Value
			case "vcs.time":
				out.Time = s.Value
			case "vcs.modified":
				modified = s.Value == "true"
			}
		}
		if out.Revision == "" && revision != "" {
			if out.Revision = revision[:min(len(revision), 12)]; modified {
				out.Revision += "-dirty"
			}
		}
	}
	if out.Revision == "" {
		out.Revision = "unknown"
	}
	var err error
	if out.CPU, err = forward.BestLevel(); err != nil {
		out.CPU, out.CPUError = "none", err.Error()
	}
	return out
}

func newVersion() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Say which revision this program is, and which instructions it uses here",
		Long: `Version prints the revision of the sources, the Go toolchain, and the instructions
of this processor that the engine uses: avx512, avx2 or portable. Results of two
levels differ in the last digits of float32; NNGPLAB_SIMD chooses one.`,
		Example: `  nngplab version
  nngplab version --json
  NNGPLAB_SIMD=portable nngplab version`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			v := currentVersion()
			return printResult(cmd, v, func(w io.Writer) error {
				_, err := fmt.Fprintln(w, v.line())
				return err
			})
		},
	}
}

// line is the version in a line.
func (v versionOutput) line() string {
	parts := []string{"nngplab " + v.Version, "revision " + v.Revision, v.Go, v.Platform, fmt.Sprintf("%d cores", v.Cores), "engine " + v.CPU}
	if v.CPUError != "" {
		parts = append(parts, v.CPUError)
	}
	return strings.Join(parts, ", ")
}
