// Command signals reports how well label-free signals of random networks rank the
// cells of published tables, from the tables of signals that 'nngplab scores
// compute' made.
//
//	signals -table signals_uniform             both halves, all signals and mixtures
//	signals -table signals_uniform -adds       what each signal adds to others
//	signals -space nasbench101 -agree 100      NASWOT and Zen-score beside published values
//	signals -cost 24                           time of a cell by each signal
//	signals -attempts -space nasbench101       measure other settings, on the choosing half
//	signals -networks                          networks of the MnasNet space, from the committed tables
//	signals -mobile 200                        settings tried on networks of the MnasNet space
//
// The tables of accuracies are looked for in the folders of NNGPLAB_DATA. Cells are
// split in two (see truth.Choosing): a half on which everything was chosen, and
// one that reports.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/signal"
)

// options are the flags.
type options struct {
	space  string
	table  string
	width  int
	stage  int // cells in a stage of NAS-Bench-201
	every  int
	draws  int
	out    string
	resamp int
	peers  bool
}

func main() {
	var o options
	flag.StringVar(&o.space, "space", "nasbench101", "of -agree and -attempts: nasbench101 or nasbench201")
	flag.StringVar(&o.table, "table", "signals_uniform", "table of signals to report")
	flag.IntVar(&o.width, "width", 8, "of -agree: channels of the stem")
	flag.IntVar(&o.stage, "stage", 1, "of -agree: cells in a stage of NAS-Bench-201")
	flag.IntVar(&o.every, "every", 2, "of -attempts: every so-manyth cell of the choosing half")
	flag.IntVar(&o.draws, "draws", 6, "of -attempts: draws of weights and images")
	flag.StringVar(&o.out, "out", "build/attempts.csv", "of -attempts: file of what was measured")
	flag.IntVar(&o.resamp, "resamples", 500, "of the bootstrap intervals")
	flag.BoolVar(&o.peers, "peers", false, "report NASWOT, Zen-score and the present pair too, on the cells of which they were measured")
	adds := flag.Bool("adds", false, "report what each signal adds to others")
	agree := flag.Int("agree", 0, "compare peers with published values on so many cells")
	cost := flag.Int("cost", 0, "measure the time of so many cells of NAS-Bench-101")
	phone := flag.Int("mobile", 0, "measure so many networks of the MnasNet space, of the choosing half, in all settings that were tried")
	networks := flag.Bool("networks", false, "report on networks of the MnasNet space")
	only := flag.String("only", "", "of -mobile: settings whose name begins so")
	attempts := flag.Bool("attempts", false, "measure other settings, and report mixtures of them")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := func() error {
		switch {
		case *agree > 0:
			return o.agree(ctx, *agree, os.Stdout)
		case *cost > 0:
			return costs(ctx, *cost, os.Stdout)
		case *networks:
			return o.networks(ctx, os.Stdout)
		case *phone > 0:
			return mobile(ctx, *phone, *only, os.Stdout)
		case *attempts:
			return o.attempts(ctx, os.Stdout)
		}
		return o.report(ctx, *adds, os.Stdout)
	}()
	if err != nil {
		fmt.Fprintln(os.Stderr, "signals:", err)
		os.Exit(1)
	}
}
