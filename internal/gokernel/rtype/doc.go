// Package rtype makes run-time types for Go types that no compiler has seen.
//
// Package reflect can make unnamed types only: no named ones, no methods, no
// interfaces. A Maker makes any: it writes type descriptors as the compiler
// would, with their names, methods and pointer masks, so that compiled code
// (fmt, encoding/json, errors, sort, the runtime itself) sees a type declared
// in a cell as it sees one of its own. Memory of such a type is laid out, and
// collected, as Go's.
//
// It relies on the descriptors' layout (internal/abi) of the Go versions that
// layoutCheck knows how to verify, and says so when it does not hold.
package rtype
