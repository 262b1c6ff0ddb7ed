package main

import "fmt"

// maxWidth bounds the stem: beyond it the counts of the largest cell would not
// fit into 64 bits.
const maxWidth = 1 << 20

// maxMembers is the number of members that a seed has.
const maxMembers = 1<<32 - 1

func checkWidth(width int) error {
	if width < 1 || width > maxWidth {
		return fmt.Errorf("--width %d: want 1 to %d", width, maxWidth)
	}
	return nil
}
