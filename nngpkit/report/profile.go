package report

import (
	"fmt"
	"os"
)

// Check panics with err if it is not nil: in a notebook, the cell fails with
// it. Programs return their errors instead.
func Check(err error) {
	if err != nil {
		panic(err)
	}
}

// ProfileEnv names the environment variable that says how much a notebook
// computes: quick or full.
const ProfileEnv = "NNGPLAB_PROFILE"

// Profile says how much a notebook computes.
type Profile struct {
	Name string // "quick" or "full"
}

// ProfileFromEnv returns the profile that the environment names. Without one
// it is "full", so that running a notebook by hand gives what its committed
// outputs show.
func ProfileFromEnv() (Profile, error) {
	switch name := os.Getenv(ProfileEnv); name {
	case "":
		return Profile{"full"}, nil
	case "quick", "full":
		return Profile{name}, nil
	default:
		return Profile{}, fmt.Errorf("report: %s is %q, want quick or full", ProfileEnv, name)
	}
}

// Quick reports whether the profile is the quick one.
func (p Profile) Quick() bool { return p.Name == "quick" }

// Pick returns the first number in the quick profile, else the second.
func (p Profile) Pick(quick, full int) int {
	if p.Quick() {
		return quick
	}
	return full
}
