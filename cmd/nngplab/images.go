package main

import (
	"fmt"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/progress"
	"github.com/nngplab/nngplab/nngpkit/imageset"
)

// imageFlags are the flags that say which images are used.
type imageFlags struct {
	images   string
	size     int
	perClass int
	layout   string
}

func (f *imageFlags) add(cmd *cobra.Command, usual string) {
	fl := cmd.Flags()
	fl.StringVar(&f.images, "images", usual, "image set (see 'nngplab data list'), or the path of your own: a folder with a subfolder for each class, a CSV file with the columns file and label, or an .npz file with x and y")
	fl.IntVar(&f.size, "size", 0, "side of the images in pixels; 0 means that of the set, of a network's input, or 32 for image files")
	fl.IntVar(&f.perClass, "per-class", 0, "the first so many images of each class; 0 means all")
	fl.StringVar(&f.layout, "layout", "", "order of the axes of x in an .npz file: nchw or nhwc; without it that of the axis with 1 or 3 channels")
}

func (f *imageFlags) check(cmd *cobra.Command) error {
	for _, c := range []struct {
		name  string
		value int
		most  int
	}{{"size", f.size, 1 << 14}, {"per-class", f.perClass, imageset.All}} {
		if c.value < 0 || c.value > c.most || c.value == 0 && c.name == "size" && cmd.Flags().Changed(c.name) {
			return fmt.Errorf("--%s %d: want 1 to %d", c.name, c.value, c.most)
		}
	}
	return nil
}

// open returns the images. Image files have the given side unless --size says
// otherwise.
func (f *imageFlags) open(cmd *cobra.Command, side int) (*imageset.Set, error) {
	cfg := imageset.OwnConfig{Size: f.size, FileSize: side, PerClass: f.perClass, Layout: f.layout}
	given := cmd.Flags().Changed("per-class")
	if given && f.perClass == 0 {
		cfg.PerClass = imageset.All
	}
	if part := imageset.Part(f.images); part != "" && !given {
		fmt.Fprintf(cmd.ErrOrStderr(), "nngplab: of %s, %s are read; --per-class N takes more, --per-class 0 all\n", f.images, part)
	}
	set, err := f.read(cmd, cfg)
	if err != nil && !cmd.Flags().Changed("images") && cmd.Flags().Lookup("network") != nil {
		err = fmt.Errorf("%w; '--images noise' needs no data set", err)
	}
	return set, err
}

// read shows how far the decoding is.
func (f *imageFlags) read(cmd *cobra.Command, cfg imageset.OwnConfig) (*imageset.Set, error) {
	show := newProgress(cmd, progress.Quiet)
	defer show.End()
	cfg.Progress = func(done, total int) { show.Count("decoding images", done, total) }
	return imageset.Open(cmd.Context(), f.images, cfg)
}
