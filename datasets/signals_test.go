package datasets

import (
	"bytes"
	"testing"
)

func TestSignalCurves(t *testing.T) {
	b, err := SignalCurves()
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.HasPrefix(b, []byte("hash,seed,")) || bytes.Count(b, []byte("\n")) != 2*318+1 {
		t.Errorf("%d bytes, %d lines", len(b), bytes.Count(b, []byte("\n")))
	}
}
