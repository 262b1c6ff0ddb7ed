package repocheck

import (
	"encoding/json"
	"fmt"
	"math"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
)

// stated are decimals in prose that are no result of this project, with where they
// come from. An entry that no longer occurs is an error.
var stated = map[string]map[string]string{
	"README.md": {
		"1.26": "the version of Go, as go.mod has it",
		"3.10": "the oldest version of Python that is supported",
	},
	"notebooks/03_cost.ipynb": {
		"2.1": "a section of Kaplan et al., Scaling Laws for Neural Language Models (arXiv:2001.08361)",
	},
}

// shown says that a number stands in an output of the notebook, which is looked up.
const shown = "an output of this notebook"

// results returns the numbers in reports/results.json, by notebook: values and the
// bounds of their intervals.
func results(t *testing.T) map[string][]float64 {
	t.Helper()
	var file struct {
		Notebooks map[string]struct {
			Results []struct{ Value, Lo, Hi *float64 }
		}
	}
	if err := json.Unmarshal([]byte(read(t, "reports/results.json")), &file); err != nil {
		t.Fatal(err)
	}
	all := map[string][]float64{}
	for name, nb := range file.Notebooks {
		for _, r := range nb.Results {
			for _, v := range []*float64{r.Value, r.Lo, r.Hi} {
				if v != nil {
					all[name] = append(all[name], *v)
				}
			}
		}
	}
	return all
}

var (
	noProse = regexp.MustCompile("(?s)```.*?```|`[^`]*`|\\]\\([^)]*\\)|https?://\\S+|arXiv:[0-9.]+")
	decimal = regexp.MustCompile(`(^|[^\w.,])([0-9]+\.[0-9]+)($|[^\w.]|\.[^0-9]|\.$)`)
)

// decimals returns the decimals of a text in Markdown, without code and links,
// each with some of the words around it.
func decimals(text string) (numbers, around []string) {
	text = noProse.ReplaceAllString(text, "]")
	for at := 0; ; {
		m := decimal.FindStringSubmatchIndex(text[at:])
		if m == nil {
			return numbers, around
		}
		lo, hi := at+m[4], at+m[5]
		numbers = append(numbers, text[lo:hi])
		around = append(around, strings.Join(strings.Fields(text[max(0, lo-40):min(len(text), hi+20)]), " "))
		at = hi
	}
}

// standsIn reports whether a number, as it is written, is one of the values to
// rounding: without its sign, or as a percentage.
func standsIn(number string, values []float64) bool {
	x, err := strconv.ParseFloat(number, 64)
	if err != nil {
		return false
	}
	half := 0.5*math.Pow(10, -float64(len(number)-1-strings.IndexByte(number, '.'))) + 1e-12
	for _, v := range values {
		if v = math.Abs(v); math.Abs(v-x) <= half || math.Abs(100*v-x) <= half {
			return true
		}
	}
	return false
}

// notebook is what is read of a notebook's file.
type notebook struct {
	Cells []struct {
		Type    string          `json:"cell_type"`
		Source  []string        `json:"source"`
		Outputs json.RawMessage `json:"outputs"`
	} `json:"cells"`
}

// TestDecimalsInProse checks that every decimal typed into the prose of the README
// and of the notebooks is a result to rounding: of the same notebook, or, in the
// README, of any. It finds numbers that a new run has left behind. A number of two
// digits may agree with another result than the one meant.
func TestDecimalsInProse(t *testing.T) {
	byNotebook := results(t)
	var all []float64
	for _, v := range byNotebook {
		all = append(all, v...)
	}
	checkProse(t, "README.md", read(t, "README.md"), "", all)
	files, err := filepath.Glob(filepath.Join(root(t), "notebooks", "*.ipynb"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%d notebooks: %v", len(files), err)
	}
	for _, f := range files {
		name := filepath.Base(f)
		var nb notebook
		if err := json.Unmarshal([]byte(read(t, "notebooks/"+name)), &nb); err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		var prose, outputs strings.Builder
		for _, c := range nb.Cells {
			if c.Type == "markdown" {
				prose.WriteString(strings.Join(c.Source, "") + "\n\n")
			}
			outputs.Write(c.Outputs)
		}
		checkProse(t, "notebooks/"+name, prose.String(), outputs.String(), byNotebook[strings.TrimSuffix(name, ".ipynb")])
	}
}

func checkProse(t *testing.T, name, prose, outputs string, values []float64) {
	t.Helper()
	numbers, around := decimals(prose)
	used := map[string]bool{}
	for i, n := range numbers {
		why, ok := stated[name][n]
		used[n] = used[n] || ok
		switch {
		case why == shown && !strings.Contains(outputs, n):
			t.Errorf("%s: %s (%q) stands in no output", name, n, around[i])
		case !ok && !standsIn(n, values):
			t.Errorf("%s: %s (%q) is no result in reports/results.json: correct it, or name its source in the list stated", name, n, around[i])
		}
	}
	for n := range stated[name] {
		if !used[n] {
			t.Errorf("%s: the list stated has %s, which no longer occurs", name, n)
		}
	}
}

// TestDecimals checks the two halves of TestDecimalsInProse on texts of known
// content.
func TestDecimals(t *testing.T) {
	got, _ := decimals("tau 0.43 / 0.42, `x 9.9` [a 1.5](b/2.5.md) \u22120.31; v1.2.3 (0.7). 12.50 % of arXiv:2011.06006 ends at 0.9.")
	if want := "[0.43 0.42 1.5 0.31 0.7 12.50 0.9]"; fmt.Sprint(got) != want {
		t.Errorf("decimals %v, want %v", got, want)
	}
	for number, want := range map[string]bool{"0.43": true, "0.42": false, "0.4": true, "43.4": true, "0.310": true, "1.5": false, "2.0": false} {
		if got := standsIn(number, []float64{0.4341, -0.3096}); got != want {
			t.Errorf("%s stands in 0.4341, -0.3096: %v", number, got)
		}
	}
}
