package datasets

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/gofrs/flock"

	"github.com/nngplab/nngplab/datasets/internal/download"
	"github.com/nngplab/nngplab/datasets/internal/unpack"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
)

// FetchConfig adjusts Fetch. The zero value fetches from the published
// addresses into the user's cache.
type FetchConfig struct {
	Dir string // the data folder to fill; empty means CacheDir()

	// Offline forbids the network; so does the environment variable
	// NNGPLAB_OFFLINE. Files that were put by hand where OfflineError says are
	// still checked and placed.
	Offline bool

	// URLs, if not empty, replace the addresses of the set's sources, in
	// their order.
	URLs []string

	// Mirror, if not empty, is a base address that holds every source as
	// MIRROR/SET/FILE; empty means the environment variable NNGPLAB_MIRROR.
	// The digests of the manifest hold for mirrors too.
	Mirror string

	Force   bool          // fetch anew what is there already
	Client  *http.Client  // nil means one that respects proxy settings
	Stall   time.Duration // give up an attempt after so long without a byte; 0 means a minute
	Retries int           // attempts in a row that bring nothing new; 0 means 5, negative none
	Backoff time.Duration // pause before the first repeated attempt; 0 means a second

	// Progress, if not nil, is told how the work goes on. It is called often
	// and must return quickly.
	Progress func(Progress)
}

// Stages of the work of Fetch.
const (
	StageWait     = "waiting for another run"
	StageDownload = "downloading"
	StageCheck    = "checking"
	StageUnpack   = "unpacking"
	StagePlace    = "placing"
)

// Progress is a state of the work of Fetch or Verify.
type Progress struct {
	Set, File   string
	Stage       string
	Done, Total int64  // bytes; Total is 0 while it is unknown
	Message     string // an event worth a line of its own, such as a failed attempt
}

// OfflineError says what is missing while the network must not be used, and
// where to put it by hand.
type OfflineError struct {
	Set     string
	Missing []Source
	Dir     string // where to put the files
	To      string // the data folder to be filled, if it is not the user's cache
}

// Error lists address, size, digest and place of each missing file.
func (e *OfflineError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "data set %s: offline, and not here yet:", e.Set)
	for _, s := range e.Missing {
		fmt.Fprintf(&b, "\n  %s", download.Redact(s.URL))
		if n := s.Size(); n > 0 {
			fmt.Fprintf(&b, " (%d bytes", n)
			if s.Bytes == 0 {
				b.WriteString(", roughly")
			}
			b.WriteString(")")
		}
		switch {
		case s.SHA256 != "":
			fmt.Fprintf(&b, "\n    sha256 %s", s.SHA256)
		case s.MD5 != "":
			fmt.Fprintf(&b, "\n    md5 %s", s.MD5)
		}
		fmt.Fprintf(&b, "\n    put it at %s", filepath.Join(e.Dir, s.File))
	}
	fmt.Fprintf(&b, "\nthen run `nngplab data fetch %s --offline", e.Set)
	if e.To != "" {
		fmt.Fprintf(&b, " --to %s", e.To)
	}
	b.WriteString("` to check and place it")
	return b.String()
}

// Fetch brings a data set onto this machine: it downloads what is missing,
// checks it against the manifest, unpacks it, and places it in one step. A set
// that is there already is returned as it is. An interrupted download goes on
// where it stopped when Fetch is called again; two processes that fetch the
// same set wait for each other.
//
// It returns an error that names the file and the reason, and then no set has
// been placed: a *WrongFileError for wrong bytes, an *OfflineError if the
// network is needed but forbidden.
func Fetch(ctx context.Context, name string, cfg FetchConfig) (Location, error) {
	m, err := Get(name)
	if err != nil {
		return Location{}, err
	}
	return fetch(ctx, m, cfg)
}

// job is one run of Fetch.
type job struct {
	cfg  FetchConfig
	set  *Manifest
	root string // the data folder
	tmp  string // where downloads wait
}

