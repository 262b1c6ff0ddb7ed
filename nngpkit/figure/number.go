package figure

import (
	"fmt"
	"strconv"
	"sync"
)

// numbering counts the figures of each notebook, by the names under which they are
// published.
type numbering struct {
	mu    sync.Mutex
	count map[int]int // of each notebook
	given map[string]string
}

var numbers numbering

// of returns the number of the figure of a name: two digits and an underscore, those of
// its notebook, and anything. It is "" for other names.
func (n *numbering) of(name string) string {
	if len(name) < 4 || name[2] != '_' {
		return ""
	}
	notebook, err := strconv.ParseUint(name[:2], 10, 8)
	if err != nil {
		return ""
	}
	n.mu.Lock()
	defer n.mu.Unlock()
	if was, ok := n.given[name]; ok {
		return was
	}
	if n.given == nil {
		n.count, n.given = map[int]int{}, map[string]string{}
	}
	n.count[int(notebook)]++
	n.given[name] = fmt.Sprintf("%d.%d", notebook, n.count[int(notebook)])
	return n.given[name]
}
