// Package nasbench201 is the NAS-Bench-201 search space (Dong and Yang 2020,
// arXiv:2001.00326): cells of four nodes, of which every pair is joined by an
// edge that carries one of five operations, stacked into a network for small
// images.
//
// A Cell is six operations; Parse reads one from the text that the published
// tables use, All lists the 15,625, and Cell.Network builds the published
// network, or a shallower or narrower one. Two cells are isomorphic where the
// two inner nodes can be exchanged: 14,125 different cells remain, and
// Cell.Canonical is the one of each that stands for it. Space is all of that
// behind the face of package space.
//
// A Table holds published numbers of cells: ReadTable.
package nasbench201
