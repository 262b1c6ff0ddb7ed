// Package datasets knows the data sets that the lab can use: what each is,
// where it comes from, under which terms, how large it is and by which digest
// it is known. It finds a set on this machine, fetches it, verifies it and
// removes it.
//
// A set is looked for in the folders of the environment variable NNGPLAB_DATA,
// then in the user's cache (CacheDir), which Fetch fills. Nothing is computed
// on a set that is only half there: Fetch checks what it downloads before it
// places it, and places a set in one step.
package datasets

import (
	"bytes"
	"embed"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"path"
	"slices"
	"sort"
	"strings"
	"sync"
	"unicode"

	"github.com/nngplab/nngplab/datasets/internal/download"
	"github.com/nngplab/nngplab/internal/printable"
)

// Manifest describes a data set.
type Manifest struct {
	Name     string `json:"name"`     // as in `nngplab data fetch NAME`
	Title    string `json:"title"`    // as people write it
	What     string `json:"what"`     // what it holds
	Use      string `json:"use"`      // what the lab does with it
	Homepage string `json:"homepage"` // where it is published
	License  string `json:"licence"`  // terms of use, as far as they are stated
	Citation string `json:"citation"` // the paper to cite
	Layout   string `json:"layout"`   // how the files are laid out

	// Tables says that the set holds tables of trained networks, or of what others
	// computed of them: what conclusions rest on (see SmallTables).
	Tables bool `json:"tables,omitempty"`

	// Folders are the names below a data folder under which the set is looked
	// for, best first. The first is the one that Fetch makes.
	Folders []string `json:"folders"`

	// Markers are patterns (as in path.Match, slash-separated) of which at
	// least one must match a file for a folder to hold the set.
	Markers []string `json:"markers"`

	// Sources are what Fetch downloads. A set without sources has to be placed
	// by hand: Manual says how.
	Sources []Source `json:"sources,omitempty"`
	Manual  string   `json:"manual,omitempty"`

	// Files are facts about the files of a complete set, which Verify checks.
	Files []File `json:"files,omitempty"`

	// Trees are facts about many files together, which Fetch checks.
	Trees []Tree `json:"trees,omitempty"`
}

// Tree is what is known of all files of a complete set that match a pattern. Its
// digest is of a text that lists them, sorted by path: "SHA-256, two spaces, bytes, two spaces, path" and
// a line end.
type Tree struct {
	Pattern string `json:"pattern"` // as in path.Match, slash-separated
	Files   int    `json:"files"`
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256"`
}

// Source is one file to download.
type Source struct {
	URL    string `json:"url"`
	Bytes  int64  `json:"bytes"`            // exact size, 0 where unknown
	About  int64  `json:"about,omitempty"`  // size as published, where Bytes is unknown
	Limit  int64  `json:"limit,omitempty"`  // what a server may send at most, where no size is published
	SHA256 string `json:"sha256,omitempty"` // hexadecimal, empty where unknown
	MD5    string `json:"md5,omitempty"`    // published digest where no SHA-256 is known, or beside it
	Origin string `json:"origin,omitempty"` // who published the digest

	// File is the name of the downloaded file within the set's folder. A file
	// to be unpacked is removed afterwards.
	File string `json:"file"`

	// Unpack is "", "tar", "tar.gz" or "zip". Strip is the number of leading
	// folders to drop from the names in the archive. MaxBytes bounds the size
	// of what it may unpack to.
	Unpack   string `json:"unpack,omitempty"`
	Strip    int    `json:"strip,omitempty"`
	MaxBytes int64  `json:"max_bytes,omitempty"`

	// Keep, if not empty, are patterns (as in path.Match) of what is unpacked, by the
	// names without the leading folders.
	Keep []string `json:"keep,omitempty"`
}

// Size returns the size to expect: exact where known, else as published, and 0 where
// nothing is.
func (s Source) Size() int64 {
	if s.Bytes > 0 {
		return s.Bytes
	}
	return s.About
}

// File is what is known of one file of a complete set.
type File struct {
	Path   string `json:"path"` // slash-separated, within the set's folder
	Bytes  int64  `json:"bytes,omitempty"`
	SHA256 string `json:"sha256,omitempty"`
}

