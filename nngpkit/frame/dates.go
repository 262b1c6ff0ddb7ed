package frame

import (
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/go-gota/gota/dataframe"
	"github.com/go-gota/gota/series"
)

// The forms in which ReadCSV keeps dates: a day, or a time in UTC.
const (
	isoDay  = "2006-01-02"
	isoTime = "2006-01-02T15:04:05.999999999"
)

// isoDate writes a date as columns keep it.
func isoDate(t time.Time) string {
	if hour, minute, second := t.Clock(); hour+minute+second+t.Nanosecond() == 0 {
		return t.Format(isoDay)
	}
	return t.Format(isoTime)
}

// Days returns a column of dates, as ReadCSV keeps them, as days since 1970-01-01, and a
// time as a part of its day; NaN where a date is missing. An error names the row.
func Days(df dataframe.DataFrame, column string) ([]float64, error) {
	if df.Err != nil {
		return nil, fmt.Errorf("frame: %w", df.Err)
	}
	c := df.Col(column)
	if c.Err != nil {
		return nil, noColumn(df, column)
	}
	if c.Type() != series.String {
		return nil, fmt.Errorf("frame: column %q holds numbers, not dates", column)
	}
	out := make([]float64, c.Len())
	for i, gap := range gaps(c) {
		if gap {
			out[i] = math.NaN()
			continue
		}
		text := c.Elem(i).String()
		layout := isoDay
		if strings.Contains(text, "T") {
			layout = isoTime
		}
		t, err := time.Parse(layout, text)
		if err != nil {
			return nil, fmt.Errorf("frame: column %q has no date in row %d: %q", column, i, text)
		}
		out[i] = float64(t.Unix())/86400 + float64(t.Nanosecond())/86400e9
	}
	return out, nil
}
