// Package cases tests the Go kernel on single inputs that Go notebooks and
// interpreters have been reported to get wrong, and on their kin. What is right
// is what compiled Go does, by the language specification.
package cases