// Bytes returns the total size of the downloads, approximate where a size is
// only published roughly, without those of which none is published, and 0 for a set
// without sources.
func (m *Manifest) Bytes() int64 {
	var n int64
	for _, s := range m.Sources {
		n += s.Size()
	}
	return n
}

// SizeKnown tells whether a size is published of every download.
func (m *Manifest) SizeKnown() bool {
	return !slices.ContainsFunc(m.Sources, func(s Source) bool { return s.Size() == 0 })
}

// smallTables is how many bytes a set of tables has at most to be one of SmallTables.
const smallTables = 32 << 20

// SmallTables returns the names of the sets of tables (see Manifest.Tables) that are
// a few megabytes, sorted.
func SmallTables() []string {
	var names []string
	for _, n := range Names() {
		if m := manifests()[n]; m.Tables && m.Bytes() <= smallTables {
			names = append(names, n)
		}
	}
	return names
}

//go:embed manifests/*.json
var embedded embed.FS

var loadAll = sync.OnceValues(func() (map[string]*Manifest, error) {
	names, err := embedded.ReadDir("manifests")
	if err != nil {
		return nil, err
	}
	all := make(map[string]*Manifest, len(names))
	for _, e := range names {
		file := path.Join("manifests", e.Name())
		data, err := embedded.ReadFile(file)
		if err != nil {
			return nil, err
		}
		m, err := ReadManifest(bytes.NewReader(data), file)
		if err != nil {
			return nil, err
		}
		if want := m.Name + ".json"; e.Name() != want {
			return nil, fmt.Errorf("%s: holds data set %q: must be named %s", file, m.Name, want)
		}
		all[m.Name] = m
	}
	return all, nil
})

// Names returns the names of all known data sets, sorted.
func Names() []string {
	all := manifests()
	names := make([]string, 0, len(all))
	for n := range all {
		names = append(names, n)
	}
	sort.Strings(names)
	return names
}

// Get returns the manifest of the data set called name, or an error that lists
// the known names.
func Get(name string) (*Manifest, error) {
	if m := manifests()[name]; m != nil {
		return m, nil
	}
	return nil, fmt.Errorf("no data set is called %q: the known ones are %s", name, strings.Join(Names(), ", "))
}

// manifests returns the embedded manifests. They are part of the program: a
// fault in them is the programmer's.
func manifests() map[string]*Manifest {
	all, err := loadAll()
	if err != nil {
		panic(err)
	}
	return all
}

// maxManifest bounds a manifest's size.
const maxManifest = 1 << 20

// ReadManifest reads a manifest in JSON from r and checks it. The name is the
// file's, for messages. It returns an error that names the file and the field
// for unknown fields, missing ones, names that leave the set's folder, and
// digests that are none.
func ReadManifest(r io.Reader, name string) (*Manifest, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxManifest+1))
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if len(data) > maxManifest {
		return nil, fmt.Errorf("%s: a manifest is at most %d bytes long", name, maxManifest)
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.DisallowUnknownFields()
	m := &Manifest{}
	if err := dec.Decode(m); err != nil {
		return nil, fmt.Errorf("%s: offset %d: %w", name, dec.InputOffset(), err)
	}
	if _, err := dec.Token(); err != io.EOF {
		return nil, fmt.Errorf("%s: offset %d: text after the manifest", name, dec.InputOffset())
	}
	if err := m.check(); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return m, nil
}