func fetch(ctx context.Context, m *Manifest, cfg FetchConfig) (Location, error) {
	if len(m.Sources) == 0 {
		return Location{}, fmt.Errorf("data set %s cannot be fetched: %s", m.Name, m.Manual)
	}
	m, err := cfg.redirect(m)
	if err != nil {
		return Location{}, err
	}
	if cfg.Dir == "" {
		if cfg.Dir, err = CacheDir(); err != nil {
			return Location{}, &ConfigError{fmt.Errorf("%w (name a folder to fill: --to DIR of the command)", err)}
		}
	}
	cfg.Offline = cfg.Offline || isOn(os.Getenv(EnvOffline))
	if cfg.Progress == nil {
		cfg.Progress = func(Progress) {}
	}
	j := &job{cfg: cfg, set: m, root: cfg.Dir, tmp: downloadDir(cfg.Dir, m.Name)}
	unlock, err := lock(ctx, j.root, m.Name, func() { j.tell("", StageWait, 0, 0, "") })
	if err != nil {
		return Location{}, err
	}
	defer unlock()
	return j.run(ctx)
}

// downloadDir is where the downloads of a set wait until it is placed.
func downloadDir(root, set string) string { return filepath.Join(root, ".downloads", set) }

// isOn reads a switch from the environment.
func isOn(v string) bool {
	switch strings.ToLower(strings.TrimSpace(v)) {
	case "1", "true", "yes", "on":
		return true
	}
	return false
}

// redirect returns a copy of the manifest with the addresses that the
// configuration asks for.
func (cfg *FetchConfig) redirect(m *Manifest) (*Manifest, error) {
	c := *m
	c.Sources = append([]Source(nil), m.Sources...)
	mirror := cfg.Mirror
	if mirror == "" {
		mirror = os.Getenv(EnvMirror)
	}
	if len(cfg.URLs) == 0 && mirror == "" {
		return &c, nil
	}
	if len(cfg.URLs) > 0 && len(cfg.URLs) != len(m.Sources) {
		return nil, &ConfigError{fmt.Errorf("data set %s: %d addresses given, it has %d files: %s", m.Name, len(cfg.URLs), len(m.Sources), strings.Join(m.sourceFiles(), ", "))}
	}
	if u, err := url.Parse(mirror); len(cfg.URLs) == 0 && (err != nil || u.Host == "") {
		return nil, &ConfigError{fmt.Errorf("the mirror %s is no http or https address", printable.Quote(download.Redact(mirror)))}
	}
	for i := range c.Sources {
		s := &c.Sources[i]
		if len(cfg.URLs) > 0 {
			s.URL = cfg.URLs[i]
		} else {
			s.URL = strings.TrimSuffix(mirror, "/") + "/" + path.Join(m.Name, url.PathEscape(s.File))
		}
		if err := s.check(); err != nil {
			return nil, &ConfigError{fmt.Errorf("data set %s: %s: %w", m.Name, s.File, err)}
		}
	}
	return &c, nil
}

// ConfigError says that a FetchConfig asks for what cannot be.
type ConfigError struct{ error }

// Unwrap returns the reason.
func (e *ConfigError) Unwrap() error { return e.error }

// Check returns a *ConfigError if the configuration does not fit the data set
// of that name: Fetch checks by itself, a caller that fetches several may ask
// before the first.
func (cfg FetchConfig) Check(name string) error {
	m, err := Get(name)
	if err != nil {
		return &ConfigError{err}
	}
	if cfg.Stall < 0 || cfg.Backoff < 0 {
		return &ConfigError{errors.New("durations must not be negative")}
	}
	_, err = cfg.redirect(m)
	return err
}

func (m *Manifest) sourceFiles() []string {
	var names []string
	for _, s := range m.Sources {
		names = append(names, s.File)
	}
	return names
}

// lock waits for the set's lock below root and returns how to release it.
func lock(ctx context.Context, root, set string, waiting func()) (func(), error) {
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	l := flock.New(filepath.Join(root, ".lock-"+set))
	if err := plainfile.OrNone(l.Path()); err != nil { // opening a pipe would wait for ever
		return nil, err
	}
	ok, err := l.TryLock()
	if err == nil && !ok {
		waiting()
		_, err = l.TryLockContext(ctx, 100*time.Millisecond)
	}
	if err != nil {
		return nil, fmt.Errorf("%s: %w", l.Path(), err)
	}
	// The file stays: removing it would let two runs lock two files of one name.
	return func() { l.Unlock() }, nil
}

func (j *job) tell(file, stage string, done, total int64, message string) {
	j.cfg.Progress(Progress{Set: j.set.Name, File: file, Stage: stage, Done: done, Total: total, Message: message})
}

