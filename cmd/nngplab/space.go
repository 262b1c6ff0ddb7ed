package main

import (
	"errors"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/nngplab/nngplab/nngpkit/nasbench"
	"github.com/spf13/cobra"
)

func init() { subcommands = append(subcommands, newSpace) }

func newSpace() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "space",
		Short: "The NAS-Bench-101 space: count its cells, describe one, draw some",
		Args:  noArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newSpaceCount(), newSpaceInfo(), newSpaceSample())
	return cmd
}

type spaceCount struct {
	Unique             int     `json:"unique"`
	Labelled           int     `json:"labelled"`
	ByVertices         []int   `json:"unique_by_vertices"`
	LabelledByVertices []int   `json:"labelled_by_vertices"`
	ByEdges            []int   `json:"unique_by_edges"`
	Seconds            float64 `json:"seconds"`
}

func newSpaceCount() *cobra.Command {
	return &cobra.Command{
		Use:   "count",
		Short: "Enumerate the whole space, up to isomorphism, and count it",
		Long: `Enumerate every cell of at most 7 vertices and 9 edges, up to isomorphism,
and count the cells by vertices and by edges. "Labelled" counts every pruned
matrix with operations, isomorphic ones each. Lists with --json are indexed by
the number of vertices or edges, from 0.`,
		Example: "  nngplab space count --json",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start := time.Now()
			c := nasbench.Count()
			out := spaceCount{c.Unique, c.Labelled, c.ByVertices, c.LabelledByVertices, c.ByEdges, time.Since(start).Seconds()}
			return printResult(cmd, out, out.text)
		},
	}
}

func (c spaceCount) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', tabwriter.AlignRight)
	fmt.Fprintln(tw, "vertices\tcells\tlabelled\t")
	for n := 2; n < len(c.ByVertices); n++ {
		fmt.Fprintf(tw, "%d\t%d\t%d\t\n", n, c.ByVertices[n], c.LabelledByVertices[n])
	}
	fmt.Fprintf(tw, "all\t%d\t%d\t\n", c.Unique, c.Labelled)
	fmt.Fprintln(tw, "\t\t\t\nedges\tcells\t\t")
	for e := 1; e < len(c.ByEdges); e++ {
		fmt.Fprintf(tw, "%d\t%d\t\t\n", e, c.ByEdges[e])
	}
	return tw.Flush()
}

// cellFlags are the flags that name one cell.
type cellFlags struct{ matrix, ops, hash string }

func (f *cellFlags) add(cmd *cobra.Command) {
	cmd.Flags().StringVar(&f.matrix, "matrix", "", "adjacency matrix: rows separated by slashes, or all digits in one")
	cmd.Flags().StringVar(&f.ops, "ops", "", "operations, first input, last output, separated by commas")
	cmd.Flags().StringVar(&f.hash, "hash", "", "a cell's hash, instead of --matrix and --ops")
}

// cell returns the cell that the flags name.
func (f *cellFlags) cell(cmd *cobra.Command) (nasbench.Spec, error) {
	switch {
	case f.hash != "" && (f.matrix != "" || f.ops != ""):
		return nasbench.Spec{}, badInput(errors.New("give either --hash or --matrix and --ops"))
	case f.hash != "":
		update, done := progressLine(cmd)
		update("looking the cell up (some seconds the first time)")
		defer done()
		s, err := nasbench.ByHash(cmd.Context(), f.hash)
		if err != nil && cmd.Context().Err() == nil {
			err = badInput(err)
		}
		return s, err
	case f.matrix == "" || f.ops == "":
		return nasbench.Spec{}, badInput(errors.New("a cell is given by --matrix and --ops, or by --hash"))
	}
	s, err := nasbench.Parse(f.matrix, f.ops)
	return s, badInput(err)
}

type spaceInfo struct {
	Hash       string   `json:"hash"`
	Matrix     []string `json:"matrix"`
	Ops        []string `json:"ops"`
	Canonical  bool     `json:"canonical"`
	Width      int      `json:"width"`
	Parameters int      `json:"trainable_parameters"`
	GFLOPs     float64  `json:"gflops_per_image"`
	Vertices   int      `json:"vertices"`
	Edges      int      `json:"edges"`
	Conv3x3    int      `json:"conv3x3"`
	Conv1x1    int      `json:"conv1x1"`
	MaxPool3x3 int      `json:"maxpool3x3"`
	Shortest   int      `json:"shortest_path"`
	Longest    int      `json:"longest_path"`
	Paths      int      `json:"paths"`
	ConvDepth  int      `json:"conv_depth"`
	Conv3Depth int      `json:"conv3x3_depth"`
	InDegree   int      `json:"input_degree"`
	OutDegree  int      `json:"output_degree"`
	Skip       bool     `json:"skip"`
	Channels   [][]int  `json:"channels"` // a row for each stack's first and later modules
}

func describe(s nasbench.Spec, width int) spaceInfo {
	st := s.Stats()
	return spaceInfo{
		Hash: s.Hash(), Matrix: strings.Split(s.MatrixString(), "/"), Ops: s.Ops(), Canonical: s.Canonical() == s,
		Width: width, Parameters: s.Parameters(width), GFLOPs: float64(s.FLOPs(width)) * 1e-9,
		Vertices: st.Vertices, Edges: st.Edges, Conv3x3: st.Conv3x3, Conv1x1: st.Conv1x1, MaxPool3x3: st.MaxPool3x3,
		Shortest: st.ShortestPath, Longest: st.LongestPath, Paths: st.Paths, ConvDepth: st.ConvDepth, Conv3Depth: st.Conv3x3Depth,
		InDegree: st.InputDegree, OutDegree: st.OutputDegree, Skip: st.Skip,
		Channels: [][]int{
			s.Channels(width, width),
			s.Channels(width, 2*width), s.Channels(2*width, 2*width),
			s.Channels(2*width, 4*width), s.Channels(4*width, 4*width),
		},
	}
}

