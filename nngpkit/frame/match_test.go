package frame

import (
	"slices"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/internal/fixture"
)

func TestMatch(t *testing.T) {
	left := fixture.Frame(fixture.Text("hash", "a", "b", "c", "d", "e", "f"), fixture.Floats("x", 1, 2, 3, 4, 5, 6))
	right := fixture.Frame(fixture.Text("hash", "z", "c", "a"), fixture.Floats("y", 1, 2, 3))
	m, err := Match(left, right, "hash")
	if err != nil {
		t.Fatal(err)
	}
	if m.Both != 2 || !slices.Equal(m.LeftOnly, []string{"b", "d", "e", "f"}) || !slices.Equal(m.RightOnly, []string{"z"}) {
		t.Errorf("%+v", m)
	}
	want := "2 rows agree in hash. 4 rows of the left frame found no partner: b, d, e and 1 more. 1 row of the right frame found no partner: z."
	if m.String() != want {
		t.Errorf("%s\nwant\n%s", m, want)
	}
	both, err := Join(left, right, "hash")
	if err != nil || both.Nrow() != m.Both {
		t.Errorf("Join has %d rows, %v", both.Nrow(), err)
	}
	m, err = Match(right, right.Select([]string{"hash"}), "hash")
	if err != nil || m.String() != "3 rows agree in hash. All of the left frame do. All of the right frame do." {
		t.Errorf("%v, %v", m, err)
	}
	if _, err := Match(left, right, "key"); err == nil {
		t.Error("a key that is no column is no error")
	}
}
