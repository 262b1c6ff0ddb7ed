package truth

import (
	"strings"
	"testing"
)

func TestNotHere(t *testing.T) {
	t.Setenv("NNGPLAB_DATA", "")
	for _, v := range []string{"XDG_CACHE_HOME", "HOME", "LocalAppData"} {
		t.Setenv(v, t.TempDir())
	}
	got, err := NotHere("uniform", "retrained")
	if err != nil || len(got) != 2 || !strings.Contains(got[0], "nngplab data fetch nasbench101-uniform`") || !strings.Contains(got[1], "nasbench101-nc nasbench101-ecnas") {
		t.Errorf("%q, %v", got, err)
	}
	if _, err := NotHere("nope"); err == nil {
		t.Error("a table of no such name")
	}
}
