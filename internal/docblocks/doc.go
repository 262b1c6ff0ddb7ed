// Package docblocks executes the commands and the code that README.md and docs show. It
// holds tests alone.
package docblocks
