package csvfile

import (
	"math"
	"strings"
	"testing"
	"time"
)

// TestRead: expected numbers are what the text says to a reader; days are counted by
// package time.
func TestRead(t *testing.T) {
	day := func(y, m, d int) float64 {
		return time.Date(y, time.Month(m), d, 0, 0, 0, 0, time.UTC).Sub(time.Unix(0, 0)).Hours() / 24
	}
	comma := Format{Decimal: ','}
	for _, c := range []struct {
		f    Format
		text string
		want Value
	}{
		{Format{}, "0.93", Value{Kind: Plain, Number: .93}},
		{Format{}, "-1e-3", Value{Kind: Plain, Number: -.001}},
		{Format{}, "\u22121.5", Value{Kind: Plain, Number: -1.5}},
		{Format{}, "2,694,282", Value{Kind: Plain, Number: 2694282, Grouped: true}},
		{Format{}, "1,234.5", Value{Kind: Plain, Number: 1234.5, Grouped: true}},
		{Format{}, "694,282", Value{Kind: Plain, Number: 694282, Unsure: true}},
		{Format{Decimal: '.'}, "694,282", Value{Kind: Plain, Number: 694282}},
		{Format{}, "2 694\u00a0282", Value{}},
		{Format{}, "2 694 282", Value{Kind: Plain, Number: 2694282}},
		{Format{}, "2'694'282.25", Value{Kind: Plain, Number: 2694282.25}},
		{comma, "694,282", Value{Kind: Plain, Number: 694.282}},
		{comma, "1.234,5", Value{Kind: Plain, Number: 1234.5, Grouped: true}},
		{comma, "93,4 %", Value{Kind: Percent, Number: .934}},
		{Format{}, "93.4 %", Value{Kind: Percent, Number: .934}},
		{Format{}, "93.4%", Value{Kind: Percent, Number: .934}},
		{Format{}, "93.4\u202f%", Value{Kind: Percent, Number: .934}},
		{Format{}, "1e1%", Value{Kind: Percent, Number: .1}},
		{Format{}, "-0.5%", Value{Kind: Percent, Number: -.005}},
		{Format{}, "2024-03-05", Value{Kind: Date, Number: day(2024, 3, 5)}},
		{Format{}, "05.03.2024", Value{Kind: Date, Number: day(2024, 3, 5)}},
		{Format{}, "5 Mar 2024", Value{Kind: Date, Number: day(2024, 3, 5)}},
		{Format{}, "2024-03-05T12:00:00+06:00", Value{Kind: Date, Number: day(2024, 3, 5) + .25}},
		{Format{Layouts: []string{"01/02/2006"}}, "03/05/2024", Value{Kind: Date, Number: day(2024, 3, 5)}},
		{Format{}, "1969-12-31", Value{Kind: Date, Number: -1}},
	} {
		got, err := c.f.Read(c.text)
		got.Time = time.Time{}
		if got != c.want || (err == nil) != (c.want.Kind != Text) {
			t.Errorf("%q: %+v, %v, want %+v", c.text, got, err, c.want)
		}
	}
	for text, want := range map[string]string{
		"soon": "not a finite number", "": "not a finite number", "%": "not a finite number", "1,23,456": "not a finite number",
		"0,934": "decimal comma", "93,4 %": "decimal comma", "1.234,5": "decimal comma",
		"03/05/2024": "layout", "2024-02-30": "calendar", "31.02.2024": "calendar", "--1": "not a finite number",
		"1e999": "not a finite number", "1,234,56": "not a finite number", "0x10": "not a finite number",
	} {
		v, err := Format{}.Read(text)
		if v.Kind != Text || err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: %+v, %v, want %q", text, v, err, want)
		}
	}
	if (Format{Decimal: ';'}).Check() == nil || comma.Check() != nil {
		t.Error("Check of the decimal mark")
	}
}

func TestMissing(t *testing.T) {
	for _, text := range append(MissingValues(), "") {
		if v, err := (Format{}).Read(text); !Missing(text) || err == nil {
			t.Errorf("%q is not missing, or is %v", text, v)
		}
	}
	for _, text := range []string{"0", "a", "-1", "none of it"} {
		if Missing(text) {
			t.Errorf("%q is missing", text)
		}
	}
}

func TestExact(t *testing.T) {
	for text, want := range map[string]bool{"0": true, "0.5": true, "-0.5": true, "007": false, "-01": false, "100": true,
		"123456789012345": true, "1234567890123456": false, "1000000000000000000": true, "1e20": true} {
		if Exact(text) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

// FuzzRead: whatever the text, a value that is not text is finite, and reads the same
// again.
func FuzzRead(f *testing.F) {
	for _, s := range []string{"1,234", "93.4 %", "2024-03-05", "1'000", "\u22121", "1e-5%"} {
		f.Add(s, false)
	}
	f.Fuzz(func(t *testing.T, text string, comma bool) {
		var format Format
		if comma {
			format.Decimal = ','
		}
		v, err := format.Read(text)
		if (err == nil) != (v.Kind != Text) || math.IsNaN(v.Number) || math.IsInf(v.Number, 0) {
			t.Fatalf("%q: %+v, %v", text, v, err)
		}
	})
}
