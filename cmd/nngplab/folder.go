package main

import (
	"github.com/spf13/pflag"

	"github.com/nngplab/nngplab/internal/plainfile"
)

// folder is a flag for a folder, which may yet have to be made. What is not one, or
// lies below what is not one, is refused before anything is done.
type folder struct{ to *string }

func folderVar(fl *pflag.FlagSet, to *string, name, value, usage string) {
	*to = value
	fl.Var(folder{to}, name, usage)
}

// Set implements pflag.Value. An empty value is refused by checkGiven.
func (f folder) Set(path string) error {
	*f.to = path
	if path == "" {
		return nil
	}
	return plainfile.Folder(path)
}

// String implements pflag.Value.
func (f folder) String() string {
	if f.to == nil {
		return ""
	}
	return *f.to
}

// Type implements pflag.Value.
func (f folder) Type() string { return "string" }
