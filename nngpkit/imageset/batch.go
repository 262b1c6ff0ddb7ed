// Package imageset holds images and labels and turns them into the batches
// that networks read.
package imageset

// Batch is a batch of normalised images: Data holds N x H x W x C values,
// channels fastest.
type Batch struct {
	N, H, W, C int
	Data       []float32
}
