// Package mnasnet holds the search spaces around MnasNet (Tan et al. 2019,
// arXiv:1807.11626) and the published tables of networks from them.
//
// A network is a stem, seven stages of inverted residual blocks (a 1x1
// convolution that expands the channels, a depthwise one, squeeze-and-excite, a
// 1x1 convolution that projects) and a head, for images of 224 x 224 pixels. What
// is searched is chosen for each stage, the same for all its blocks.
//
// Two spaces are registered, both faces of package space:
//
//   - Space, "mnasnet", of which Accel-NASBench trained 5,125 networks on ImageNet
//     (A. Ahmad et al., DAC 2024, arXiv:2404.08005): Decisions on expansion,
//     kernel, number of blocks and squeeze-and-excite.
//   - WideSpace, "mnasnetwide", which Google published with Vertex AI's
//     architecture search: WideDecisions, with the kind of block and the number of
//     channels too.
//
// Decisions.Network builds a network at any width and image size (see Skeleton);
// Decisions.Cost counts it without building it. A Table holds published results:
// Load, LoadMultiseed, ReadTable.
package mnasnet
