package main

import (
	"path"
	"strconv"
	"strings"
	"unique"
)

// historySession is the number of the running kernel's session: its history
// begins with it.
const historySession = 1

// historyEntry is a cell that was run.
type historyEntry struct {
	count        int
	code, output unique.Handle[string]
}

// historyKept is how many cells the history holds at least, and half of how many at
// most.
const historyKept = 10_000

// remember adds a cell to the history.
func (n *notebook) remember(count int, code string, out outcome) {
	output := ""
	if k := len(out.shown); k > 0 {
		output, _ = out.shown[k-1].Data[MIMETypeText].(string)
	}
	if k := len(n.history) - historyKept; k >= historyKept {
		n.history = append(make([]historyEntry, 0, 2*historyKept), n.history[k:]...)
	}
	n.history = append(n.history, historyEntry{count, unique.Make(code), unique.Make(output)})
}

// keepSource keeps the source of the cell of this name, In[k], for tracebacks.
func (n *notebook) keepSource(cell, code string) {
	k, ok := cellNumber(cell)
	if !ok {
		return
	}
	for len(n.sources) <= k {
		n.sources = append(n.sources, unique.Make(""))
	}
	n.sources[k] = unique.Make(code)
}

// source is that of a cell, "" where none of the name has been run.
func (n *notebook) source(cell string) string {
	if k, ok := cellNumber(cell); ok && k < len(n.sources) {
		return n.sources[k].Value()
	}
	return ""
}

func cellNumber(cell string) (int, bool) {
	digits, ok := strings.CutPrefix(cell, "In[")
	if !ok {
		return 0, false
	}
	k, err := strconv.Atoi(strings.TrimSuffix(digits, "]"))
	return k, err == nil && k >= 0
}

// searchHistory answers a history_request: the last n cells, a range of them,
// or those that match a pattern of the shell's kind.
func (n *notebook) searchHistory(content map[string]any) [][]any {
	found := n.history
	limit := -1
	if _, ok := content["n"].(float64); ok {
		limit = number(content, "n")
	}
	switch text(content, "hist_access_type") {
	case "range":
		found = n.historyRange(content)
		limit = -1
	case "search":
		found = matching(found, text(content, "pattern"), flagOf(content, "unique", false))
	}
	if limit >= 0 && len(found) > limit {
		found = found[len(found)-limit:]
	}
	out := make([][]any, len(found))
	for i, e := range found {
		var what any = e.code.Value()
		if flagOf(content, "output", false) {
			what = []any{e.code.Value(), e.output.Value()}
		}
		out[i] = []any{historySession, e.count, what}
	}
	return out
}

// historyRange is the part of the history from start up to, not including,
// stop. Earlier sessions are not kept.
func (n *notebook) historyRange(content map[string]any) []historyEntry {
	if s := number(content, "session"); s != 0 && s != historySession {
		return nil
	}
	start, stop := number(content, "start"), -1
	if _, ok := content["stop"].(float64); ok {
		stop = number(content, "stop")
	}
	var out []historyEntry
	for _, e := range n.history {
		if e.count >= start && (stop < 0 || e.count < stop) {
			out = append(out, e)
		}
	}
	return out
}

func matching(all []historyEntry, pattern string, once bool) []historyEntry {
	var out []historyEntry
	seen := map[unique.Handle[string]]bool{}
	for i := len(all) - 1; i >= 0; i-- {
		if e := all[i]; globs(pattern, e.code.Value()) && !(once && seen[e.code]) {
			seen[e.code] = true
			out = append([]historyEntry{e}, out...)
		}
	}
	return out
}

// globs matches * with any text, / and line breaks included.
func globs(pattern, s string) bool {
	plain := strings.NewReplacer("/", "\x00", "\\", "\x01")
	ok, err := path.Match(plain.Replace(pattern), plain.Replace(s))
	return err == nil && ok
}
