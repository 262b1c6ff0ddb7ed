package nanjson

import (
	"encoding/json"
	"math"
	"math/big"
	"testing"
	"time"
)

type inner struct {
	V    float64   `json:"v"`
	List []float64 `json:"list"`
}

type outer struct {
	inner
	Name   string `json:"name"`
	Skip   int    `json:"-"`
	Empty  []int  `json:"empty,omitempty"`
	Nil    []int
	P      *inner
	When   time.Time
	Any    any
	hidden int
}

func TestMarshal(t *testing.T) {
	v := outer{
		inner: inner{math.NaN(), []float64{1.5, math.Inf(-1)}},
		Name:  `a"b`, Skip: 1, hidden: 1,
		P:    &inner{V: 2},
		When: time.Unix(0, 0).UTC(),
		Any:  []any{math.NaN(), "x", nil, map[string]int{"a": 1}},
	}
	got, err := Marshal(&v)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"v":null,"list":[1.5,null],"name":"a\"b","Nil":null,"P":{"v":2,"list":null},"When":"1970-01-01T00:00:00Z","Any":[null,"x",null,{"a":1}]}`
	if string(got) != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	// Without NaN, the result is what encoding/json writes.
	v.V, v.List, v.Any = 1, nil, 3
	got, _ = Marshal(v)
	plain, err := json.Marshal(v)
	if err != nil || string(got) != string(plain) {
		t.Errorf("got  %s\nwant %s", got, plain)
	}
}

// TestMarshalValue asks a value that brings its own form for it, as those within
// others are asked.
func TestMarshalValue(t *testing.T) {
	for _, c := range []struct {
		v    any
		want string
	}{{big.NewInt(1 << 40), "1099511627776"}, {math.NaN(), "null"}, {[]any{big.NewInt(3), math.Inf(1)}, "[3,null]"}, {nil, "null"}} {
		if b, err := MarshalValue(c.v); err != nil || string(b) != c.want {
			t.Errorf("%v gives %s, %v, want %s", c.v, b, err, c.want)
		}
	}
}
