package csvfile

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Kind is what a value of a table is.
type Kind uint8

// The kinds of values.
const (
	Text    Kind = iota // none of the others
	Plain               // a number
	Percent             // a number and a percent sign
	Date                // a day, or a time on one
)

var kindNames = [...]string{"text", "number", "percent", "date"}

// String returns "text", "number", "percent" or "date".
func (k Kind) String() string { return kindNames[k] }

// Value is one value of a table.
type Value struct {
	Kind Kind
	// Number is the value: of percent the share, so that "93.4 %" is 0.934; of a date the
	// days since 1970-01-01, UTC.
	Number float64
	Time   time.Time // of a date
	// Grouped says that commas separate thousands, beyond doubt: "2,694,282".
	Grouped bool
	// Unsure says that the comma may separate thousands or be a decimal one: "1,234". It
	// was read as the former, which holds where another value of the column is Grouped.
	Unsure bool
}

// Format says how the values of a table are written. Its zero value takes a point
// before decimals, and the dates of DateLayouts.
type Format struct {
	// Decimal is the mark before decimals, a point or a comma; the other one may separate
	// thousands. 0 is a point, with doubt about "1,234": see Value.Unsure.
	Decimal rune
	// Layouts are those of dates, as package time writes them; nil means DateLayouts.
	Layouts []string
}

// MissingValues returns the usual spellings of a missing value, beside nothing at all.
func MissingValues() []string {
	return []string{"NA", "N/A", "n/a", "na", "NaN", "nan", "null", "NULL", "None", "-", "--", "\u2013", "\u2014", "?"}
}

var missing = func() map[string]bool {
	m := map[string]bool{"": true}
	for _, s := range MissingValues() {
		m[s] = true
	}
	return m
}()

// Missing reports whether a text is empty or one of MissingValues.
func Missing(text string) bool { return missing[text] }

// DateLayouts returns the layouts of dates that are read without being named. Those
// with slashes and the day or the month first are not among them: 03/05/2024 is a day
// of March here and of May there.
func DateLayouts() []string {
	return []string{
		"2006-1-2", "2006-1-2 15:04", "2006-1-2 15:04:05", "2006-1-2T15:04", "2006-1-2T15:04:05", time.RFC3339,
		"2006/1/2", "2.1.2006", "2 Jan 2006", "2 January 2006", "Jan 2, 2006", "January 2, 2006",
	}
}

var dateLayouts = DateLayouts()

// Reasons why a text is none of the kinds but Text.
var (
	errNoNumber  = errors.New("is not a finite number")
	errComma     = errors.New("has a decimal comma")
	errSlashes   = errors.New("may be a day of two months: its layout has to be named")
	errNoDay     = errors.New("is no day of the calendar")
	errMark      = errors.New("csvfile: the decimal mark is a point or a comma")
	slashedDate  = regexp.MustCompile(`^\d{1,2}/\d{1,2}/\d{2,4}$`)
	almostDate   = regexp.MustCompile(`^(\d{4}[-/]\d{1,2}[-/]\d{1,2}|\d{1,2}\.\d{1,2}\.\d{4})`)
	percentSigns = strings.NewReplacer("\u00a0%", "%", "\u202f%", "%", "\u2009%", "%", " %", "%")
	signs        = strings.NewReplacer("\u2212", "-")
)

// DecimalComma reports whether an error of Read says that a number has a decimal
// comma where a point was expected.
func DecimalComma(err error) bool { return errors.Is(err, errComma) }

// Check returns an error for a mark that is neither a point nor a comma.
func (f Format) Check() error {
	if f.Decimal != 0 && f.Decimal != '.' && f.Decimal != ',' {
		return errMark
	}
	return nil
}

