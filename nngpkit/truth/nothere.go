package truth

import (
	"fmt"
	"strings"

	"github.com/nngplab/nngplab/nngpkit/published"
)

// NotHere returns a sentence for each of the named tables (see OpenCells) that is
// nowhere on this machine: which it is, and what brings it. It takes no notice of what
// is in the tables that are here.
func NotHere(tables ...string) ([]string, error) {
	missing, err := published.Missing(tables...)
	if err != nil {
		return nil, err
	}
	var out []string
	for _, s := range missing {
		out = append(out, fmt.Sprintf("The table *%s* is not here: `nngplab data fetch %s` gets it. What rests on it is not said.", s.Name, strings.Join(s.Sets(), " ")))
	}
	return out, nil
}
