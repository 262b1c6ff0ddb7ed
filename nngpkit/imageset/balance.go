package imageset

import "fmt"

// purposeClasses makes the order of the classes another draw than that of the
// images.
const purposeClasses = 0x636c6173736573

// BalancedSplit returns a split in which every class has the same number of training
// images, or one more, and likewise of validation images; labels are those of all
// images, in [0, classes). Classes take turns in an order that the seed draws, for
// training and for validation, each with its own images in the order of
// Shuffled(len(labels), seed): for training from the front, for validation from the
// back. The training images for a larger train begin with those for a smaller one.
//
// It returns an error if a number is negative, a label is none, or a class has too
// few images, which it names.
func BalancedSplit(labels []int, classes, train, val int, seed uint64) (Split, error) {
	fail := func(format string, args ...any) (Split, error) {
		return Split{}, fmt.Errorf("balanced split of %d images in %d classes into %d + %d: %s", len(labels), classes, train, val, fmt.Sprintf(format, args...))
	}
	if train < 0 || val < 0 || classes < 0 {
		return fail("a number is negative")
	}
	if classes == 0 && train+val > 0 {
		return fail("there are no classes")
	}
	of := make([][]int, classes)
	for _, i := range Shuffled(len(labels), seed) {
		l := labels[i]
		if l < 0 || l >= classes {
			return fail("image %d has the label %d", i, l)
		}
		of[l] = append(of[l], i)
	}
	s := Split{Train: make([]int, 0, min(train, len(labels))), Val: make([]int, 0, min(val, len(labels)))}
	turn := Shuffled(classes, seed^purposeClasses)
	for k := range train {
		l := turn[k%classes]
		if len(of[l]) == 0 {
			return fail("class %d has too few images", l)
		}
		s.Train = append(s.Train, of[l][0])
		of[l] = of[l][1:]
	}
	for k := range val {
		l := turn[k%classes]
		last := len(of[l]) - 1
		if last < 0 {
			return fail("class %d has too few images", l)
		}
		s.Val = append(s.Val, of[l][last])
		of[l] = of[l][:last]
	}
	return s, nil
}

// Balanced returns a new set of so many images of each class, drawn by the seed: the
// first ones are of a smaller number, too. It returns an error if a class has too few.
func (s *Set) Balanced(each int, seed uint64) (*Set, error) {
	if each < 0 || len(s.Classes) > 0 && each > s.Len() {
		return nil, fmt.Errorf("image set %s: %d images of each class: there are %d images in %d classes", s.Name, each, s.Len(), len(s.Classes))
	}
	split, err := BalancedSplit(s.Labels, len(s.Classes), each*len(s.Classes), 0, seed)
	if err != nil {
		return nil, fmt.Errorf("image set %s: %w", s.Name, err)
	}
	return s.Subset(split.Train)
}
