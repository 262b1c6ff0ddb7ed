package campaign

import (
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// pulse is what a run says of itself beside its store, for Survey: no score
// depends on it.
type pulse struct {
	Host    string    `json:"host"`
	PID     int       `json:"pid"`
	Started time.Time `json:"started"`
	Updated time.Time `json:"updated"`
	Ended   bool      `json:"ended"`
	Fresh   int       `json:"fresh"`   // items since it started
	Seconds float64   `json:"seconds"` // since it started
}

// beatEvery is how often a run says how far it is, and deadAfter how long it may
// say nothing before it counts as dead.
const (
	beatEvery = 2 * time.Second
	deadAfter = 60 * time.Second
)

type heartbeat struct {
	path  string
	pulse pulse
	last  time.Time
}

func pulsePath(dir string, s Shard) string { return filepath.Join(dir, s.base()+progressEnding) }

func newHeartbeat(dir string, s Shard) *heartbeat {
	host, _ := os.Hostname()
	now := time.Now()
	return &heartbeat{path: pulsePath(dir, s), pulse: pulse{Host: host, PID: os.Getpid(), Started: now}, last: now}
}

// update says how far the run is, now and then. That it cannot be written is no
// reason to stop: the store says when the disk is full.
func (h *heartbeat) update(p Progress) {
	now := time.Now()
	if now.Sub(h.last) < beatEvery && p.Fresh > 1 {
		return
	}
	h.write(p, now)
}

func (h *heartbeat) end(p Progress) {
	h.pulse.Ended = true
	h.write(p, time.Now())
}

func (h *heartbeat) write(p Progress, now time.Time) {
	h.last = now
	h.pulse.Updated, h.pulse.Fresh, h.pulse.Seconds = now, p.Fresh, now.Sub(h.pulse.Started).Seconds()
	if b, err := json.Marshal(h.pulse); err == nil {
		_ = wholefile.Write(h.path, append(b, '\n'))
	}
}

// readPulse returns what the last run of a shard said, false if nothing is known.
func readPulse(dir string, s Shard) (pulse, bool) {
	var p pulse
	b, err := plainfile.Read(pulsePath(dir, s), 1<<16)
	if err != nil || json.Unmarshal(b, &p) != nil {
		return p, false
	}
	return p, true
}

// running reports whether the run is at work: on this machine while its process
// lives, on others while it said so of late.
func (p pulse) running(now time.Time) bool {
	if p.Ended || now.Sub(p.Updated) >= deadAfter {
		return false
	}
	if host, err := os.Hostname(); err != nil || host != p.Host {
		return true
	}
	process, err := os.FindProcess(p.PID)
	if err != nil {
		return false
	}
	err = process.Signal(syscall.Signal(0))
	return err == nil || errors.Is(err, os.ErrPermission)
}

// rate returns items a second, 0 if it is not known.
func (p pulse) rate() float64 {
	if p.Seconds <= 0 {
		return 0
	}
	return float64(p.Fresh) / p.Seconds
}
