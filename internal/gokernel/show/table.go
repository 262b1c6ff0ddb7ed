package show

import (
	"fmt"
	"html"
	"strings"
	"unicode/utf8"

	"github.com/nngplab/nngplab/internal/printable"
)

// table is rows of cells, already formatted, to be written as HTML and as
// text.
type table struct {
	corner  string     // header of the column of row names
	columns []string   // headers; a second line, such as a type, after a newline
	names   []string   // row names
	rows    [][]string // cells
	right   []bool     // per column: align to the right
	note    string     // below the table: the size
}

// ellipsis marks omitted rows and columns.
const ellipsis = "⋯"

// html writes the table with the class that Jupyter styles.
func (t *table) html() string {
	var b strings.Builder
	b.WriteString("<div><table class=\"dataframe\">\n<thead><tr><th>")
	b.WriteString(html.EscapeString(t.corner))
	b.WriteString("</th>")
	for _, c := range t.columns {
		head, sub, found := strings.Cut(c, "\n")
		b.WriteString("<th style=\"text-align:right\">" + html.EscapeString(head))
		if found {
			b.WriteString("<br><span style=\"font-weight:normal;opacity:.6\">" + html.EscapeString(sub) + "</span>")
		}
		b.WriteString("</th>")
	}
	b.WriteString("</tr></thead>\n<tbody>\n")
	for i, row := range t.rows {
		b.WriteString("<tr><th>" + html.EscapeString(t.names[i]) + "</th>")
		for j, c := range row {
			align := "left"
			if t.right[j] {
				align = "right"
			}
			b.WriteString("<td style=\"text-align:" + align + "\">" + html.EscapeString(c) + "</td>")
		}
		b.WriteString("</tr>\n")
	}
	b.WriteString("</tbody></table>")
	if t.note != "" {
		b.WriteString("<p style=\"opacity:.7;margin:.3em 0\">" + html.EscapeString(t.note) + "</p>")
	}
	b.WriteString("</div>")
	return b.String()
}

// text writes the table in columns of equal width.
func (t *table) text() string {
	heads := make([]string, len(t.columns))
	width := make([]int, len(t.columns))
	for j, c := range t.columns {
		heads[j] = strings.ReplaceAll(c, "\n", " ")
		width[j] = utf8.RuneCountInString(heads[j])
		for _, row := range t.rows {
			width[j] = max(width[j], utf8.RuneCountInString(row[j]))
		}
	}
	names := utf8.RuneCountInString(t.corner)
	for _, n := range t.names {
		names = max(names, utf8.RuneCountInString(n))
	}
	var b strings.Builder
	line := func(name string, cells []string, right func(int) bool) {
		var l strings.Builder
		l.WriteString(pad(name, names, false))
		for j, c := range cells {
			l.WriteString("  " + pad(c, width[j], right(j)))
		}
		b.WriteString(strings.TrimRight(l.String(), " ") + "\n")
	}
	line(t.corner, heads, func(j int) bool { return t.right[j] })
	for i, row := range t.rows {
		line(t.names[i], row, func(j int) bool { return t.right[j] })
	}
	if t.note != "" {
		b.WriteString(t.note + "\n")
	}
	return strings.TrimRight(b.String(), "\n")
}

func pad(s string, width int, right bool) string {
	fill := strings.Repeat(" ", max(0, width-utf8.RuneCountInString(s)))
	if right {
		return fill + s
	}
	return s + fill
}

// oneLine returns text as a cell of a table shows it: on one line, of at most
// maxCell characters, and of such characters as text and HTML may have.
func oneLine(text string) string {
	if n := 4*maxCell + utf8.UTFMax; len(text) > n {
		text = text[:n] // before it is copied: it may be very long
	}
	text = strings.Join(strings.FieldsFunc(printable.XML(text), func(r rune) bool { return r == '\n' || r == '\r' }), " ")
	if r := []rune(text); len(r) > maxCell {
		return string(r[:maxCell-1]) + "…"
	}
	return text
}

func (t *table) bundle() Bundle {
	return Bundle{Data: map[string]any{typeText: t.text(), typeHTML: t.html()}}
}

// picks returns the indices to show of n things, at most limit, with -1 where
// some are left out before the last ones.
func picks(n, limit int) []int {
	if n <= limit {
		out := make([]int, n)
		for i := range out {
			out[i] = i
		}
		return out
	}
	tail := limit / 4
	var out []int
	for i := range limit - tail {
		out = append(out, i)
	}
	out = append(out, -1)
	for i := n - tail; i < n; i++ {
		out = append(out, i)
	}
	return out
}

// size says how large the thing is, and that not all of it is shown.
func size(rows, cols int, cut bool) string {
	s := fmt.Sprintf("%s × %s", plural(rows, "row"), plural(cols, "column"))
	if cut {
		s += " (not all shown)"
	}
	return s
}

func plural(n int, what string) string {
	if n == 1 {
		return "1 " + what
	}
	return fmt.Sprintf("%s %ss", thousands(n), what)
}

func thousands(n int) string {
	s := fmt.Sprint(n)
	for i := len(s) - 3; i > 0; i -= 3 {
		s = s[:i] + "," + s[i:]
	}
	return s
}
