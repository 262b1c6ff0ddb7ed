package main

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

type Color int

const (
	Red Color = iota
	Green
)

func (c Color) MarshalText() ([]byte, error) { return []byte([]string{"red", "green"}[c]), nil }
func (c *Color) UnmarshalText(b []byte) error {
	switch string(b) {
	case "red":
		*c = Red
	case "green":
		*c = Green
	default:
		return fmt.Errorf("no color %q", b)
	}
	return nil
}

type Base struct {
	ID int `json:"id"`
}
type Item struct {
	Base
	Name   string        `json:"name"`
	Price  float64       `json:"price,omitempty"`
	Tags   []string      `json:"tags"`
	C      Color         `json:"color"`
	By     map[Color]int `json:"by,omitempty"`
	Ptr    *int          `json:"ptr"`
	hidden string
	Skip   string            `json:"-"`
	Str    int               `json:",string"`
	Any    any               `json:"any"`
	When   time.Time         `json:"when,omitzero"`
	Raw    json.RawMessage   `json:"raw,omitempty"`
	Extra  map[string]string `json:"extra,omitempty"`
}
type Temp float64

func (t Temp) MarshalJSON() ([]byte, error) { return fmt.Appendf(nil, `{"c":%.1f}`, float64(t)), nil }

type Box[T any] struct {
	V T       `json:"v"`
	N *Box[T] `json:"n,omitempty"`
}

func main() {
	it := Item{Base: Base{7}, Name: "a<b", C: Green, By: map[Color]int{Red: 2}, hidden: "h", Skip: "s", Str: 5, Any: Temp(3)}
	b, err := json.Marshal(it)
	fmt.Println(string(b), err)
	var back Item
	err = json.Unmarshal([]byte(`{"id":9,"name":"n","color":"green","by":{"green":3},"Str":"12","ptr":4,"any":[1,"x",{"k":null}],"tags":null,"raw":{"a":1},"unknown":1}`), &back)
	fmt.Println(back.ID, back.Name, back.C, back.By, back.Str, *back.Ptr, back.Any, back.Tags == nil, string(back.Raw), err)
	err = json.Unmarshal([]byte(`{"color":"blue"}`), &back)
	fmt.Println(err)
	err = json.Unmarshal([]byte(`{"name":5}`), &back)
	fmt.Println(err)
	bx := Box[[]Temp]{V: []Temp{1, 2}, N: &Box[[]Temp]{}}
	b, _ = json.MarshalIndent(bx, "", " ")
	fmt.Println(string(b))
	var bi Box[map[string]int]
	fmt.Println(json.Unmarshal([]byte(`{"v":{"a":1},"n":{"v":null}}`), &bi), bi.V, bi.N.V == nil)
	d := json.NewDecoder(strings.NewReader(`{"id":1} {"id":2} {"x":3}`))
	for d.More() {
		var x struct{ ID int }
		if err := d.Decode(&x); err != nil {
			fmt.Println(err)
			break
		}
		fmt.Println(x.ID)
	}
	d = json.NewDecoder(strings.NewReader(`{"zzz":1}`))
	d.DisallowUnknownFields()
	fmt.Println(d.Decode(&back))
	var anon struct {
		A []struct {
			B string `json:"bb"`
		}
	}
	fmt.Println(json.Unmarshal([]byte(`{"a":[{"bb":"q"}]}`), &anon), anon)
	m := map[string]any{"z": 1, "a": []int{1}, "m": nil}
	b, _ = json.Marshal(m)
	fmt.Println(string(b))
}