// target is the folder in which the set is placed.
func (j *job) target() string { return filepath.Join(j.root, filepath.FromSlash(j.set.Folders[0])) }

func (j *job) run(ctx context.Context) (Location, error) {
	here := Location{Name: j.set.Name, Dir: j.target(), Origin: FromCache}
	if cache, err := CacheDir(); err != nil || cache != j.root {
		here.Origin = FromEnv
	}
	if err := j.recover(); err != nil {
		return Location{}, err
	}
	switch rec, err := ReadRecord(here.Dir); {
	case err != nil && !j.cfg.Force:
		return Location{}, fmt.Errorf("%w (fetch it anew with --force)", err)
	case rec != nil && !j.cfg.Force:
		return here, nil
	case rec == nil && !j.cfg.Force && exists(here.Dir):
		return Location{}, fmt.Errorf("%s is there already but was not placed by fetch: move it away, or let --force do so", here.Dir)
	}
	if err := j.downloads(ctx); err != nil {
		return Location{}, err
	}
	if err := j.place(ctx); err != nil {
		return Location{}, err
	}
	return here, nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

// old names the folder that an earlier set is moved to while its successor is
// placed, and stages are called what matches stagePattern.
func (j *job) old() string          { return filepath.Join(j.root, ".old-"+j.set.Name) }
func (j *job) stagePattern() string { return ".stage-" + j.set.Name + ".*" }

// recover clears what a run left that was killed while it placed the set.
func (j *job) recover() error {
	if rec, _ := ReadRecord(j.old()); rec != nil && !exists(j.target()) {
		if err := os.Rename(j.old(), j.target()); err != nil {
			return err
		}
	}
	return errors.Join(j.discard(j.old()), clearStages(j.root, j.stagePattern()))
}

// discard removes an earlier set that was moved aside. What fetch did not place
// in it goes into the new set's folder, or stays where it is.
func (j *job) discard(old string) error {
	if !exists(old) {
		return nil
	}
	left, err := removePlaced(old)
	if err != nil || !left {
		return err
	}
	kept := moveInto(old, j.target())
	if kept {
		j.tell("", StagePlace, 0, 0, "files that fetch had not placed were left in "+old)
	}
	return nil
}

// downloads brings every source, checked, into the folder tmp.
func (j *job) downloads(ctx context.Context) error {
	if err := os.MkdirAll(j.tmp, 0o755); err != nil {
		return err
	}
	var missing []Source
	for _, s := range j.set.Sources {
		if !exists(filepath.Join(j.tmp, s.File)) {
			missing = append(missing, s)
		}
	}
	if j.cfg.Offline && len(missing) > 0 {
		off := &OfflineError{Set: j.set.Name, Missing: missing, Dir: j.tmp}
		if cache, err := CacheDir(); err != nil || cache != j.root {
			off.To = j.root
		}
		return off
	}
	if err := j.space(missing); err != nil {
		return err
	}
	for i := range j.set.Sources {
		if err := j.source(ctx, &j.set.Sources[i]); err != nil {
			return err
		}
	}
	return nil
}

// space tells whether the disk has room for what is missing and for what the
// archives unpack to.
func (j *job) space(missing []Source) error {
	var need int64
	for _, s := range missing {
		need += s.Size()
		if info, err := os.Stat(filepath.Join(j.tmp, s.File+".part")); err == nil {
			need -= min(info.Size(), s.Size())
		}
	}
	for _, s := range j.set.Sources {
		if s.Unpack != "" {
			need += s.MaxBytes
		}
	}
	free, known := freeBytes(j.root)
	if known && free < need {
		return fmt.Errorf("data set %s: up to %d MB are needed in %s, %d MB are free", j.set.Name, need/1e6+1, j.root, free/1e6)
	}
	return nil
}

// source makes sure that one source lies in tmp, checked.
func (j *job) source(ctx context.Context, s *Source) error {
	whole := filepath.Join(j.tmp, s.File)
	if exists(whole) {
		err := j.checkSource(ctx, s, whole)
		var wrong *WrongFileError
		if err == nil || !errors.As(err, &wrong) {
			return err
		}
		if j.cfg.Offline {
			return err // it was put there by hand: say what is wrong with it
		}
		if err := j.setAside(s, whole, err); err != nil {
			return err
		}
	}
	part := whole + ".part"
	resumed := exists(part)
	pieced, err := j.downloadSource(ctx, s, part)
	var wrong *WrongFileError
	if (resumed || pieced) && errors.As(err, &wrong) {
		// The pieces may have been of different files: begin once more.
		j.tell(s.File, StageCheck, 0, 0, fmt.Sprintf("%v; fetching it from the start", err))
		_, err = j.downloadSource(ctx, s, part)
	}
	if err != nil {
		return err
	}
	// The state beside the part stays, to tell what was downloaded from what
	// somebody put there.
	return os.Rename(part, whole)
}

// setAside makes room for a source in place of a file with wrong bytes, and says
// so. One that was downloaded is removed, one that was put there by hand moved.
func (j *job) setAside(s *Source, whole string, wrong error) error {
	if exists(whole + ".part.json") {
		j.tell(s.File, StageCheck, 0, 0, fmt.Sprintf("%v; it is fetched anew", wrong))
		return os.Remove(whole)
	}
	aside, err := freeName(whole + ".wrong")
	if err != nil {
		return err
	}
	j.tell(s.File, StageCheck, 0, 0, fmt.Sprintf("%v; it is moved to %s, and fetched anew", wrong, aside))
	return os.Rename(whole, aside)
}

// downloadSource downloads a source into its part file and checks it. A part
// that turns out wrong is removed; pieced then says whether it came in several
// answers, which may have been of different files.
func (j *job) downloadSource(ctx context.Context, s *Source, part string) (pieced bool, err error) {
	r := download.Request{
		URL: s.URL, Path: part, Size: s.Bytes, Client: j.cfg.Client,
		Stall: j.cfg.Stall, Retries: j.cfg.Retries, Backoff: j.cfg.Backoff,
		Progress: func(done, total int64, message string) {
			if total == 0 {
				total = s.Size()
			}
			j.tell(s.File, StageDownload, done, total, message)
		},
	}
	if s.Bytes == 0 {
		// A size that is published in words may be a tenth off.
		r.Limit = max(s.About+s.About/10, s.Limit)
	}
	res, err := download.Do(ctx, r)
	if err != nil {
		return false, err
	}
	err = j.checkSource(ctx, s, part)
	var wrong *WrongFileError
	if errors.As(err, &wrong) {
		wrong.Path = download.Redact(s.URL)
		return res.Pieced, errors.Join(wrong, os.Remove(part))
	}
	return false, err
}

// checkSource checks a downloaded file and completes what is known of it.
func (j *job) checkSource(ctx context.Context, s *Source, name string) error {
	d, err := digestFile(ctx, name, s.MD5 != "", func(done, total int64) { j.tell(s.File, StageCheck, done, total, "") })
	if err != nil {
		return err
	}
	if err := s.matches(name, d); err != nil {
		return err
	}
	s.Bytes, s.SHA256 = d.bytes, d.sha256
	return nil
}

// place builds the set beside its target and renames it: a reader sees all of
// it or nothing.
func (j *job) place(ctx context.Context) (err error) {
	target := j.target()
	stage, err := makeStage(j.root, j.stagePattern())
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = clearStage(stage) // what is left is found and cleared by the next fetch
		}
	}()
	rec := &Record{Set: j.set.Name, Placed: time.Now().UTC().Truncate(time.Second), Sources: redacted(j.set.Sources)}
	var moved []Source
	for _, s := range j.set.Sources {
		if s.Unpack == "" {
			rec.Files = append(rec.Files, File{s.File, s.Bytes, s.SHA256})
			moved = append(moved, s)
			continue
		}
		files, err := unpack.Archive(ctx, filepath.Join(j.tmp, s.File), s.Unpack, stage,
			unpack.Limits{Bytes: s.MaxBytes, Strip: s.Strip, Keep: s.Keep},
			func(done int64) { j.tell(s.File, StageUnpack, done, 0, "") })
		if err != nil {
			return err
		}
		for _, f := range files {
			rec.Files = append(rec.Files, File(f))
		}
	}
	if err := j.set.checkFiles(rec.Files); err != nil {
		return errors.Join(err, j.reject(err))
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	// From here on there is no stopping: what is left takes no time.
	j.tell("", StagePlace, 0, 0, "")
	for _, s := range moved {
		if err := linkOrRename(filepath.Join(j.tmp, s.File), filepath.Join(stage, s.File)); err != nil {
			return err
		}
	}
	if err := rec.write(stage); err != nil {
		return err
	}
	if err := os.Remove(filepath.Join(stage, stageMark)); err != nil {
		return err
	}
	if err := syncTree(stage); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(target), 0o755); err != nil {
		return err
	}
	if err := j.makeWay(); err != nil {
		return err
	}
	if err := os.Rename(stage, target); err != nil {
		return err
	}
	syncDir(filepath.Dir(target))
	return errors.Join(j.discard(j.old()), j.clearDownloads())
}

