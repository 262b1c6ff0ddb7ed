package gokernel

// InputError marks an error of the caller's input, such as a flag's value.
type InputError struct{ error }

// Unwrap returns the marked error.
func (e *InputError) Unwrap() error { return e.error }