func (m *Manifest) check() error {
	for _, f := range []struct{ field, value string }{
		{"name", m.Name}, {"title", m.Title}, {"what", m.What}, {"use", m.Use},
		{"homepage", m.Homepage}, {"license", m.License}, {"layout", m.Layout},
	} {
		if strings.TrimSpace(f.value) == "" {
			return fmt.Errorf("%s: must not be empty", f.field)
		}
	}
	if strings.Trim(m.Name, "abcdefghijklmnopqrstuvwxyz0123456789-") != "" {
		return fmt.Errorf("name: %q: only a-z, 0-9 and - are allowed", m.Name)
	}
	if len(m.Folders) == 0 || len(m.Markers) == 0 {
		return fmt.Errorf("folders, markers: each must have an entry")
	}
	if len(m.Sources) == 0 && m.Manual == "" {
		return fmt.Errorf("manual: must say how to get the set, since there are no sources")
	}
	for i, f := range m.Folders {
		if !localPath(f) {
			return fmt.Errorf("folders[%d]: %q: must be a plain relative path", i, f)
		}
	}
	for i, p := range m.Markers {
		if _, err := path.Match(p, ""); err != nil || !localPath(p) {
			return fmt.Errorf("markers[%d]: %q: must be a pattern of a plain relative path", i, p)
		}
	}
	for i := range m.Sources {
		if err := m.Sources[i].check(); err != nil {
			return fmt.Errorf("sources[%d].%w", i, err)
		}
	}
	for i, f := range m.Files {
		if !localPath(f.Path) || f.Bytes < 0 || !isDigest(f.SHA256, 32) {
			return fmt.Errorf("files[%d]: %q, %d bytes, sha256 %q: must be a plain relative path, no negative size, a digest or nothing", i, f.Path, f.Bytes, f.SHA256)
		}
	}
	return m.checkTrees()
}

func (m *Manifest) checkTrees() error {
	for i, t := range m.Trees {
		if _, err := path.Match(t.Pattern, ""); err != nil || !localPath(t.Pattern) || t.Files < 1 || t.Bytes < 0 || t.SHA256 == "" || !isDigest(t.SHA256, 32) {
			return fmt.Errorf("trees[%d]: %q, %d files, %d bytes, sha256 %q: must be a pattern of a plain relative path, a number of files, no negative size, a digest", i, t.Pattern, t.Files, t.Bytes, t.SHA256)
		}
	}
	return nil
}

func (s *Source) check() error {
	u, err := url.Parse(s.URL)
	if err != nil || (u.Scheme != "https" && u.Scheme != "http") || u.Host == "" {
		return fmt.Errorf("url: %s: must be an http or https address", printable.Quote(download.Redact(s.URL)))
	}
	if !localPath(s.File) || strings.Contains(s.File, "/") {
		return fmt.Errorf("file: %q: must be a plain file name", s.File)
	}
	if s.Bytes < 0 || s.About < 0 || s.Limit < 0 || s.MaxBytes < 0 || s.Strip < 0 {
		return fmt.Errorf("bytes: %d, about: %d, limit: %d, max_bytes: %d, strip: %d: must not be negative", s.Bytes, s.About, s.Limit, s.MaxBytes, s.Strip)
	}
	for i, p := range s.Keep {
		if _, err := path.Match(p, ""); err != nil || !localPath(p) {
			return fmt.Errorf("keep[%d]: %q: must be a pattern of a plain relative path", i, p)
		}
	}
	if !isDigest(s.SHA256, 32) || !isDigest(s.MD5, 16) {
		return fmt.Errorf("sha256: %q, md5: %q: must be hexadecimal digests of 64 and 32 digits, or empty", s.SHA256, s.MD5)
	}
	switch s.Unpack {
	case "":
	case "tar", "tar.gz", "zip":
		if s.MaxBytes == 0 {
			return fmt.Errorf("max_bytes: an archive needs a bound on what it unpacks to")
		}
	default:
		return fmt.Errorf("unpack: %q: must be tar, tar.gz, zip or empty", s.Unpack)
	}
	return nil
}

// localPath tells whether p is a slash-separated relative path, in its
// shortest form, that does not leave its folder on any system.
func localPath(p string) bool {
	if p == "" || p == "." || p != path.Clean(p) || path.IsAbs(p) || strings.ContainsAny(p, "\\:") || strings.ContainsFunc(p, unicode.IsControl) {
		return false
	}
	return p != ".." && !strings.HasPrefix(p, "../")
}

// isDigest tells whether s is empty or the lower-case hexadecimal form of n
// bytes.
func isDigest(s string, n int) bool {
	if s == "" {
		return true
	}
	b, err := hex.DecodeString(s)
	return err == nil && len(b) == n && s == strings.ToLower(s)
}
