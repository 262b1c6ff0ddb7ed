package cases

// unfinished names the cases that the kernel does not get right yet. A case of
// this list that comes out right fails the test: take it off.
var unfinished = []string{
	"a map that holds itself",
	"a slice that holds itself",
	"a map of structs that hold it",
	"a matrix that is no pointer",
	"other gonum values that are no pointers",
	"an error with zero values beside it",
	"a slice of figures",
}