func newSpaceInfo() *cobra.Command {
	var cell cellFlags
	var width int
	cmd := &cobra.Command{
		Use:   "info",
		Short: "Describe one cell: hash, parameters, FLOPs, channels, paths",
		Long: `Describe one cell, pruned as NAS-Bench-101 prunes it. Parameters and FLOPs are
those of the whole network (three stacks of three modules, ten classes, 32x32
images) at the given stem width. A cell found by --hash is the representative
of the enumeration; the first such look-up hashes the whole space and keeps
the result in the user's cache directory.`,
		Example: `  nngplab space info --matrix 0101/0010/0001/0000 --ops input,conv3x3-bn-relu,conv3x3-bn-relu,output
  nngplab space info --hash 28cfc7874f6d200472e1a9dcd8650aa0 --width 16 --json`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			s, err := cell.cell(cmd)
			if err != nil {
				return err
			}
			if m := s.MinStem(); width < m {
				return badInput(fmt.Errorf("--width %d: this cell needs a stem of at least %d channels", width, m))
			}
			info := describe(s, width)
			return printResult(cmd, info, info.text)
		},
	}
	cell.add(cmd)
	cmd.Flags().IntVar(&width, "width", nasbench.StemWidth, "channels of the stem")
	return cmd
}

func (i spaceInfo) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	row := func(name, format string, args ...any) {
		fmt.Fprintf(tw, "%s\t%s\n", name, fmt.Sprintf(format, args...))
	}
	row("hash", "%s", i.Hash)
	row("matrix", "%s", strings.Join(i.Matrix, "/"))
	row("operations", "%s", strings.Join(i.Ops, ","))
	row("vertices, edges", "%d, %d", i.Vertices, i.Edges)
	row("conv3x3, conv1x1, maxpool3x3", "%d, %d, %d", i.Conv3x3, i.Conv1x1, i.MaxPool3x3)
	row("shortest, longest path", "%d, %d edges", i.Shortest, i.Longest)
	row("paths", "%d", i.Paths)
	row("convolutions on a path", "%d at most, %d of them 3x3", i.ConvDepth, i.Conv3Depth)
	row("stem width", "%d", i.Width)
	row("parameters", "%d", i.Parameters)
	row("GFLOP an image", "%.4f", i.GFLOPs)
	for k, name := range []string{"channels, stack 1", "stack 2, first module", "others", "stack 3, first module", "others"} {
		row(name, "%v", i.Channels[k])
	}
	return tw.Flush()
}

type spaceSample struct {
	Hash       string   `json:"hash"`
	Matrix     []string `json:"matrix"`
	Ops        []string `json:"ops"`
	Parameters int      `json:"trainable_parameters"`
	GFLOPs     float64  `json:"gflops_per_image"`
	Conv3x3    int      `json:"conv3x3"`
}

func newSpaceSample() *cobra.Command {
	var n int
	var seed uint64
	var random bool
	cmd := &cobra.Command{
		Use:   "sample",
		Short: "Draw cells at random",
		Long: `Draw n different cells uniformly from the 423,624 of the space; or, with
--random-spec, as the public notebook of arXiv:2011.06006 draws them: random
7x7 matrices and operations until valid, which favours small cells and can
repeat one. Parameters and GFLOP are at stem width 128.`,
		Example: "  nngplab space sample -n 10 --seed 1",
		Args:    noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			draw := nasbench.Sample
			if random {
				draw = nasbench.RandomSpecs
			}
			specs, err := draw(n, seed)
			if err != nil {
				return badInput(err)
			}
			hashes, err := nasbench.HashAll(cmd.Context(), specs, nil)
			if err != nil {
				return err
			}
			cells := make([]spaceSample, len(specs))
			for i, s := range specs {
				cells[i] = spaceSample{hashes[i], strings.Split(s.MatrixString(), "/"), s.Ops(), s.Parameters(nasbench.StemWidth), float64(s.FLOPs(nasbench.StemWidth)) * 1e-9, s.Conv3x3()}
			}
			out := struct {
				Seed       uint64        `json:"seed"`
				RandomSpec bool          `json:"random_spec"`
				Cells      []spaceSample `json:"cells"`
			}{seed, random, cells}
			return printResult(cmd, out, func(w io.Writer) error {
				tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
				fmt.Fprintln(tw, "hash\tmatrix\toperations\tparameters\tGFLOP")
				for _, c := range cells {
					fmt.Fprintf(tw, "%s\t%s\t%s\t%d\t%.3f\n", c.Hash, strings.Join(c.Matrix, "/"), strings.Join(c.Ops, ","), c.Parameters, c.GFLOPs)
				}
				return tw.Flush()
			})
		},
	}
	cmd.Flags().IntVarP(&n, "number", "n", 10, "number of cells")
	cmd.Flags().Uint64Var(&seed, "seed", 0, "seed of the draw")
	cmd.Flags().BoolVar(&random, "random-spec", false, "draw as the public notebook does, not uniformly")
	return cmd
}
