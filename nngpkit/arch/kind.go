package arch

import "fmt"

// Kind names an operation.
type Kind uint8

// The operations of a Network. Where a node has a window, its padding says
// what lies outside of the image; see Padding.
const (
	Input         Kind = iota // the image, H x W x C
	Conv                      // convolution, plain, grouped or dilated
	Depthwise                 // convolution of each channel by itself
	Dense                     // fully connected layer over all H*W*C inputs
	MaxPool                   // maximum over windows; padded positions do not count
	AvgPool                   // mean over windows; padded positions count only with CountPad
	GlobalAvgPool             // mean over H and W
	Sum                       // element-wise sum, each input cut to its first Out.C channels
	Concat                    // concatenation along channels, in the order of the inputs
	Scale                     // first input (H x W x C) times the second (1 x 1 x C, as in squeeze-excite, or H x W x C)
	BatchNorm                 // batch normalization (gamma 1, beta 0) as a node of its own
	Activate                  // activation as a node of its own
	Skip                      // its input, unchanged: the identity operation
	Zero                      // zeros; the input gives the size, divided by the stride
	Pad                       // its input with zeros around it; negative amounts are not allowed
	Slice                     // the Out.C channels from First on
	Shuffle                   // channel shuffle: G groups of C/G channels become C/G groups of G
)

var kindNames = [...]string{
	"input", "conv", "depthwise", "dense", "maxpool", "avgpool", "globalavgpool", "sum", "concat", "scale",
	"batchnorm", "activate", "skip", "zero", "pad", "slice", "shuffle",
}

// String returns the lower-case name of the operation.
func (k Kind) String() string {
	if int(k) < len(kindNames) {
		return kindNames[k]
	}
	return fmt.Sprintf("kind(%d)", uint8(k))
}

// ParseKind returns the operation of the given name, as String writes it.
func ParseKind(name string) (Kind, error) {
	for i, s := range kindNames {
		if s == name {
			return Kind(i), nil
		}
	}
	return 0, fmt.Errorf("arch: unknown operation %q", name)
}

// MarshalText returns the name of the operation, or an error where it has none.
func (k Kind) MarshalText() ([]byte, error) {
	if int(k) >= len(kindNames) {
		return nil, fmt.Errorf("arch: unknown operation %v", k)
	}
	return []byte(kindNames[k]), nil
}

// UnmarshalText reads what MarshalText writes.
func (k *Kind) UnmarshalText(text []byte) error {
	v, err := ParseKind(string(text))
	if err == nil {
		*k = v
	}
	return err
}

// weighted tells whether nodes of the kind have weights, and so may have a
// bias, a normalization and an activation.
func (k Kind) weighted() bool { return k == Conv || k == Depthwise || k == Dense }

// windowed tells whether nodes of the kind have a window.
func (k Kind) windowed() bool {
	return k == Conv || k == Depthwise || k == MaxPool || k == AvgPool
}

// sized tells whether the channels of a node of the kind are its own choice,
// and do not follow from its inputs.
func (k Kind) sized() bool {
	return k == Input || k == Conv || k == Dense || k == Sum || k == Zero || k == Slice
}
