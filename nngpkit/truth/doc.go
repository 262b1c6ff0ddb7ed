// Package truth holds published tables of trained networks as data frames, with
// what is known of each network for free beside its trained accuracy, and
// joins signals to them.
//
// Signals are columns of such a frame that are meant to predict the truth. Cells
// are split by their hash into two halves, one to choose a signal on and one to
// report what the chosen one does (see Halves).
package truth
