package figure

import "testing"

// TestNumbers: figures are counted by notebook, and one that is drawn again keeps its
// number.
func TestNumbers(t *testing.T) {
	var n numbering
	for _, c := range []struct{ name, want string }{
		{"09_signals", "9.1"}, {"09_costs", "9.2"}, {"12_signals", "12.1"}, {"09_signals", "9.1"}, {"09_curves", "9.3"},
		{"signals", ""}, {"9_signals", ""}, {"+9_signals", ""}, {"09_", ""}, {"", ""},
	} {
		if got := n.of(c.name); got != c.want {
			t.Errorf("%q is figure %q, want %q", c.name, got, c.want)
		}
	}
	t.Setenv(DirEnv, "")
	f := &Figure{Title: "A title", Width: 300, Height: 200}
	before := f.headHeight(200)
	if _, err := f.Publish("87_test"); err != nil || f.Number != "87.1" {
		t.Errorf("number %q, %v", f.Number, err)
	}
	lines := f.blocks(400)[0].lines
	if len(lines) != 1 || lines[0] != "Figure 87.1. A title" || f.headHeight(200) < before {
		t.Errorf("the heading is %q", lines)
	}
}
