package published

import (
	"strings"
	"testing"
)

// TestFindNamesAll: the error of an unknown table lists the known ones as words.
func TestFindNamesAll(t *testing.T) {
	_, err := Find("nope")
	if err == nil || !strings.Contains(err.Error(), strings.Join(Names(), ", ")) || strings.Contains(err.Error(), "[") {
		t.Errorf("%v", err)
	}
}
