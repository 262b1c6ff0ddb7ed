package main

import (
	"strings"
	"testing"
	"time"
)

// TestSoakFetch is the soak of fetches for some seconds.
func TestSoakFetch(t *testing.T) {
	length := 4 * time.Second
	if testing.Short() {
		length = time.Second
	}
	var out strings.Builder
	if err := soakFetch(length, &out); err != nil {
		t.Error(err)
	}
	t.Log(out.String())
}
