// Package nngpkit scores neural architectures without training them.
//
// A wide network at random initialization is a Gaussian process. Evaluate
// estimates its kernel from a few random copies (members) of the finite
// network, fits kernel regression on some labeled images, and returns how
// well the other images are predicted, together with the other scores that
// the same kernel gives:
//
//	set, _ := imageset.Load("cifar10")
//	spec, _ := nasbench.Parse("0111010/0000001/0000001/0000100/0000001/0000001/0000000", ops)
//	net, _ := spec.Network(128, arch.Shape{})
//	result, err := nngpkit.Evaluate(ctx, net, set, nngpkit.Config{})
//
// The zero Config is the protocol of the public notebook that accompanies
// arXiv:2011.06006. The packages below this one are the parts: imageset and
// arch describe images and networks, forward runs them, kernel and gp turn
// features into scores, corr compares scores with trained accuracy.
package nngpkit