// reject makes room for the archives of which no digest is published, so that what
// they hold was the first thing to be checked: the next call fetches them anew.
func (j *job) reject(wrong error) error {
	var errs []error
	for i := range j.set.Sources {
		if s := &j.set.Sources[i]; s.Limit > 0 {
			errs = append(errs, j.setAside(s, filepath.Join(j.tmp, s.File), wrong))
		}
	}
	return errors.Join(errs...)
}

// makeWay moves what is in the set's place aside: an earlier set, which goes once
// its successor is there, or somebody's folder, which stays.
func (j *job) makeWay() error {
	target := j.target()
	if !exists(target) {
		return nil
	}
	if rec, err := ReadRecord(target); rec != nil || err != nil {
		if exists(j.old()) {
			return fmt.Errorf("%s is in the way: move it away", j.old())
		}
		return os.Rename(target, j.old())
	}
	aside, err := freeName(target + ".before-fetch")
	if err != nil {
		return err
	}
	j.tell("", StagePlace, 0, 0, fmt.Sprintf("%s was not placed by fetch: it is moved to %s", target, aside))
	return os.Rename(target, aside)
}

// freeName returns the name, or the name with a number, that nothing has.
func freeName(name string) (string, error) {
	if !exists(name) {
		return name, nil
	}
	for i := 2; i < 1000; i++ {
		if n := fmt.Sprintf("%s.%d", name, i); !exists(n) {
			return n, nil
		}
	}
	return "", fmt.Errorf("%s and a thousand more are there already: move some away", name)
}

