package datasets

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// Environment variables of this package.
const (
	EnvData    = "NNGPLAB_DATA"    // folders that hold data sets, separated as in PATH
	EnvOffline = "NNGPLAB_OFFLINE" // 1, true, yes or on: never use the network
	EnvMirror  = "NNGPLAB_MIRROR"  // base URL that stands in for all hosts, see Config
)

// Origins of a Location.
const (
	FromEnv   = "NNGPLAB_DATA"
	FromCache = "cache"
)

// Root is a folder below which data sets are looked for.
type Root struct {
	Dir    string
	Origin string // FromEnv or FromCache
}

// Roots returns the folders that are searched, in order: those of
// NNGPLAB_DATA, then the user's cache.
func Roots() []Root {
	var roots []Root
	for _, d := range filepath.SplitList(os.Getenv(EnvData)) {
		if d != "" {
			roots = append(roots, Root{d, FromEnv})
		}
	}
	if d, err := CacheDir(); err == nil {
		roots = append(roots, Root{d, FromCache})
	}
	return roots
}

// CacheDir returns the folder that Fetch fills: nngplab/data below the user's
// cache folder (os.UserCacheDir). It returns an error if the system names no
// cache folder.
func CacheDir() (string, error) {
	base, err := os.UserCacheDir()
	if err != nil {
		return "", fmt.Errorf("no cache folder for data sets: %w", err)
	}
	return filepath.Join(base, "nngplab", "data"), nil
}

// Location is a folder that holds a data set, or part of one.
type Location struct {
	Name   string
	Dir    string
	Origin string // FromEnv or FromCache
}

// Find returns the folder in which the data set is used: the first that holds
// it. It returns a *MissingError if there is none, and another error if no
// data set has that name.
func Find(name string) (Location, error) {
	all, err := FindAll(name)
	if err != nil {
		return Location{}, err
	}
	return all[0], nil
}

// FindAll returns every folder that holds the data set, in search order. Its
// errors are those of Find; without an error there is at least one folder.
func FindAll(name string) ([]Location, error) {
	m, err := Get(name)
	if err != nil {
		return nil, err
	}
	var found []Location
	for _, r := range Roots() {
		for _, f := range m.Folders {
			dir := filepath.Join(r.Dir, filepath.FromSlash(f))
			if m.isIn(dir) {
				found = append(found, Location{name, dir, r.Origin})
			}
		}
	}
	if len(found) == 0 {
		return nil, &MissingError{Manifest: m, Looked: Roots()}
	}
	return found, nil
}

// isIn tells whether a marker of the set is in dir.
func (m *Manifest) isIn(dir string) bool {
	for _, p := range m.Markers {
		hits, err := filepath.Glob(filepath.Join(escapeGlob(dir), filepath.FromSlash(p)))
		if err == nil && len(hits) > 0 {
			return true
		}
	}
	return false
}

// escapeGlob protects the characters of a folder's name that a pattern would
// give a meaning.
func escapeGlob(path string) string {
	if filepath.Separator == '\\' {
		return path // Windows has no escape in patterns, nor * or ? in names
	}
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(path)
}

// MissingError says that a data set is nowhere on this machine, and how to get
// it.
type MissingError struct {
	Manifest *Manifest
	Part     string // such as "test images", empty for the whole
	Looked   []Root
}

// Error says where the set was looked for, how to fetch it, and where to put
// it by hand.
func (e *MissingError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "data set %s", e.Manifest.Name)
	if e.Part != "" {
		fmt.Fprintf(&b, " (%s)", e.Part)
	}
	b.WriteString(" was not found; looked for ")
	b.WriteString(strings.Join(e.Manifest.Markers, " or "))
	b.WriteString(" in the folders ")
	b.WriteString(strings.Join(e.Manifest.Folders, ", "))
	b.WriteString(" below ")
	for i, r := range e.Looked {
		if i > 0 {
			b.WriteString(", ")
		}
		fmt.Fprintf(&b, "%s (%s)", r.Dir, r.Origin)
	}
	if len(e.Manifest.Sources) > 0 {
		fmt.Fprintf(&b, "; get it with `nngplab data fetch %s`", e.Manifest.Name)
	} else {
		fmt.Fprintf(&b, "; it cannot be fetched: %s", e.Manifest.Manual)
	}
	fmt.Fprintf(&b, ", or name its parent folder in %s", EnvData)
	return b.String()
}
