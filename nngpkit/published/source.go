package published

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/nngplab/nngplab/datasets"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Table is a published table of trained networks.
type Table interface {
	// Source says where the table was read from.
	Source() string
	// Len returns the number of networks.
	Len() int
	// Key returns the key of network i in its space.
	Key(i int) string
	// Architecture returns network i as the table writes it down.
	Architecture(i int) space.Architecture
	// Index returns the network of that key, and false where the table has none.
	Index(key string) (int, bool)
	// Truth returns the final accuracy of network i: the mean over the runs that
	// are known, and how many they are, which may be none.
	Truth(i int) (mean float64, runs int)
	// Training returns the validation accuracies of the runs of network i that
	// were trained for so many epochs, and their mean, NaN where there is none.
	Training(i, epochs int) (runs []float64, mean float64)
}

// Columned is a Table that holds more of its networks than accuracies.
type Columned interface {
	Table
	// Columns returns these numbers, each one a network in the order of the table,
	// NaN where there is none. The names of proxies that others computed begin with
	// ProxyPrefix.
	Columns() []Column
}

// Column is a column of numbers, one a network.
type Column struct {
	Name   string
	Values []float64
}

// ProxyPrefix begins the names of columns of zero-cost proxies as others
// published them, such as proxy_zen.
const ProxyPrefix = "proxy_"

// Source is a published table that this package knows.
type Source struct {
	Name  string // short, for headings and results: "official"
	About string // which networks they are, and what their truth is
	Label string // of the truth, for axes
	Space string // the name of the search space
	Whole bool   // it holds every network of the space
	// Aside is true of a table that is opened by its name alone: what walks over all
	// tables passes it by. Its cells are of another kind than the other tables': of
	// another space, or drawn uniformly where those were not.
	Aside bool
	From  string // address and license of what was published

	file string   // below the folders of data; "" where several data sets hold it
	sets []string // the data sets that hold it as it was published
	open func(ctx context.Context, s Source) (Table, error)
}

var sources = slices.Concat(nasbench101Sources, accelSources)

// Sources returns every published table that this package knows, in the order in
// which they are asked.
func Sources() []Source { return append([]Source(nil), sources...) }

// Names returns the names of all sources.
func Names() []string {
	var names []string
	for _, s := range sources {
		names = append(names, s.Name)
	}
	return names
}

// Find returns the source of that name.
func Find(name string) (Source, error) {
	for _, s := range sources {
		if s.Name == name {
			return s, nil
		}
	}
	return Source{}, fmt.Errorf("published: there is no table %q; there are %s", name, strings.Join(Names(), ", "))
}

// Open reads the table. It is a *NotFoundError where the table is nowhere on this
// machine.
func (s Source) Open(ctx context.Context) (Table, error) { return s.open(ctx, s) }

// Sets returns the names of the data sets that hold the table: what 'nngplab data
// fetch' brings.
func (s Source) Sets() []string { return append([]string(nil), s.sets...) }

// NotFoundError says that a published table is nowhere on this machine.
type NotFoundError struct {
	Name   string
	Sets   []string // the data sets that have it and can be fetched
	File   string   // that has it otherwise, "" where there is none
	Looked []string // folders
}

// Error says what was looked for, where, and what to do about it.
func (e *NotFoundError) Error() string {
	fetch := ""
	if len(e.Sets) > 0 {
		fetch = fmt.Sprintf("'nngplab data fetch %s' gets them", strings.Join(e.Sets, " "))
	}
	if e.File == "" {
		return fmt.Sprintf("published: the %s accuracies are not on this machine: %s", e.Name, fetch)
	}
	if fetch != "" {
		fetch += ", or "
	}
	return fmt.Sprintf("published: the %s accuracies (%s) were found in none of the folders %s: %sput the file below one of them, or name the folder that has it in %s",
		e.Name, e.File, strings.Join(e.Looked, ", "), fetch, datasets.EnvData)
}

// Missing returns those of the named tables that are nowhere on this machine, in
// their order. An error is that of a name which is none.
func Missing(names ...string) ([]Source, error) {
	var out []Source
	for _, name := range names {
		s, err := Find(name)
		if err != nil {
			return nil, err
		}
		if !s.here() {
			out = append(out, s)
		}
	}
	return out, nil
}