// linkOrRename gives a file a second name, so that a failure later on does not
// cost the download; where there are no links it moves the file.
func linkOrRename(from, to string) error {
	if os.Link(from, to) == nil {
		return nil
	}
	return os.Rename(from, to)
}

// checkFiles compares the files of a set that is about to be placed with what
// the manifest knows of them.
func (m *Manifest) checkFiles(files []File) error {
	got := make(map[string]File, len(files))
	for _, f := range files {
		got[f.Path] = f
	}
	for _, want := range m.Files {
		f, ok := got[want.Path]
		switch {
		case !ok:
			return fmt.Errorf("data set %s: the download holds no %s", m.Name, want.Path)
		case want.Bytes > 0 && f.Bytes != want.Bytes:
			return &WrongFileError{want.Path, "its size", fmt.Sprint(want.Bytes), fmt.Sprint(f.Bytes)}
		case want.SHA256 != "" && f.SHA256 != want.SHA256:
			return &WrongFileError{want.Path, "its SHA-256", want.SHA256, f.SHA256}
		}
	}
	for _, t := range m.Trees {
		if err := t.check(files); err != nil {
			return fmt.Errorf("data set %s: %w", m.Name, err)
		}
	}
	return nil
}

// check compares those of the files that match the pattern with what is known of them.
func (t Tree) check(files []File) error {
	var matching []File
	for _, f := range files {
		if ok, _ := path.Match(t.Pattern, f.Path); ok {
			matching = append(matching, f)
		}
	}
	slices.SortFunc(matching, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	list, size := sha256.New(), int64(0)
	for _, f := range matching {
		fmt.Fprintf(list, "%s  %d  %s\n", f.SHA256, f.Bytes, f.Path)
		size += f.Bytes
	}
	got := hex.EncodeToString(list.Sum(nil))
	switch {
	case len(matching) != t.Files:
		return &WrongFileError{t.Pattern, "the number of its files", fmt.Sprint(t.Files), fmt.Sprint(len(matching))}
	case size != t.Bytes:
		return &WrongFileError{t.Pattern, "the size of its files", fmt.Sprint(t.Bytes), fmt.Sprint(size)}
	case got != t.SHA256:
		return &WrongFileError{t.Pattern, "the SHA-256 of its list of files", t.SHA256, got}
	}
	return nil
}
