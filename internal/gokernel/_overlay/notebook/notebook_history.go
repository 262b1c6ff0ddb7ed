package main

import (
	"path"
	"strings"
)

// historySession is the number of the running kernel's session: its history
// begins with it.
const historySession = 1

// historyEntry is a cell that was run.
type historyEntry struct {
	count        int
	code, output string
}

// remember adds a cell to the history.
func (n *notebook) remember(count int, code string, out outcome) {
	e := historyEntry{count: count, code: code}
	if k := len(out.shown); k > 0 {
		e.output, _ = out.shown[k-1].Data[MIMETypeText].(string)
	}
	n.history = append(n.history, e)
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
		var what any = e.code
		if flagOf(content, "output", false) {
			what = []any{e.code, e.output}
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

func matching(all []historyEntry, pattern string, unique bool) []historyEntry {
	var out []historyEntry
	seen := map[string]bool{}
	for i := len(all) - 1; i >= 0; i-- {
		if e := all[i]; globs(pattern, e.code) && !(unique && seen[e.code]) {
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
