package simd

import "github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"

// AVX512 is the level for processors with AVX-512: F and DQ.
var AVX512 = levels("avx512", assembly{
	lanes: 16,
	conv: [][]func(*asm.Conv){
		1: {nil, asm.ConvAVX512R1S1, asm.ConvAVX512R2S1, asm.ConvAVX512R3S1, asm.ConvAVX512R4S1, asm.ConvAVX512R5S1, asm.ConvAVX512R6S1, asm.ConvAVX512R7S1, asm.ConvAVX512R8S1},
		2: {nil, asm.ConvAVX512R1S2, asm.ConvAVX512R2S2, asm.ConvAVX512R3S2, asm.ConvAVX512R4S2, asm.ConvAVX512R5S2, asm.ConvAVX512R6S2, asm.ConvAVX512R7S2, asm.ConvAVX512R8S2},
		3: {nil, asm.ConvAVX512R1S3, asm.ConvAVX512R2S3, asm.ConvAVX512R3S3, asm.ConvAVX512R4S3, asm.ConvAVX512R5S3, asm.ConvAVX512R6S3, asm.ConvAVX512R7S3, asm.ConvAVX512R8S3},
		4: {nil, asm.ConvAVX512R1S4, asm.ConvAVX512R2S4, asm.ConvAVX512R3S4, asm.ConvAVX512R4S4, asm.ConvAVX512R5S4, asm.ConvAVX512R6S4},
		5: {nil, asm.ConvAVX512R1S5, asm.ConvAVX512R2S5, asm.ConvAVX512R3S5, asm.ConvAVX512R4S5, asm.ConvAVX512R5S5},
		8: {nil, asm.ConvAVX512R1S8, asm.ConvAVX512R2S8, asm.ConvAVX512R3S8},
	},
	depthwise: asm.DepthwiseAVX512,
	depthwiseRow: map[int][3][]func(*asm.DepthwiseRow){
		3: {
			1: {nil, asm.DepthwiseAVX512K3S1P1, asm.DepthwiseAVX512K3S1P2, asm.DepthwiseAVX512K3S1P3, asm.DepthwiseAVX512K3S1P4, asm.DepthwiseAVX512K3S1P5, asm.DepthwiseAVX512K3S1P6, asm.DepthwiseAVX512K3S1P7, asm.DepthwiseAVX512K3S1P8},
			2: {nil, asm.DepthwiseAVX512K3S2P1, asm.DepthwiseAVX512K3S2P2, asm.DepthwiseAVX512K3S2P3, asm.DepthwiseAVX512K3S2P4, asm.DepthwiseAVX512K3S2P5, asm.DepthwiseAVX512K3S2P6, asm.DepthwiseAVX512K3S2P7, asm.DepthwiseAVX512K3S2P8},
		},
		5: {
			1: {nil, asm.DepthwiseAVX512K5S1P1, asm.DepthwiseAVX512K5S1P2, asm.DepthwiseAVX512K5S1P3, asm.DepthwiseAVX512K5S1P4, asm.DepthwiseAVX512K5S1P5, asm.DepthwiseAVX512K5S1P6, asm.DepthwiseAVX512K5S1P7, asm.DepthwiseAVX512K5S1P8},
			2: {nil, asm.DepthwiseAVX512K5S2P1, asm.DepthwiseAVX512K5S2P2, asm.DepthwiseAVX512K5S2P3, asm.DepthwiseAVX512K5S2P4, asm.DepthwiseAVX512K5S2P5, asm.DepthwiseAVX512K5S2P6, asm.DepthwiseAVX512K5S2P7, asm.DepthwiseAVX512K5S2P8},
		},
		7: {
			1: {nil, asm.DepthwiseAVX512K7S1P1, asm.DepthwiseAVX512K7S1P2, asm.DepthwiseAVX512K7S1P3, asm.DepthwiseAVX512K7S1P4, asm.DepthwiseAVX512K7S1P5, asm.DepthwiseAVX512K7S1P6, asm.DepthwiseAVX512K7S1P7, asm.DepthwiseAVX512K7S1P8},
			2: {nil, asm.DepthwiseAVX512K7S2P1, asm.DepthwiseAVX512K7S2P2, asm.DepthwiseAVX512K7S2P3, asm.DepthwiseAVX512K7S2P4, asm.DepthwiseAVX512K7S2P5, asm.DepthwiseAVX512K7S2P6, asm.DepthwiseAVX512K7S2P7, asm.DepthwiseAVX512K7S2P8},
		},
	},
	depthwisePair: map[int][3][]func(*asm.DepthwisePair){
		3: {
			1: {nil, asm.DepthwisePairAVX512K3S1P1, asm.DepthwisePairAVX512K3S1P2, asm.DepthwisePairAVX512K3S1P3, asm.DepthwisePairAVX512K3S1P4, asm.DepthwisePairAVX512K3S1P5, asm.DepthwisePairAVX512K3S1P6, asm.DepthwisePairAVX512K3S1P7, asm.DepthwisePairAVX512K3S1P8},
			2: {nil, asm.DepthwisePairAVX512K3S2P1, asm.DepthwisePairAVX512K3S2P2, asm.DepthwisePairAVX512K3S2P3, asm.DepthwisePairAVX512K3S2P4, asm.DepthwisePairAVX512K3S2P5, asm.DepthwisePairAVX512K3S2P6, asm.DepthwisePairAVX512K3S2P7, asm.DepthwisePairAVX512K3S2P8},
		},
		5: {
			1: {nil, asm.DepthwisePairAVX512K5S1P1, asm.DepthwisePairAVX512K5S1P2, asm.DepthwisePairAVX512K5S1P3, asm.DepthwisePairAVX512K5S1P4, asm.DepthwisePairAVX512K5S1P5, asm.DepthwisePairAVX512K5S1P6, asm.DepthwisePairAVX512K5S1P7, asm.DepthwisePairAVX512K5S1P8},
			2: {nil, asm.DepthwisePairAVX512K5S2P1, asm.DepthwisePairAVX512K5S2P2, asm.DepthwisePairAVX512K5S2P3, asm.DepthwisePairAVX512K5S2P4, asm.DepthwisePairAVX512K5S2P5, asm.DepthwisePairAVX512K5S2P6, asm.DepthwisePairAVX512K5S2P7, asm.DepthwisePairAVX512K5S2P8},
		},
	},
	maxPool:       asm.MaxPoolAVX512,
	avgPool:       asm.AvgPoolAVX512,
	maxPool3x4:    asm.MaxPool3AVX512C4,
	maxPool3x1:    asm.MaxPool3AVX512C1,
	copy:          asm.CopyAVX512,
	add:           [4]func(*asm.Map){1: asm.Add2AVX512, asm.Add3AVX512, asm.Add4AVX512},
	mul:           asm.MulAVX512,
	affine:        asm.AffineAVX512,
	affineAdd:     asm.AffineAddAVX512,
	sums:          asm.MeanAVX512,
	stats:         asm.StatsAVX512,
	winoIn:        asm.WinoInAVX512,
	winoInL:       asm.WinoInAVX512L,
	winoInR:       asm.WinoInAVX512R,
	winoInLR:      asm.WinoInAVX512LR,
	winoOut:       asm.WinoOutAVX512,
	winoOutAdd:    asm.WinoOutAVX512Add,
	swish:         asm.SwishAVX512,
	sigmoid:       asm.SigmoidAVX512,
	tanh:          asm.TanhAVX512,
	geluTanh:      asm.GELUTanhAVX512,
	erf:           asm.ErfAVX512,
	gelu:          asm.GELUAVX512,
	clamp:         asm.ClampAVX512,
	clampMul:      asm.ClampMulAVX512,
	leakyReLU:     asm.LeakyReLUAVX512,
	codes:         asm.CodesAVX512,
	lay:           asm.LayAVX512,
	draw:          []drawing{{8, asm.DrawAVX512, asm.DrawNormalAVX512}, {4, asm.DrawAVX2, asm.DrawNormalAVX2}},
	winogradTiles: 4,
	winogradGain:  1.5,
}, assembly{
	channelConv: [][]func(*asm.ChannelConv){
		1: {nil, asm.ChannelConvAVX512R1S1, asm.ChannelConvAVX512R2S1, asm.ChannelConvAVX512R3S1, asm.ChannelConvAVX512R4S1, asm.ChannelConvAVX512R5S1, asm.ChannelConvAVX512R6S1, asm.ChannelConvAVX512R7S1, asm.ChannelConvAVX512R8S1},
		2: {nil, asm.ChannelConvAVX512R1S2, asm.ChannelConvAVX512R2S2, asm.ChannelConvAVX512R3S2, asm.ChannelConvAVX512R4S2, asm.ChannelConvAVX512R5S2, asm.ChannelConvAVX512R6S2, asm.ChannelConvAVX512R7S2, asm.ChannelConvAVX512R8S2},
		3: {nil, asm.ChannelConvAVX512R1S3, asm.ChannelConvAVX512R2S3, asm.ChannelConvAVX512R3S3, asm.ChannelConvAVX512R4S3, asm.ChannelConvAVX512R5S3, asm.ChannelConvAVX512R6S3, asm.ChannelConvAVX512R7S3, asm.ChannelConvAVX512R8S3},
		4: {nil, asm.ChannelConvAVX512R1S4, asm.ChannelConvAVX512R2S4, asm.ChannelConvAVX512R3S4, asm.ChannelConvAVX512R4S4, asm.ChannelConvAVX512R5S4, asm.ChannelConvAVX512R6S4},
	},
	affine:       asm.ChannelAffineAVX512,
	affineAdd:    asm.ChannelAffineAddAVX512,
	winoOut:      asm.ChannelWinoOutAVX512,
	winoOutAdd:   asm.ChannelWinoOutAVX512Add,
	winogradGain: 4,
})
