package session

import ()

// predeclare declares what every notebook finds declared.
func (s *Session) predeclare() {
	if err := s.Background(predeclared); err != nil {
		panic(err)
	}
	for _, o := range s.names {
		delete(s.where, o)
	}
}

const predeclared = `
// must returns v, or fails the cell if err is not nil.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// must2 is must for two values.
func must2[T, U any](v T, w U, err error) (T, U) {
	if err != nil {
		panic(err)
	}
	return v, w
}

// check fails the cell if err is not nil.
func check(err error) {
	if err != nil {
		panic(err)
	}
}
`
