package main

import (
	"fmt"
	"os"
	"strings"
	"text/template"
)

type Row struct {
	Name  string
	Vals  []float64
	inner int
}

func (r Row) Sum() (s float64) {
	for _, v := range r.Vals {
		s += v
	}
	return
}
func (r *Row) Scale(k float64) string { return fmt.Sprintf("%.1f", r.Sum()*k) }
func (r Row) Fail() (string, error)   { return "", fmt.Errorf("failed on %s", r.Name) }

type Level int

func (l Level) String() string { return "L" + fmt.Sprint(int(l)) }

func main() {
	t := template.Must(template.New("t").Funcs(template.FuncMap{"up": strings.ToUpper, "add": func(a, b int) int { return a + b }}).Parse(
		`{{range $i, $r := .Rows}}{{add $i 1}}. {{.Name | up}}: {{.Sum}} {{$r.Scale 2.0}} {{len .Vals}}{{if gt .Sum 2.0}} big{{else}} small{{end}}
{{end}}{{.Level}} {{printf "%05.2f" .X}} {{index .M "k"}} {{with .Nil}}x{{else}}none{{end}} {{eq .Level 3}}
`))
	err := t.Execute(os.Stdout, map[string]any{"Rows": []*Row{{"a", []float64{1, 2}, 0}, {"b", nil, 0}}, "Level": Level(3), "X": 3.14159, "M": map[string]int{"k": 5}, "Nil": (*Row)(nil)})
	fmt.Println(err)
	err = template.Must(template.New("f").Parse("{{.Fail}}")).Execute(os.Stdout, Row{Name: "z"})
	fmt.Println(err)
	err = template.Must(template.New("g").Parse("{{.inner}}")).Execute(os.Stdout, Row{})
	fmt.Println(err)
	err = template.Must(template.New("h").Parse("{{.Nope}}")).Execute(os.Stdout, &Row{})
	fmt.Println(err)
}
