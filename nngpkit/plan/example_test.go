package plan_test

import (
	"fmt"
	"time"

	"github.com/nngplab/nngplab/nngpkit/plan"
)

// What a minute buys, of two settings that were tried: the evidence says how well
// each predicts, the speed what each takes. For does the same with the committed
// evidence and the speed of this machine.
func ExampleMake() {
	tried := func(members int, tau float64) plan.EvidenceEntry {
		return plan.EvidenceEntry{
			Passes: []plan.EvidencePass{{Width: 8, Members: members, Train: 100, Val: 50, Norm: "none", Views: "maxima"}},
			Score:  "log_det",
			Mixes: []plan.EvidenceMix{{Taus: []plan.EvidenceTau{
				{Truth: "official", ChoosingN: 121, Choosing: tau, ReportingN: 147, Reporting: tau, Lo: tau - 0.05, Hi: tau + 0.05},
				{Truth: "retrained", ChoosingN: 385, Choosing: tau, ReportingN: 387, Reporting: tau, Lo: tau - 0.05, Hi: tau + 0.05},
			}}},
		}
	}
	evidence := &plan.Evidence{Entries: []plan.EvidenceEntry{tried(2, 0.61), tried(32, 0.64)}}
	speed := &plan.Speed{Threads: 2, Forward: map[int]float64{8: 0.001}, Scoring: map[int]float64{150: 0.01}}
	p, err := plan.Make(evidence, speed, plan.Config{Budget: time.Minute, Cells: 100, Mix: plan.MixNone})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Printf("recommended: %v, %.0f s\n", p.Recommended.Passes[0], p.Recommended.Seconds)
	fmt.Printf("for ten times the budget: %v, %.0f s\n", p.TenTimes.Passes[0], p.TenTimes.Seconds)
	// Output:
	// recommended: width 8, 2 members, 100 + 50 images, norm none, view maxima, 16 s
	// for ten times the budget: width 8, 32 members, 100 + 50 images, norm none, view maxima, 240 s
}
