// Package repocheck holds tests of the repository itself: that files which
// must agree do, and that nothing of one machine is committed.
package repocheck
