package main

import (
	"fmt"
	"reflect"
	"sort"
)

type Tagged struct {
	A int    `k:"a" j:"x"`
	B string `k:"b"`
	c float64
	Tagless
}
type Tagless struct{ Z bool }

func (t Tagged) Hello(n int) string { return fmt.Sprint("hello ", t.A+n) }
func (t *Tagged) SetA(n int)        { t.A = n }
func (t Tagged) hidden()            {}

type Iface interface{ Hello(int) string }
type Num int
type G[T any] struct{ X T }

func (g G[T]) Get() T { return g.X }

func main() {
	t := reflect.TypeOf(Tagged{})
	for i := range t.NumField() {
		f := t.Field(i)
		fmt.Println(f.Name, f.Type, f.Tag.Get("k"), f.Index, f.Anonymous, f.IsExported(), f.PkgPath)
	}
	fmt.Println(t.Name(), t.String(), t.Kind(), t.NumMethod(), reflect.PointerTo(t).NumMethod(), t.PkgPath())
	v := reflect.ValueOf(&Tagged{A: 1})
	v.MethodByName("SetA").Call([]reflect.Value{reflect.ValueOf(41)})
	fmt.Println(v.MethodByName("Hello").Call([]reflect.Value{reflect.ValueOf(1)})[0])
	v.Elem().FieldByName("B").SetString("set")
	v.Elem().FieldByName("Z").SetBool(true)
	fmt.Printf("%+v %v\n", v.Elem().Interface(), v.Elem().FieldByName("c").CanSet())
	fmt.Println(t.Implements(reflect.TypeFor[Iface]()), reflect.TypeFor[Iface]().NumMethod(), reflect.TypeFor[Iface]().Method(0).Type)
	fmt.Println(reflect.TypeOf(Num(1)), reflect.TypeOf(Num(1)).ConvertibleTo(reflect.TypeOf(1.5)), reflect.ValueOf(3).Convert(reflect.TypeFor[Num]()).Type())
	fmt.Println(reflect.DeepEqual(map[string][]Num{"a": {1}}, map[string][]Num{"a": {1}}), reflect.DeepEqual([]Num{}, []Num(nil)), reflect.DeepEqual(Num(1), 1))
	g := G[map[string]Num]{}
	fmt.Println(reflect.TypeOf(g), reflect.TypeOf(g).Method(0).Name, reflect.TypeOf(g.Get), reflect.TypeOf(g).Name())
	fn := reflect.MakeFunc(reflect.TypeFor[func(Num, ...string) (int, error)](), func(args []reflect.Value) []reflect.Value {
		return []reflect.Value{reflect.ValueOf(int(args[0].Int()) + args[1].Len()), reflect.Zero(reflect.TypeFor[error]())}
	}).Interface().(func(Num, ...string) (int, error))
	fmt.Println(fn(2, "a", "b", "c"))
	s := reflect.MakeSlice(reflect.TypeFor[[]Tagged](), 0, 2)
	s = reflect.Append(s, reflect.ValueOf(Tagged{A: 3}))
	fmt.Println(s.Interface().([]Tagged)[0].A, s.Len())
	m := reflect.MakeMap(reflect.MapOf(reflect.TypeFor[Num](), t))
	m.SetMapIndex(reflect.ValueOf(Num(5)), reflect.ValueOf(Tagged{B: "in map"}))
	fmt.Println(m.Interface().(map[Num]Tagged)[5].B, m.Type())
	p := reflect.New(t)
	p.Elem().Field(0).SetInt(9)
	fmt.Println(p.Interface().(*Tagged).A, p.Type().Elem() == t)
	var names []string
	for m := range reflect.TypeOf(&Tagged{}).Methods() {
		names = append(names, m.Name+m.Type.String())
	}
	sort.Strings(names)
	fmt.Println(names)
	swap := reflect.Swapper([]Tagged{{A: 1}, {A: 2}})
	swap(0, 1)
	c := reflect.MakeChan(reflect.TypeFor[chan Num](), 1)
	c.Send(reflect.ValueOf(Num(4)))
	fmt.Println(<-c.Interface().(chan Num), reflect.TypeOf(c.Interface()), reflect.StructOf([]reflect.StructField{{Name: "Q", Type: t}}).NumField())
}
