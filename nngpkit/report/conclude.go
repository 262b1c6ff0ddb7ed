package report

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// recorded holds the last result of every name that this process has recorded: what
// Conclude states.
var recorded struct {
	sync.Mutex
	of map[string]ResultLine
}

// keep remembers a result.
func keep(r ResultLine) {
	recorded.Lock()
	defer recorded.Unlock()
	if recorded.of == nil {
		recorded.of = map[string]ResultLine{}
	}
	recorded.of[r.Name] = r
}

// Recorded returns the last result of that name that Record, RecordValue and the like
// were given in this process, and false where there was none, or where its value was
// undefined.
func Recorded(name string) (ResultLine, bool) {
	recorded.Lock()
	defer recorded.Unlock()
	r, ok := recorded.of[name]
	return r, ok && (r.Value != nil || r.Text != "")
}

// Conclusion is what a notebook says of its results, a paragraph each.
type Conclusion []string

// Conclude states results: each {NAME} in the text becomes what was recorded under
// that name (see Record), so that the text follows the data at hand. A line of
// text is a sentence, an empty line ends a paragraph. A sentence that names a result
// which was not recorded is left out, and so are the sentences without results that follow
// it, or open a paragraph before it. What is absent, such as the tables that truth.NotHere returns, is said at the end.
//
//	{NAME}             0.69 [0.66, 0.72]: value and interval, 2 decimals
//	{NAME|4}           the same with 4 decimals
//	{NAME|2 alone}     0.69: the value alone
//	{NAME|about}       4,200: two digits
//	{NAME|n}           601: the number of observations
//	{NAME|text}        the text that was recorded
//	{NAME?a:b:c}       a where the interval is above 0, c where it is below, else b
//	{NAME>OTHER?a:b}   a where the value is larger than the other's, else b
//
// It returns an error for a placeholder of another form.
func Conclude(text string, absent []string) (Conclusion, error) {
	var out Conclusion
	for _, paragraph := range strings.Split(strings.TrimSpace(text), "\n\n") {
		kept, err := sentences(strings.Split(paragraph, "\n"))
		if err != nil {
			return nil, err
		}
		if len(kept) > 0 {
			out = append(out, strings.Join(kept, " "))
		}
	}
	if len(out) == 0 && len(absent) > 0 {
		out = append(out, "Nothing is said here without the tables of trained accuracies.")
	}
	return append(out, absent...), nil
}

// sentences returns those of a paragraph that can be said.
func sentences(lines []string) ([]string, error) {
	var kept, opening []string // opening: before the first with results, which decides
	said, decided := true, false
	for _, line := range lines {
		s, ok, numbers, err := state(strings.TrimSpace(line))
		if err != nil {
			return nil, err
		}
		if numbers {
			if said = ok; !decided && ok {
				kept = append(kept, opening...)
			}
			decided = true
		}
		switch {
		case s == "":
		case !decided:
			opening = append(opening, s)
		case said:
			kept = append(kept, s)
		}
	}
	if !decided {
		return opening, nil
	}
	return kept, nil
}

var (
	placeholder = regexp.MustCompile(`\{[^{}]*\}`)
	form        = regexp.MustCompile(`^\{([\w.\-]+)(?:>([\w.\-]+))?(?:\|([\w ]+))?(?:\?([^{}]*))?\}$`)
)

// state returns a sentence with its results, whether all of them are known, and
// whether it has any.
func state(line string) (out string, ok, numbers bool, err error) {
	ok = true
	out = placeholder.ReplaceAllStringFunc(line, func(p string) string {
		numbers = true
		parts := form.FindStringSubmatch(p)
		if parts == nil {
			err = fmt.Errorf("report: %q names no result", p)
			return p
		}
		s, known, bad := stateOne(parts[1], parts[2], parts[3], parts[4])
		if bad != nil {
			err = fmt.Errorf("report: %q: %w", p, bad)
		}
		ok = ok && known
		return s
	})
	return out, ok, numbers, err
}

// stateOne returns what stands for a result, and whether it is known.
func stateOne(name, other, how, words string) (string, bool, error) {
	r, ok := Recorded(name)
	if words != "" {
		return choose(r, ok, other, strings.Split(words, ":"))
	}
	if other != "" {
		return "", false, fmt.Errorf("a comparison needs words, such as {a>b?more:less}")
	}
	if how == "text" {
		return r.Text, ok && r.Text != "", nil
	}
	if !ok || r.Value == nil {
		return "", false, checkHow(how)
	}
	v := *r.Value
	digits, alone := strings.CutSuffix(how, " alone")
	switch {
	case how == "n":
		return grouped(float64(r.N), 0), r.N > 0, nil
	case how == "about":
		return grouped(twoDigits(v), 0), true, nil
	}
	d, err := decimals(digits)
	if err != nil {
		return "", false, err
	}
	if alone {
		return grouped(v, d), true, nil
	}
	if r.Lo == nil || r.Hi == nil {
		return grouped(v, d), true, nil
	}
	return fmt.Sprintf("%s [%s, %s]", grouped(v, d), grouped(*r.Lo, d), grouped(*r.Hi, d)), true, nil
}

// choose returns the words that fit a result: its interval, or another result.
func choose(r ResultLine, ok bool, other string, words []string) (string, bool, error) {
	if other != "" {
		if len(words) != 2 {
			return "", false, fmt.Errorf("want two texts")
		}
		o, known := Recorded(other)
		if !ok || !known || r.Value == nil || o.Value == nil {
			return "", false, nil
		}
		if *r.Value > *o.Value {
			return words[0], true, nil
		}
		return words[1], true, nil
	}
	if len(words) != 3 {
		return "", false, fmt.Errorf("want three texts")
	}
	switch {
	case !ok || r.Lo == nil || r.Hi == nil:
		return "", false, nil
	case *r.Lo > 0:
		return words[0], true, nil
	case *r.Hi < 0:
		return words[2], true, nil
	}
	return words[1], true, nil
}

// checkHow returns an error for a way of stating that there is not, so that a mistake
// shows without the data, too.
func checkHow(how string) error {
	if how == "n" || how == "about" {
		return nil
	}
	_, err := decimals(strings.TrimSuffix(how, " alone"))
	return err
}

func decimals(text string) (int, error) {
	if text == "" {
		return 2, nil
	}
	d, err := strconv.Atoi(text)
	if err != nil || d < 0 || d > 9 {
		return 0, fmt.Errorf("%q is no number of decimals", text)
	}
	return d, nil
}

// twoDigits rounds to two significant digits.
func twoDigits(v float64) float64 {
	if v == 0 || math.IsInf(v, 0) {
		return v
	}
	unit := math.Pow(10, math.Floor(math.Log10(math.Abs(v)))-1)
	return math.Round(v/unit) * unit
}

// grouped writes a number with a comma at thousands, and a minus sign.
func grouped(v float64, decimals int) string {
	s := strconv.FormatFloat(math.Abs(v), 'f', decimals, 64)
	whole, rest, _ := strings.Cut(s, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if rest != "" {
		whole += "." + rest
	}
	if v < 0 && strings.Trim(whole, "0.,") != "" {
		return "−" + whole
	}
	return whole
}

// String returns the paragraphs for a terminal.
func (c Conclusion) String() string { return strings.Join(c, "\n\n") }

// Markdown returns the paragraphs.
func (c Conclusion) Markdown() string { return strings.Join(c, "\n\n") + "\n" }
