package report

import (
	"strings"
	"testing"
)

func TestProfile(t *testing.T) {
	for env, want := range map[string]string{"": "full", "quick": "quick", "full": "full"} {
		t.Setenv(ProfileEnv, env)
		p, err := ProfileFromEnv()
		if err != nil || p.Name != want {
			t.Errorf("%q gives %q, %v", env, p.Name, err)
		}
		if p.Pick(1, 2) != map[string]int{"quick": 1, "full": 2}[want] {
			t.Errorf("%q picks %d", env, p.Pick(1, 2))
		}
	}
	t.Setenv(ProfileEnv, "fast")
	if _, err := ProfileFromEnv(); err == nil || !strings.Contains(err.Error(), `"fast"`) {
		t.Errorf("an unknown profile gives the error %v", err)
	}
}
