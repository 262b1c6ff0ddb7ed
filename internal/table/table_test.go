package table

import (
	"math"
	"strings"
	"testing"
)

func TestTable(t *testing.T) {
	tb := &Table{
		Title:   "a < b",
		Columns: []string{"é", "n"},
		Rows:    [][]string{{"x|y", "1"}, {"longer\nname", "23"}},
		Notes:   []string{"1 & 2"},
	}
	want := "a < b\né             n\nx|y           1\nlonger\nname  23\n1 & 2\n"
	if got := tb.String(); got != want {
		t.Errorf("got\n%q, want\n%q", got, want)
	}
	md := tb.Markdown()
	for _, w := range []string{"**a &lt; b**", "| é | n |", "|:--|--:|", `| x\|y | 1 |`, "| longer name | 23 |", "1 &amp; 2"} {
		if !strings.Contains(md, w) {
			t.Errorf("Markdown lacks %q:\n%s", w, md)
		}
	}
	h := tb.HTML()
	for _, w := range []string{"<caption>a &lt; b</caption>", "<td>x|y</td>", `<td style="text-align:right">23</td>`, "<p>1 &amp; 2</p>"} {
		if !strings.Contains(h, w) {
			t.Errorf("HTML lacks %q:\n%s", w, h)
		}
	}
	if Number(math.NaN(), 2) != "-" || Number(1.005, 1) != "1.0" || Between(0, math.NaN(), 1) != "-" || Between(0, 1, 1) != "0.0 to 1.0" {
		t.Error("numbers")
	}
}
