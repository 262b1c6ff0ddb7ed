package datasets

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

// Remove deletes a data set, and what an unfinished download left of it, from
// the user's cache. Folders of NNGPLAB_DATA are never touched, nor is what Fetch
// did not place. It returns the removed paths, and an error if something stays or
// there was nothing to remove.
func Remove(ctx context.Context, name string) ([]string, error) {
	m, err := Get(name)
	if err != nil {
		return nil, err
	}
	root, err := CacheDir()
	if err != nil {
		return nil, err
	}
	if !exists(root) {
		return nil, nothingToRemove(m, root)
	}
	unlock, err := lock(ctx, root, name, func() {})
	if err != nil {
		return nil, err
	}
	defer unlock()
	j := &job{set: m, root: root, tmp: downloadDir(root, name), cfg: FetchConfig{Progress: func(Progress) {}}}
	if err := j.recover(); err != nil {
		return nil, err
	}
	var removed []string
	var stays error
	if dir := j.target(); exists(dir) {
		rec, err := ReadRecord(dir)
		if err != nil {
			return nil, err
		}
		if rec == nil {
			stays = fmt.Errorf("%s was not placed by fetch: it is yours, remove it by hand", dir)
		}
	}
	if dir := j.target(); stays == nil && exists(dir) {
		// Renamed first: an interrupted removal must not look like a set.
		if err := os.Rename(dir, j.old()); err != nil {
			return nil, err
		}
		left, err := removePlaced(j.old())
		if err != nil {
			return nil, err
		}
		removed = append(removed, dir)
		if left { // what fetch did not place stays where it was
			if err := os.Rename(j.old(), dir); err != nil {
				return removed, err
			}
			removed[0] += " (files that fetch did not place stay)"
		}
	}
	if exists(j.tmp) {
		if err := j.clearDownloads(); err != nil {
			return removed, err
		}
		removed = append(removed, j.tmp)
	}
	if stays != nil {
		return removed, stays
	}
	if len(removed) == 0 {
		return nil, nothingToRemove(m, root)
	}
	return removed, nil
}

func nothingToRemove(m *Manifest, root string) error {
	err := fmt.Errorf("data set %s is not in the cache %s", m.Name, root)
	if at, ferr := Find(m.Name); ferr == nil {
		err = errors.Join(err, fmt.Errorf("it is in %s, which is yours: remove it there", at.Dir))
	}
	return err
}

// Unfinished returns the bytes of a set that an interrupted Fetch into the
// user's cache left, 0 if there are none.
func Unfinished(name string) int64 {
	root, err := CacheDir()
	if err != nil {
		return 0
	}
	entries, err := os.ReadDir(downloadDir(root, name))
	if err != nil {
		return 0
	}
	var n int64
	for _, e := range entries {
		if info, err := e.Info(); err == nil && filepath.Ext(e.Name()) != ".json" {
			n += info.Size()
		}
	}
	return n
}
