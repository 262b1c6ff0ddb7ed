package campaign

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"slices"
	"sort"
	"time"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"

	"github.com/nngplab/nngplab/internal/linefile"
	"github.com/nngplab/nngplab/nngpkit/frame"
)

// States of a shard: values of ShardStatus.State.
const (
	StateWaiting  = "waiting"  // nothing is computed
	StateRunning  = "running"  // a run said so within the last minute
	StateStopped  = "stopped"  // something is missing, and no run is at work
	StateComplete = "complete" // nothing is missing
	StateDamaged  = "damaged"  // the store cannot be read: see Note
)

// ShardStatus is how far one store is.
type ShardStatus struct {
	Store   string  `json:"store"` // file name
	Shard   string  `json:"shard"` // as in 2/8
	State   string  `json:"state"`
	Done    int     `json:"done"`
	Failed  int     `json:"failed"`
	Missing int     `json:"missing"` // -1 where the size of the shard is not known yet
	Rate    float64 `json:"rate"`    // items a second of the last run; NaN where there was none
	Left    float64 `json:"seconds_left"`
	Host    string  `json:"host,omitempty"` // of the last run
	Note    string  `json:"note,omitempty"`
}

// FailureCount counts the items that failed for a reason.
type FailureCount struct {
	Measurement string `json:"measurement"`
	Reason      string `json:"reason"`
	Items       int    `json:"items"`
	Example     string `json:"example"` // a key
}

// Status is how far a plan is.
type Status struct {
	Plan     string         `json:"plan"` // the hash
	Dir      string         `json:"dir"`
	Items    int            `json:"items"`
	Done     int            `json:"done"`
	Failed   int            `json:"failed"`
	Missing  int            `json:"missing"`
	Rate     float64        `json:"rate"`         // of the runs at work together
	Left     float64        `json:"seconds_left"` // until the last of them is ready; NaN where that is not known
	Shards   []ShardStatus  `json:"shards"`
	Failures []FailureCount `json:"failures"`
}

// Survey returns how far the stores of a plan are, also while they are written: it
// takes no lock and changes nothing. A damaged store is a line of the result, not an
// error. An empty folder's name means StoreDir.
func Survey(planPath, dir string) (*Status, error) {
	p, err := Load(planPath)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		dir = StoreDir(planPath)
	}
	v := &surveyor{plan: p, dir: dir, now: time.Now(), state: make([]byte, p.Cells.N), reasons: map[[2]string]*FailureCount{}}
	files, err := stores(dir)
	if err != nil {
		return nil, err
	}
	for _, f := range files {
		if s, named := shardOf(f); named || filepath.Base(f) == mergedName {
			v.shards = append(v.shards, v.look(f, s))
		}
	}
	v.expected()
	return v.status(), nil
}

// surveyor gathers a Status.
type surveyor struct {
	plan    *Plan
	dir     string
	now     time.Time
	state   []byte
	failed  map[int]*Item // the last failure of items that are not done
	reasons map[[2]string]*FailureCount
	shards  []ShardStatus
}

// look reads a store.
func (v *surveyor) look(path string, s Shard) ShardStatus {
	st := ShardStatus{Store: filepath.Base(path), Shard: s.String(), Rate: math.NaN(), Left: math.NaN(), Missing: -1}
	if s == (Shard{}) {
		st.Shard = "merged"
	}
	own := map[int]byte{}
	o, err := v.plan.scan(path, func(_ *opened, t *Item, _ linefile.Line) error {
		own[t.Item] = max(own[t.Item], t.state())
		if v.state[t.Item] = max(v.state[t.Item], t.state()); t.state() == failed {
			if v.failed == nil {
				v.failed = map[int]*Item{}
			}
			v.failed[t.Item] = t
		}
		return nil
	})
	if err != nil && !errors.Is(err, errNoStore) {
		st.State, st.Note = StateDamaged, err.Error()
	}
	for _, state := range own {
		if state == done {
			st.Done++
		} else {
			st.Failed++
		}
	}
	if o.whole > 0 && st.State != StateDamaged {
		st.Missing = max(0, o.head.Items-st.Done-st.Failed)
	}
	pulse, known := readPulse(v.dir, s)
	running := known && pulse.running(v.now)
	if known {
		st.Host, st.Rate = pulse.Host, pulse.rate()
		if st.Missing > 0 && st.Rate > 0 {
			st.Left = float64(st.Missing) / st.Rate
		}
	}
	switch {
	case st.State != "":
	case st.Missing == 0:
		st.State, st.Left = StateComplete, 0
	case running:
		st.State = StateRunning
	case st.Done+st.Failed == 0:
		st.State = StateWaiting
	default:
		st.State = StateStopped
	}
	if o.cut > 0 && !running && st.Note == "" {
		st.Note = fmt.Sprintf("the last line is cut off: %d bytes, which the next run drops", o.cut)
	}
	return st
}

