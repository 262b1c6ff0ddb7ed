package filesum

import (
	"bytes"
	"errors"
	"testing"
)

func TestEveryBit(t *testing.T) {
	data := []byte("some text " + Place() + " and more")
	if err := Sign(data); err != nil {
		t.Fatal(err)
	}
	if err := Verify(data); err != nil {
		t.Error(err)
	}
	again := bytes.Clone(data)
	if err := Sign(again); err != nil || !bytes.Equal(again, data) {
		t.Error("signing twice differs")
	}
	for i := range data {
		for bit := range 8 {
			bad := bytes.Clone(data)
			bad[i] ^= 1 << bit
			if Verify(bad) == nil {
				t.Errorf("byte %d, bit %d: no error", i, bit)
			}
		}
		if Verify(data[:i]) == nil {
			t.Errorf("cut to %d bytes: no error", i)
		}
	}
	if err := Verify([]byte("nothing")); !errors.Is(err, ErrUnsigned) {
		t.Error(err)
	}
}
