package datasets

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"sort"
)

// What fetch wrote is known by its marks: a set by the record in its folder, the
// folder in which a set is built by a file of its own. Of a marked folder only
// what the mark vouches for is removed.

// stageMark is in the folder in which a set is built, until it is complete.
const stageMark = ".nngplab-stage"

// makeStage makes a folder in which a set is built, of a name that nothing has.
func makeStage(root, pattern string) (string, error) {
	dir, err := os.MkdirTemp(root, pattern)
	if err != nil {
		return "", err
	}
	return dir, errors.Join(os.Chmod(dir, 0o755), os.WriteFile(filepath.Join(dir, stageMark), nil, 0o644))
}

// clearStages removes the folders in which sets were built by runs that were
// killed. Another folder of such a name stays.
func clearStages(root, pattern string) error {
	found, err := filepath.Glob(filepath.Join(escapeGlob(root), pattern))
	for _, dir := range found {
		err = errors.Join(err, clearStage(dir))
	}
	return err
}

// clearStage removes a folder in which a set was built: one with the mark, or
// with the record of a set that was not yet moved into its place.
func clearStage(dir string) error {
	if info, err := os.Lstat(dir); err != nil || !info.IsDir() {
		return nil
	}
	for _, mark := range []string{stageMark, recordFile} {
		if m, err := os.Lstat(filepath.Join(dir, mark)); err == nil && m.Mode().IsRegular() {
			return os.RemoveAll(dir)
		}
	}
	_ = os.Remove(dir) // made, and not marked yet
	return nil
}

// removePlaced removes from a set's folder the files that its record lists, the
// record, and the folders that are empty then, and reports whether others are
// left. No link leads it out of the folder. A folder without a record is left as
// it is.
func removePlaced(dir string) (left bool, err error) {
	rec, err := ReadRecord(dir)
	if rec == nil || err != nil {
		return true, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return true, err
	}
	defer root.Close()
	folders := map[string]bool{}
	for _, f := range rec.Files {
		name := filepath.FromSlash(f.Path)
		if info, err := root.Lstat(name); err == nil && !info.IsDir() {
			if err := root.Remove(name); err != nil {
				return true, err
			}
		}
		for d := filepath.Dir(name); d != "."; d = filepath.Dir(d) {
			folders[d] = true
		}
	}
	deepest := make([]string, 0, len(folders))
	for d := range folders {
		deepest = append(deepest, d)
	}
	sort.Slice(deepest, func(i, k int) bool { return len(deepest[i]) > len(deepest[k]) })
	for _, d := range deepest {
		_ = root.Remove(d) // stays where it holds something else
	}
	if err := root.Remove(recordFile); err != nil {
		return true, err
	}
	if info, err := os.Lstat(dir); err == nil && info.IsDir() && os.Remove(dir) == nil {
		return false, nil
	}
	return true, nil
}

// moveInto moves what is left of an earlier set into the new one, as far as
// nothing of that name is there, and reports whether something stayed behind.
func moveInto(old, target string) (stayed bool) {
	entries, err := os.ReadDir(old)
	if err != nil {
		return true
	}
	for _, e := range entries {
		to := filepath.Join(target, e.Name())
		if exists(to) || os.Rename(filepath.Join(old, e.Name()), to) != nil {
			stayed = true
		}
	}
	if stayed {
		return true
	}
	return os.Remove(old) != nil
}

// clearDownloads removes what waited to be placed: the set's sources, their
// parts and states. Other files in that folder stay.
func (j *job) clearDownloads() error {
	for _, s := range j.set.Sources {
		for _, ext := range []string{"", ".part", ".part.json"} {
			err := os.Remove(filepath.Join(j.tmp, s.File+ext))
			if err != nil && !errors.Is(err, fs.ErrNotExist) {
				return err
			}
		}
	}
	_ = os.Remove(j.tmp) // stays where it holds something else
	return nil
}
