package session

import (
	"io"
	"os"

	"golang.org/x/tools/go/gcexportdata"
)

func readExport(f *os.File) ([]byte, error) {
	r, err := gcexportdata.NewReader(f) //nolint:staticcheck // as bindings does
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}
