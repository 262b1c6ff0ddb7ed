package forward

// MarshalText returns the name of the mode, as ParseNorm reads it.
func (n Norm) MarshalText() ([]byte, error) { return []byte(n.String()), nil }

// UnmarshalText reads the name of a mode (see ParseNorm).
func (n *Norm) UnmarshalText(b []byte) (err error) {
	*n, err = ParseNorm(string(b))
	return err
}

// MarshalText returns the name of the draw, as ParseDraw reads it.
func (d Draw) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads the name of a draw (see ParseDraw).
func (d *Draw) UnmarshalText(b []byte) (err error) {
	*d, err = ParseDraw(string(b))
	return err
}
