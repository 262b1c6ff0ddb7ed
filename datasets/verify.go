package datasets

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"sort"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// Check is the result of checking one file.
type Check struct {
	Path    string `json:"path"` // slash-separated, within the set's folder
	Bytes   int64  `json:"bytes"`
	SHA256  string `json:"sha256,omitempty"`
	Against string `json:"against,omitempty"` // what it was compared with
	Problem string `json:"problem,omitempty"` // empty if there is none
}

// Report is the result of checking a data set.
type Report struct {
	Location Location `json:"-"`
	Fetched  bool     `json:"fetched"` // placed by Fetch, so that every file's digest is known
	Checks   []Check  `json:"checks"`

	// Missing lists files of the complete set that are not there. In a set
	// that Fetch placed each is also a problem; a set placed by hand may be
	// meant to be a part.
	Missing []string `json:"missing,omitempty"`
}

// Problems returns the checks that found something wrong.
func (r *Report) Problems() []Check {
	var bad []Check
	for _, c := range r.Checks {
		if c.Problem != "" {
			bad = append(bad, c)
		}
	}
	return bad
}

// Verify reads every file of the data set at a location of which a size or a
// digest is known (from the manifest, or from the record that Fetch left) and
// compares. It returns an error only if the checking itself failed; what it
// found wrong is in the report.
func Verify(ctx context.Context, at Location, progress func(Progress)) (*Report, error) {
	m, err := Get(at.Name)
	if err != nil {
		return nil, err
	}
	return verify(ctx, m, at, progress)
}

// manyFiles is how many files are too many to name each as it is checked.
const manyFiles = 100

func verify(ctx context.Context, m *Manifest, at Location, progress func(Progress)) (*Report, error) {
	if progress == nil {
		progress = func(Progress) {}
	}
	rep := &Report{Location: at, Checks: []Check{}}
	rec, err := ReadRecord(at.Dir)
	if err != nil {
		rep.Checks = append(rep.Checks, Check{Path: recordFile, Problem: err.Error()})
	}
	rep.Fetched = rec != nil
	expected := m.expected(rec)
	if tell := progress; len(expected) > manyFiles { // not a line for each
		progress = func(p Progress) {
			p.File = ""
			tell(p)
		}
	}
	for _, w := range expected {
		c, there, err := w.verify(ctx, at, progress)
		if err != nil {
			return nil, err
		}
		if !there {
			rep.Missing = append(rep.Missing, w.Path)
			if !rep.Fetched {
				continue
			}
			c.Problem = "is missing"
		}
		rep.Checks = append(rep.Checks, c)
	}
	return rep, nil
}

// expectation is what a file should be, and on whose word.
type expectation struct {
	File
	md5, against string
}

// expected joins what the manifest and the record know of the set's files,
// sorted by path. The manifest's word counts more.
func (m *Manifest) expected(rec *Record) []expectation {
	all := map[string]expectation{}
	if rec != nil {
		for _, f := range rec.Files {
			all[f.Path] = expectation{f, "", "the digest recorded when it was fetched"}
		}
	}
	add := func(f File, md5 string) {
		e := all[f.Path]
		e.Path = f.Path
		if f.Bytes > 0 {
			e.Bytes = f.Bytes
		}
		switch {
		case f.SHA256 != "":
			e.SHA256, e.against = f.SHA256, "the published SHA-256"
		case md5 != "":
			e.md5, e.against = md5, "the published MD5"
		case e.against == "" && f.Bytes > 0:
			e.against = "the published size"
		}
		all[f.Path] = e
	}
	for _, s := range m.Sources {
		if s.Unpack == "" {
			add(File{s.File, s.Bytes, s.SHA256}, s.MD5)
		}
	}
	for _, f := range m.Files {
		add(f, "")
	}
	list := make([]expectation, 0, len(all))
	for _, e := range all {
		list = append(list, e)
	}
	sort.Slice(list, func(i, k int) bool { return list[i].Path < list[k].Path })
	return list
}

func (w expectation) verify(ctx context.Context, at Location, progress func(Progress)) (c Check, there bool, err error) {
	c = Check{Path: w.Path, Against: w.against}
	name := filepath.Join(at.Dir, filepath.FromSlash(w.Path))
	info, err := plainfile.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return c, false, nil
	case err != nil:
		c.Problem = err.Error()
		return c, true, nil
	case w.Bytes > 0 && info.Size() != w.Bytes: // its digest would say nothing more
		c.Bytes, c.Problem = info.Size(), fmt.Sprintf("its size is %d, must be %d", info.Size(), w.Bytes)
		return c, true, nil
	}
	d, err := digestFile(ctx, name, w.md5 != "", func(done, total int64) {
		progress(Progress{Set: at.Name, File: w.Path, Stage: StageCheck, Done: done, Total: total})
	})
	if ctx.Err() != nil {
		return c, true, ctx.Err()
	}
	if err != nil {
		c.Problem = err.Error()
		return c, true, nil
	}
	c.Bytes, c.SHA256 = d.bytes, d.sha256
	switch {
	case w.SHA256 != "" && d.sha256 != w.SHA256:
		c.Problem = fmt.Sprintf("its SHA-256 is %s, must be %s (%s)", d.sha256, w.SHA256, w.against)
	case w.md5 != "" && d.md5 != w.md5:
		c.Problem = fmt.Sprintf("its MD5 is %s, must be %s", d.md5, w.md5)
	}
	return c, true, nil
}
