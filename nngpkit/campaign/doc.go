// Package campaign scores a whole space, or a large part of it, on the machines
// at hand: a Plan says what is measured of which architectures and is a file with a
// hash of its content; Run computes what is missing of one shard of it and
// appends a line per architecture to that shard's store; Survey says how far
// all shards are; Merge makes one store of them, and Table a data frame.
//
// A store has a checksum per line and names the plan and the engine that it is of.
// A kill loses at most the architectures in hand; a store that is complete is
// sorted, so that its bytes depend on the plan, the shard and the engine alone.
package campaign
