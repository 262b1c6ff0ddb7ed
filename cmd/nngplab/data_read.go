package main

import (
	"context"
	"errors"
	"fmt"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// A dataReader reads what a folder holds of a data set, as the lab does, and
// says what it was, line by line. The progress function may be called from
// several goroutines at once.
type dataReader func(ctx context.Context, dir string, progress func(done, total int64)) ([]string, error)

// dataReaders are by name of the data set. A file beside this one may add some.
var dataReaders = func() map[string]dataReader {
	m := map[string]dataReader{}
	for _, n := range datasets.Names() {
		if len(imageset.NamesIn(n)) > 0 {
			m[n] = func(ctx context.Context, dir string, progress func(done, total int64)) ([]string, error) {
				return readImages(ctx, n, dir, progress)
			}
		}
	}
	return m
}()

func readImages(ctx context.Context, dataset, dir string, progress func(done, total int64)) (lines []string, err error) {
	for _, n := range imageset.NamesIn(dataset) {
		if err := ctx.Err(); err != nil {
			return lines, err
		}
		s, err := imageset.Inspect(ctx, n, dir, func(done, total int) { progress(int64(done), int64(total)) })
		if errors.Is(err, imageset.ErrNotHere) {
			continue
		}
		if err != nil {
			return lines, err
		}
		lines = append(lines, fmt.Sprintf("%s: read %d images of %dx%dx%d in %d classes", n, s.Images, s.H, s.W, s.C, s.Classes))
	}
	if len(lines) == 0 {
		return lines, fmt.Errorf("%s: there are no images to read", dir)
	}
	return lines, nil
}
