package datasets

import "embed"

//go:embed whole
var wholeFiles embed.FS

// WholeParts returns the names of the parts of the table of a whole space that are
// computed, sorted.
func WholeParts() []string { return embeddedTables(wholeFiles, "whole") }

// WholePart returns the file of a part, as 'nngplab sweep export' wrote it; package
// campaign reads it. It returns an error that wraps fs.ErrNotExist if there is no
// such part.
func WholePart(name string) ([]byte, error) { return embeddedTable(wholeFiles, "whole", name) }

//go:embed kernels
var kernelFiles embed.FS

// KernelTable returns a table of kernels of a sample of a space, as 'nngplab sweep
// export' wrote it; package campaign reads it. It returns an error that wraps fs.ErrNotExist if there is none of that name.
func KernelTable(name string) ([]byte, error) { return embeddedTable(kernelFiles, "kernels", name) }
