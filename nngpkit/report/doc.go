// Package report is what a notebook shows and records: tables and lines of text,
// numbers with their intervals, the progress of long work, and the file of
// results to which a notebook appends each number that it states. It knows no
// networks.
//
// Where the environment does not name a file of results (see ResultsEnv),
// recording does nothing, so that a notebook can be tried by hand.
package report
