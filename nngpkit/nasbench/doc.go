// Package nasbench is the NAS-Bench-101 search space (Ying et al. 2019,
// arXiv:1902.09635; google-research/nasbench): cells of at most 7 vertices and
// 9 edges, each inner vertex a 3x3 convolution, a 1x1 convolution or a 3x3 max
// pooling, stacked nine times into a network for 32x32 images.
//
// A Spec is one cell: valid, pruned, comparable, small. New and Parse make one
// from a matrix and a list of operations, RandomSpec and Sample draw some,
// Enumerate lists all 423,624, ByHash finds one by the hash that the published
// tables use. Spec.Network turns a cell into an arch.Network of any width.
// Space is all of that behind the face of package space.
//
// A Graph is any labeled acyclic graph, of any size and perhaps with vertices
// that lead nowhere: what a file or a user may contain before New has checked
// and pruned it.
//
// A Table holds the published training results of cells: Import reads the
// official TFRecord files, OpenTable a table that Import has cached, and
// ReadCSV the two comma-separated layouts in which subsets circulate.
package nasbench
