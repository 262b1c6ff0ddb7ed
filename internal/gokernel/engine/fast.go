package engine

// fastCall returns a direct call of a compiled function of a common signature,
// nil for others.
func fastCall(f any, s []uintptr, res []slot) func(fp *Frame) {
	if len(res) != 1 {
		return nil
	}
	d := res[0].off
	switch f := f.(type) {
	case func(float64) float64:
		a := s[0]
		return func(fp *Frame) { *at[float64](fp, d) = f(*at[float64](fp, a)) }
	case func(float64, float64) float64:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[float64](fp, d) = f(*at[float64](fp, a), *at[float64](fp, b)) }
	case func(float64) bool:
		a := s[0]
		return func(fp *Frame) { *at[bool](fp, d) = f(*at[float64](fp, a)) }
	case func(float64, int) bool:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[bool](fp, d) = f(*at[float64](fp, a), *at[int](fp, b)) }
	case func(int) string:
		a := s[0]
		return func(fp *Frame) { *at[string](fp, d) = f(*at[int](fp, a)) }
	case func(string) string:
		a := s[0]
		return func(fp *Frame) { *at[string](fp, d) = f(*at[string](fp, a)) }
	case func(string, string) bool:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[bool](fp, d) = f(*at[string](fp, a), *at[string](fp, b)) }
	case func(string, string) int:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[int](fp, d) = f(*at[string](fp, a), *at[string](fp, b)) }
	case func(rune) bool:
		a := s[0]
		return func(fp *Frame) { *at[bool](fp, d) = f(*at[rune](fp, a)) }
	case func() float64:
		return func(fp *Frame) { *at[float64](fp, d) = f() }
	case func() int:
		return func(fp *Frame) { *at[int](fp, d) = f() }
	case func(int) int:
		a := s[0]
		return func(fp *Frame) { *at[int](fp, d) = f(*at[int](fp, a)) }
	case func([]float64) float64:
		a := s[0]
		return func(fp *Frame) { *at[float64](fp, d) = f(*at[[]float64](fp, a)) }
	case func([]float64, []float64) float64:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[float64](fp, d) = f(*at[[]float64](fp, a), *at[[]float64](fp, b)) }
	case func(string, ...any) string:
		a, b := s[0], s[1]
		return func(fp *Frame) { *at[string](fp, d) = f(*at[string](fp, a), *at[[]any](fp, b)...) }
	case func(...any) string:
		a := s[0]
		return func(fp *Frame) { *at[string](fp, d) = f(*at[[]any](fp, a)...) }
	}
	return nil
}
