package datasets

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
)

//go:embed signals
var signalFiles embed.FS

// SignalCurves returns the table of signals of noise along their settings, in CSV,
// that bench/curves measured. Package study reads it.
func SignalCurves() ([]byte, error) {
	b, err := signalFiles.ReadFile("signals/curves.csv")
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("there is no table of curves: %w", fs.ErrNotExist)
	}
	return b, err
}
