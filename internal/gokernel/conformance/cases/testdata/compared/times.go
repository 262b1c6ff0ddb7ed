package main

import (
	"fmt"
	"time"
)

type Event struct {
	At  time.Time
	Dur time.Duration
}

func (e Event) End() time.Time { return e.At.Add(e.Dur) }

const day = 24 * time.Hour

func main() {
	t := time.Date(2024, time.February, 28, 23, 0, 0, 0, time.UTC)
	e := Event{t, 2 * time.Hour}
	fmt.Println(e.End().Format(time.RFC3339), e.End().Sub(t), e.End().After(t), e)
	fmt.Println(t.AddDate(0, 0, 2).Weekday(), t.YearDay(), day, 3*day/2, time.Duration(1.5*float64(time.Second)))
	d, err := time.ParseDuration("1h15m30.918273645s")
	fmt.Println(d.Round(time.Second), d.Truncate(time.Minute), err, d.Hours() > 1.25)
	p, err := time.Parse("2006-01-02", "2024-02-30")
	fmt.Println(p.IsZero(), err)
	fmt.Println(t.Equal(t.In(time.FixedZone("X", 3600))), t == t.In(time.FixedZone("X", 3600)), t.Month(), int(t.Month()))
	fmt.Printf("%v %d %T %s\n", time.March, time.March, time.March, time.Millisecond*1500)
	n := 3
	fmt.Println(time.Duration(n)*time.Second, time.Second*3, time.Unix(0, 0).UTC())
}
