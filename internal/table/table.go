// Package table lays out small tables of text as HTML, Markdown and plain text.
package table

import (
	"fmt"
	"html"
	"math"
	"strings"
	"unicode/utf8"
)

// Table is a small table of text. A notebook shows it through HTML, a terminal
// through String.
type Table struct {
	Title   string
	Columns []string
	Rows    [][]string
	Notes   []string // sentences below the table
}

// HTML returns the table as an HTML fragment; all text is escaped.
func (t *Table) HTML() string {
	var b strings.Builder
	b.WriteString("<table>")
	if t.Title != "" {
		fmt.Fprintf(&b, "<caption>%s</caption>", html.EscapeString(t.Title))
	}
	b.WriteString("<thead><tr>")
	for _, c := range t.Columns {
		fmt.Fprintf(&b, "<th>%s</th>", html.EscapeString(c))
	}
	b.WriteString("</tr></thead><tbody>")
	for _, r := range t.Rows {
		b.WriteString("<tr>")
		for i, c := range r {
			align := ""
			if i > 0 {
				align = ` style="text-align:right"`
			}
			fmt.Fprintf(&b, "<td%s>%s</td>", align, html.EscapeString(c))
		}
		b.WriteString("</tr>")
	}
	b.WriteString("</tbody></table>")
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "<p>%s</p>", html.EscapeString(n))
	}
	return b.String()
}

// Markdown returns the table in the pipe syntax of GitHub.
func (t *Table) Markdown() string {
	cell := strings.NewReplacer("|", `\|`, "\n", " ", "<", "&lt;", "&", "&amp;")
	var b strings.Builder
	if t.Title != "" {
		fmt.Fprintf(&b, "**%s**\n\n", cell.Replace(t.Title))
	}
	line := func(cells []string) {
		b.WriteByte('|')
		for _, c := range cells {
			fmt.Fprintf(&b, " %s |", cell.Replace(c))
		}
		b.WriteByte('\n')
	}
	line(t.Columns)
	b.WriteByte('|')
	for i := range t.Columns {
		if i == 0 {
			b.WriteString(":--|")
		} else {
			b.WriteString("--:|")
		}
	}
	b.WriteByte('\n')
	for _, r := range t.Rows {
		line(r)
	}
	for _, n := range t.Notes {
		fmt.Fprintf(&b, "\n%s\n", cell.Replace(n))
	}
	return b.String()
}

// String returns the table in columns for a terminal.
func (t *Table) String() string {
	width := make([]int, len(t.Columns))
	for _, r := range append([][]string{t.Columns}, t.Rows...) {
		for i, c := range r {
			if i < len(width) {
				width[i] = max(width[i], utf8.RuneCountInString(c))
			}
		}
	}
	var b strings.Builder
	if t.Title != "" {
		b.WriteString(t.Title + "\n")
	}
	for _, r := range append([][]string{t.Columns}, t.Rows...) {
		var line strings.Builder
		for i, c := range r {
			if i >= len(width) {
				break
			}
			pad := strings.Repeat(" ", width[i]-utf8.RuneCountInString(c))
			if i == 0 {
				line.WriteString(c + pad)
			} else {
				line.WriteString("  " + pad + c)
			}
		}
		b.WriteString(strings.TrimRight(line.String(), " ") + "\n")
	}
	for _, n := range t.Notes {
		b.WriteString(n + "\n")
	}
	return b.String()
}

// Number formats x with the given decimals, a dash for NaN.
func Number(x float64, decimals int) string {
	if math.IsNaN(x) {
		return "-"
	}
	return fmt.Sprintf("%.*f", decimals, x)
}

// Between formats an interval.
func Between(lo, hi float64, decimals int) string {
	if math.IsNaN(lo) || math.IsNaN(hi) {
		return "-"
	}
	return fmt.Sprintf("%.*f to %.*f", decimals, lo, decimals, hi)
}
