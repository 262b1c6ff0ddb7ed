package report

import (
	"fmt"
	"os"

	"github.com/nngplab/nngplab/internal/progress"
)

// Counting returns a function to be called after each item of a long computation,
// with how many are ready, of how many, and how many of them were computed since
// the start. In a notebook it draws a bar that says so and how long the rest will
// take, and leaves one line in the end. What says of how many of how many items:
// "scored %d of %d cells".
func Counting(what string) func(done, total, fresh int) {
	return counting(progress.Live(os.Stdout), func(line string) { fmt.Println(line) }, what)
}

// CountingUp is Counting for work that tells how many items are ready, of how many, and
// computes all of them: nngpkit.Config.Progress is such a function.
func CountingUp(what string) func(done, total int) {
	step := Counting(what)
	return func(done, total int) { step(done, total, done) }
}

func counting(bar *progress.Line, print func(line string), what string) func(done, total, fresh int) {
	return func(done, total, fresh int) {
		if done < total {
			bar.Update(progress.State{Stage: "computing", Done: int64(done), Total: int64(total), Fresh: int64(fresh)})
			return
		}
		bar.End()
		print(fmt.Sprintf(what, done, total))
	}
}
