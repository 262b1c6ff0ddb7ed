package main

import (
	"bytes"
	"fmt"
	"io"
	"math"
	"text/tabwriter"

	"github.com/nngplab/nngplab/internal/nanjson"
	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/gp"
)

// evalOutput is what eval prints. In JSON the statistics of the kernel follow
// these keys, by the names that they have in tables of scores.
type evalOutput struct {
	Network    string `json:"network,omitempty"` // the file; then there is no space, hash and width
	FeaturesAt string `json:"features_at,omitempty"`
	Input      string `json:"input,omitempty"`
	Features   int    `json:"features,omitempty"`
	Space      string `json:"space,omitempty"`
	Hash       string `json:"hash,omitempty"`
	Width      int    `json:"width,omitempty"`
	Parameters int    `json:"parameters"`

	Images    string `json:"images"`
	Source    string `json:"images_source"`
	Available int    `json:"images_available"` // of which those are chosen
	Classes   int    `json:"classes"`          // 0 without labels
	Train     int    `json:"train"`
	Val       int    `json:"val"`
	Members   int    `json:"members"`
	Norm      string `json:"norm"`
	NormBatch int    `json:"norm_batch"`
	View      string `json:"view"`
	Draw      string `json:"draw"`
	Seed      uint64 `json:"seed"`
	SplitSeed uint64 `json:"split_seed"`
	Balanced  bool   `json:"balanced"`

	Score       float64 `json:"score"`
	ScoreError  float64 `json:"score_standard_error"`
	BestEpsilon float64 `json:"best_epsilon"`

	Noise *evalNoise `json:"-"` // of images of noise alone

	Epsilons []float64 `json:"epsilons"`
	Accuracy []float64 `json:"accuracy_by_epsilon"`
	Skipped  int       `json:"epsilons_skipped"`

	GFLOPs         float64 `json:"gflops"`
	Seconds        float64 `json:"seconds"`
	ForwardSeconds float64 `json:"forward_seconds"`

	labeled    bool
	statistics []gp.Score
}

func newEvalOutput(f *evalFlags, x *evalInputs, r *nngpkit.Result, m *gp.Measurement) evalOutput {
	set := x.set
	out := evalOutput{
		Parameters: x.net.Parameters(),
		Images:     set.Name, Source: set.Source, Available: set.Len(), Train: r.TrainImages, Val: r.ValImages,
		Members: f.cfg.Members, Norm: f.cfg.Norm.String(), NormBatch: f.cfg.NormBatch, View: f.view, Draw: f.cfg.Draw.String(), Seed: f.cfg.Seed, SplitSeed: f.cfg.SplitSeed, Balanced: f.cfg.Balanced,
		Score: r.BestAccuracy, BestEpsilon: r.BestEpsilon,
		ScoreError: math.Sqrt(r.BestAccuracy * (1 - r.BestAccuracy) / float64(r.ValImages)),
		Epsilons:   append([]float64{}, r.Epsilons...), Accuracy: append([]float64{}, r.Accuracy...), Skipped: skipped(r.Result),
		GFLOPs: float64(r.FLOPs) * 1e-9, Seconds: r.Seconds, ForwardSeconds: r.ForwardSeconds,
		labeled: r.Labeled(), statistics: m.Scores(),
	}
	if set.Labeled() {
		out.Classes = len(set.Classes)
	}
	if x.a != nil {
		out.Space, out.Hash, out.Width = x.a.SpaceName(), x.a.Key(), f.width
		return out
	}
	n := x.network
	out.Network, out.FeaturesAt, out.Input, out.Features, out.Parameters = n.Name, n.features, n.Network.InputShape().String(), n.Network.Features(), n.Network.Parameters()
	return out
}

// MarshalJSON writes the output with the statistics at its end, null for those
// that could not be taken.
func (o evalOutput) MarshalJSON() ([]byte, error) {
	type plain evalOutput
	b, err := nanjson.Marshal(plain(o))
	if err != nil {
		return nil, err
	}
	out := bytes.NewBuffer(bytes.TrimSuffix(b, []byte("}")))
	if o.Noise != nil {
		b, err := nanjson.Marshal(o.Noise)
		if err != nil {
			return nil, err
		}
		out.WriteByte(',')
		out.Write(b[1 : len(b)-1])
	}
	for _, s := range o.statistics {
		v, err := nanjson.Marshal(s.Value)
		if err != nil {
			return nil, err
		}
		fmt.Fprintf(out, ",%q:%s", s.Name, v)
		if !math.IsNaN(s.Epsilon) {
			fmt.Fprintf(out, ",%q:%v", gp.EpsilonName(s.Name), s.Epsilon)
		}
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// skipped counts the epsilons that failed for either kernel.
func skipped(r *gp.Result) int {
	seen := map[float64]bool{}
	for _, f := range r.Failures {
		seen[f.Epsilon] = true
	}
	return len(seen)
}

// of says of how many images those were chosen, where they have classes.
func (o evalOutput) of() string {
	if o.Classes == 0 {
		return ""
	}
	return fmt.Sprintf(" of %s in %s", plural(o.Available, "image"), pluralOf(o.Classes, "class", "classes"))
}

// pluralOf counts things whose plural has no s.
func pluralOf(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

func (o evalOutput) text(w io.Writer) error {
	tw := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	if o.Network != "" {
		fmt.Fprintf(tw, "network\t%s\t%d parameters, images of %s, %d features: %s\n", o.Network, o.Parameters, o.Input, o.Features, o.FeaturesAt)
	} else {
		fmt.Fprintf(tw, "architecture\t%s\tof %s, %d parameters at width %d\n", o.Hash, o.Space, o.Parameters, o.Width)
	}
	fmt.Fprintf(tw, "images\t%s\t%d training, %d validation%s (%s)\n", o.Images, o.Train, o.Val, o.of(), o.Source)
	fmt.Fprintf(tw, "kernel\t%s\tview %s, norm %s, %s weights, seed %d\n", plural(o.Members, "member"), o.View, o.Norm, o.Draw, o.Seed)
	if o.labeled {
		fmt.Fprintf(tw, "score\t%.4f\tbest validation accuracy, standard error %.3f, at epsilon %.3g (chosen on these images: optimistic)\n", o.Score, o.ScoreError, o.BestEpsilon)
	} else {
		fmt.Fprintf(tw, "score\tunavailable\tit needs labels, which these images do not have\n")
	}
	if o.Noise != nil {
		o.Noise.text(tw)
	}
	withLabels := 0
	for _, s := range o.statistics {
		if st, err := gp.Find(s.Name); err == nil && st.Labels && !o.labeled {
			withLabels++
			continue
		}
		if math.IsNaN(s.Value) {
			fmt.Fprintf(tw, "%s\tundefined\t%s\n", s.Name, s.About)
			continue
		}
		at := ""
		if !math.IsNaN(s.Epsilon) {
			at = fmt.Sprintf(", at epsilon %.3g", s.Epsilon)
		}
		fmt.Fprintf(tw, "%s\t%.6g\t%s%s\n", s.Name, s.Value, s.About, at)
	}
	if withLabels > 0 {
		fmt.Fprintf(tw, "not shown\t%d\tstatistics that compare with labels\n", withLabels)
	}
	if o.Skipped > 0 {
		fmt.Fprintf(tw, "skipped\t%d\tof %d epsilons: the kernel was not positive definite\n", o.Skipped, len(o.Epsilons))
	}
	fmt.Fprintf(tw, "time\t%.2f s\t%.2f s of it forward passes, %.1f GFLOP\n", o.Seconds, o.ForwardSeconds, o.GFLOPs)
	return tw.Flush()
}
