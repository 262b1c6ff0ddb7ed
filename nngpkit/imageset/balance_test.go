package imageset

import (
	"slices"
	"strings"
	"testing"
)

// countOf counts the classes of some images.
func countOf(labels []int, classes int, of []int) []int {
	n := make([]int, classes)
	for _, i := range of {
		n[labels[i]]++
	}
	return n
}

func TestBalancedSplit(t *testing.T) {
	const classes = 7
	var labels []int // class l has 4 + l images
	for l := range classes {
		for range 4 + l {
			labels = append(labels, l)
		}
	}
	for _, c := range []struct{ train, val int }{{0, 0}, {1, 0}, {7, 7}, {10, 4}, {13, 13}, {14, 14}, {28, 0}, {0, 28}} {
		s, err := BalancedSplit(labels, classes, c.train, c.val, 5)
		if err != nil {
			t.Fatal(err)
		}
		if len(s.Train) != c.train || len(s.Val) != c.val {
			t.Fatalf("%+v: %d + %d images", c, len(s.Train), len(s.Val))
		}
		seen := map[int]bool{}
		for _, i := range s.All() {
			if seen[i] {
				t.Fatalf("%+v: image %d twice", c, i)
			}
			seen[i] = true
		}
		for _, part := range [][]int{s.Train, s.Val} {
			n := countOf(labels, classes, part)
			if slices.Max(n)-slices.Min(n) > 1 {
				t.Errorf("%+v: classes have %v", c, n)
			}
		}
		longer, err := BalancedSplit(labels, classes, min(28, c.train+3), 0, 5)
		if err != nil || !slices.Equal(longer.Train[:c.train], s.Train) {
			t.Errorf("%+v: not the beginning of a larger one (%v)", c, err)
		}
	}
	one, _ := BalancedSplit(labels, classes, 14, 7, 5)
	other, _ := BalancedSplit(labels, classes, 14, 7, 6)
	if slices.Equal(one.Train, other.Train) {
		t.Error("two seeds give one split")
	}
	for word, f := range map[string]func() (Split, error){
		"too few":    func() (Split, error) { return BalancedSplit(labels, classes, 28, 7, 5) },
		"negative":   func() (Split, error) { return BalancedSplit(labels, classes, -1, 7, 5) },
		"no classes": func() (Split, error) { return BalancedSplit(nil, 0, 1, 0, 5) },
		"the label":  func() (Split, error) { return BalancedSplit(labels, classes-1, 1, 1, 5) },
	} {
		if s, err := f(); err == nil || !strings.Contains(err.Error(), word) || s.Train != nil {
			t.Errorf("%s: %v, %v", word, s, err)
		}
	}
	// Every image of a class is as likely as the others: over 2,000 seeds the first
	// class's image is drawn 500 +- 5 x 19 times.
	drawn := make([]int, 4)
	for seed := range uint64(2000) {
		s, err := BalancedSplit(labels, classes, 7, 0, seed)
		if err != nil {
			t.Fatal(err)
		}
		for _, i := range s.Train {
			if i < 4 {
				drawn[i]++
			}
		}
	}
	for i, n := range drawn {
		if n < 405 || n > 595 {
			t.Errorf("image %d of 4 was drawn %d of 2000 times", i, n)
		}
	}
}

func TestBalancedSet(t *testing.T) {
	set, err := Load("drawn")
	if err != nil {
		t.Fatal(err)
	}
	some, err := set.Balanced(3, 1)
	if err != nil {
		t.Fatal(err)
	}
	if err := some.Check(); err != nil || some.Len() != 30 || slices.Max(some.Counts()) != 3 || slices.Min(some.Counts()) != 3 {
		t.Errorf("%d images, classes %v, %v", some.Len(), some.Counts(), err)
	}
	fewer, err := set.Balanced(2, 1)
	if err != nil || !slices.Equal(fewer.Pixels, some.Pixels[:len(fewer.Pixels)]) {
		t.Errorf("two of each class are not the first of three (%v)", err)
	}
	for _, bad := range []int{-1, set.Len() + 1, set.Len()} {
		if _, err := set.Balanced(bad, 1); err == nil || !strings.Contains(err.Error(), set.Name) {
			t.Errorf("%d of each class: error %v", bad, err)
		}
	}
}