// Read reads a value without spaces around it. Where it is Text, the error says why it
// is nothing else, to stand behind the value: "is not a finite number".
func (f Format) Read(text string) (Value, error) {
	if f.Decimal != ',' {
		if v, err := Number(text); err == nil { // most values
			return Value{Kind: Plain, Number: v}, nil
		}
	}
	if head, ok := strings.CutSuffix(percentSigns.Replace(text), "%"); ok {
		v, err := f.number(head, "e-2")
		v.Kind = Percent
		if err != nil {
			v = Value{}
		}
		return v, err
	}
	v, why := f.number(text, "")
	if why == nil {
		return v, nil
	}
	if t, ok := f.date(text); ok {
		return Value{Kind: Date, Number: float64(t.Unix())/86400 + float64(t.Nanosecond())/86400e9, Time: t}, nil
	}
	switch {
	case slashedDate.MatchString(text):
		why = errSlashes
	case almostDate.MatchString(text):
		why = errNoDay
	}
	return Value{}, why
}

func (f Format) date(text string) (time.Time, bool) {
	layouts := f.Layouts
	if layouts == nil {
		layouts = dateLayouts
		if len(text) < len("2.1.2006") || len(text) > 40 {
			return time.Time{}, false
		}
	}
	for _, l := range layouts {
		if t, err := time.Parse(l, text); err == nil {
			return t.UTC(), true
		}
	}
	return time.Time{}, false
}

// number reads a number with its thousands separated or not. The exponent is put behind
// it, so that what is a decimal number stays the nearest to it.
func (f Format) number(text, exponent string) (Value, error) {
	mark, other := byte('.'), byte(',')
	if f.Decimal == ',' {
		mark, other = ',', '.'
	}
	text = signs.Replace(text)
	clean, groups, ok := ungrouped(text, mark, other)
	if !ok {
		if _, _, ok = ungrouped(text, ',', '.'); ok && f.Decimal == 0 {
			return Value{}, errComma
		}
		return Value{}, errNoNumber
	}
	v, err := Number(clean + exponent)
	if err != nil && exponent != "" { // it has an exponent of its own
		if v, err = Number(clean); err == nil {
			v /= 100
		}
	}
	if err != nil {
		return Value{}, errNoNumber
	}
	whole := !strings.ContainsAny(clean, ".eE")
	return Value{
		Kind: Plain, Number: v,
		Grouped: groups > 0 && (groups > 1 || !whole),
		Unsure:  f.Decimal == 0 && groups == 1 && whole,
	}, nil
}

// ungrouped returns a number without what separates its thousands, with a point before
// its decimals, and how many times the mark other separates thousands. Spaces and
// apostrophes may do so as well, one kind in a number.
func ungrouped(text string, mark, other byte) (clean string, groups int, ok bool) {
	body := strings.TrimLeft(text, "+-")
	sign := text[:len(text)-len(body)]
	if len(sign) > 1 || body == "" {
		return "", 0, false
	}
	end := strings.IndexAny(body, "eE")
	if end < 0 {
		end = len(body)
	}
	whole, fraction, has := strings.Cut(body[:end], string(mark))
	if has {
		fraction = "." + fraction
	}
	for _, sep := range []string{string(other), " ", "\u00a0", "\u202f", "\u2009", "'", "\u2019"} {
		parts := strings.Split(whole, sep)
		if len(parts) == 1 {
			continue
		}
		for i, p := range parts {
			if !digits(p) || i > 0 && len(p) != 3 || i == 0 && (len(p) == 0 || len(p) > 3 || p[0] == '0') {
				return "", 0, false
			}
		}
		if sep == string(other) {
			groups = len(parts) - 1
		}
		whole = strings.Join(parts, "")
		break
	}
	if !digits(whole) || has && !digits(fraction[1:]) || whole == "" && len(fraction) < 2 {
		return "", 0, false
	}
	return sign + whole + fraction + body[end:], groups, true
}

func digits(text string) bool {
	for i := 0; i < len(text); i++ {
		if text[i] < '0' || text[i] > '9' {
			return false
		}
	}
	return true
}

// Exact reports whether a text is a number that keeps all it says as one: no digits
// beyond the 15 of a float64, and no zero in front, as the names of things have.
func Exact(text string) bool {
	text = strings.TrimLeft(text, "+-")
	if len(text) > 1 && text[0] == '0' && text[1] >= '0' && text[1] <= '9' {
		return false
	}
	if !digits(text) {
		return true
	}
	if len(text) <= 15 {
		return true
	}
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && len(strings.TrimRight(text, "0")) <= 15
}