// expected adds the shards that others imply and that have no store yet.
func (v *surveyor) expected() {
	seen, most := map[Shard]bool{}, 0
	for _, st := range v.shards {
		if s, named := shardOf(st.Store); named {
			seen[s] = true
			if s.Of > 1 {
				most = max(most, s.Of)
			}
		}
	}
	for i := 1; i <= most; i++ {
		if s := (Shard{i, most}); !seen[s] {
			v.shards = append(v.shards, ShardStatus{
				Store: filepath.Base(s.StorePath("")), Shard: s.String(), State: StateWaiting, Missing: -1, Rate: math.NaN(), Left: math.NaN(),
			})
		}
	}
	order := func(st ShardStatus) (of, i int) {
		s, named := shardOf(st.Store)
		if !named {
			return MaxShards + 1, 0
		}
		return s.Of, s.I
	}
	slices.SortStableFunc(v.shards, func(a, b ShardStatus) int {
		ofA, iA := order(a)
		ofB, iB := order(b)
		if ofA != ofB {
			return ofA - ofB
		}
		return iA - iB
	})
}

// status sums up.
func (v *surveyor) status() *Status {
	out := &Status{Plan: v.plan.Hash, Dir: v.dir, Items: v.plan.Cells.N, Left: math.NaN(), Shards: v.shards}
	for i, s := range v.state {
		switch s {
		case done:
			out.Done++
		case failed:
			out.Failed++
			v.count(v.failed[i])
		default:
			out.Missing++
		}
	}
	idle := false // a shard that waits for a run
	for _, s := range v.shards {
		switch {
		case s.State == StateRunning:
			out.Rate += s.Rate
			if !(s.Left <= out.Left) {
				out.Left = s.Left
			}
		case s.State != StateComplete && s.Shard != "merged":
			idle = true
		}
	}
	if idle {
		out.Left = math.NaN()
		if out.Rate > 0 {
			out.Left = float64(out.Missing) / out.Rate
		}
	}
	if out.Missing == 0 {
		out.Left = 0
	}
	for _, f := range v.reasons {
		out.Failures = append(out.Failures, *f)
	}
	sort.Slice(out.Failures, func(i, j int) bool {
		a, b := out.Failures[i], out.Failures[j]
		if a.Items != b.Items {
			return a.Items > b.Items
		}
		return a.Measurement+a.Reason < b.Measurement+b.Reason
	})
	return out
}

// count counts the reasons of an item, each once.
func (v *surveyor) count(t *Item) {
	seen := map[[2]string]bool{}
	for _, f := range t.Failures {
		k := [2]string{f.Measurement, f.Reason}
		if seen[k] {
			continue
		}
		seen[k] = true
		c := v.reasons[k]
		if c == nil {
			c = &FailureCount{Measurement: f.Measurement, Reason: f.Reason, Example: t.Key}
			v.reasons[k] = c
		}
		c.Items++
	}
}

// Frame returns a row per store, and one of all of them: store, shard, state, done,
// failed, missing (-1 where it is not known yet), rate (items a second),
// seconds_left, host, note.
func (s *Status) Frame() (dataframe.DataFrame, error) {
	rows := append(slices.Clone(s.Shards), ShardStatus{
		Store: "all", Shard: "all", Done: s.Done, Failed: s.Failed, Missing: s.Missing, Rate: s.Rate, Left: s.Left,
	})
	last := &rows[len(rows)-1]
	switch {
	case s.Missing == 0:
		last.State = StateComplete
	case s.Rate > 0:
		last.State = StateRunning
	case s.Done+s.Failed > 0:
		last.State = StateStopped
	default:
		last.State = StateWaiting
	}
	text := func(name string, of func(r *ShardStatus) string) series.Series {
		x := make([]string, len(rows))
		for i := range rows {
			x[i] = of(&rows[i])
		}
		return series.New(x, series.String, name)
	}
	whole := func(name string, of func(r *ShardStatus) int) series.Series {
		x := make([]int, len(rows))
		for i := range rows {
			x[i] = of(&rows[i])
		}
		return series.New(x, series.Int, name)
	}
	number := func(name string, of func(r *ShardStatus) float64) series.Series {
		x := make([]float64, len(rows))
		for i := range rows {
			x[i] = of(&rows[i])
		}
		return series.New(x, series.Float, name)
	}
	return frame.Checked(dataframe.New(
		text("store", func(r *ShardStatus) string { return r.Store }),
		text("shard", func(r *ShardStatus) string { return r.Shard }),
		text("state", func(r *ShardStatus) string { return r.State }),
		whole("done", func(r *ShardStatus) int { return r.Done }),
		whole("failed", func(r *ShardStatus) int { return r.Failed }),
		whole("missing", func(r *ShardStatus) int { return r.Missing }),
		number("rate", func(r *ShardStatus) float64 { return r.Rate }),
		number("seconds_left", func(r *ShardStatus) float64 { return r.Left }),
		text("host", func(r *ShardStatus) string { return r.Host }),
		text("note", func(r *ShardStatus) string { return r.Note }),
	))
}

// StatusFrame returns how far the sweep of a plan file is, as a data frame: see
// Survey and Status.Frame.
func StatusFrame(planPath string) (dataframe.DataFrame, error) {
	s, err := Survey(planPath, "")
	if err != nil {
		return dataframe.DataFrame{}, err
	}
	return s.Frame()
}
