// Package sweep scores many networks: in which settings (Pass, Setting), which
// networks (Experiment), what each of them scores (Compute), and the tables that
// come of it (ScoreTable, OpenScores).
//
// Scores are kept as they are computed: interrupting loses the networks in hand,
// and nothing is computed twice. Opening a table reads it and computes nothing.
package sweep
