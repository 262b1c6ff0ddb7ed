package simd

import "github.com/nngplab/nngplab/nngpkit/forward/internal/simd/asm"

// AVX2 is the level for processors with AVX2 and FMA.
var AVX2 = levels("avx2", assembly{
	lanes: 8,
	conv: [][]func(*asm.Conv){
		1: {nil, asm.ConvAVX2R1S1, asm.ConvAVX2R2S1, asm.ConvAVX2R3S1, asm.ConvAVX2R4S1, asm.ConvAVX2R5S1, asm.ConvAVX2R6S1, asm.ConvAVX2R7S1, asm.ConvAVX2R8S1},
		2: {nil, asm.ConvAVX2R1S2, asm.ConvAVX2R2S2, asm.ConvAVX2R3S2, asm.ConvAVX2R4S2, asm.ConvAVX2R5S2, asm.ConvAVX2R6S2},
		3: {nil, asm.ConvAVX2R1S3, asm.ConvAVX2R2S3, asm.ConvAVX2R3S3, asm.ConvAVX2R4S3},
		4: {nil, asm.ConvAVX2R1S4, asm.ConvAVX2R2S4, asm.ConvAVX2R3S4},
		5: {nil, asm.ConvAVX2R1S5, asm.ConvAVX2R2S5},
	},
	depthwise: asm.DepthwiseAVX2,
	depthwiseRow: map[int][3][]func(*asm.DepthwiseRow){
		3: {
			1: {nil, asm.DepthwiseAVX2K3S1P1, asm.DepthwiseAVX2K3S1P2, asm.DepthwiseAVX2K3S1P3, asm.DepthwiseAVX2K3S1P4, asm.DepthwiseAVX2K3S1P5, asm.DepthwiseAVX2K3S1P6, asm.DepthwiseAVX2K3S1P7, asm.DepthwiseAVX2K3S1P8},
			2: {nil, asm.DepthwiseAVX2K3S2P1, asm.DepthwiseAVX2K3S2P2, asm.DepthwiseAVX2K3S2P3, asm.DepthwiseAVX2K3S2P4, asm.DepthwiseAVX2K3S2P5, asm.DepthwiseAVX2K3S2P6, asm.DepthwiseAVX2K3S2P7, asm.DepthwiseAVX2K3S2P8},
		},
		5: {
			1: {nil, asm.DepthwiseAVX2K5S1P1, asm.DepthwiseAVX2K5S1P2, asm.DepthwiseAVX2K5S1P3, asm.DepthwiseAVX2K5S1P4, asm.DepthwiseAVX2K5S1P5, asm.DepthwiseAVX2K5S1P6, asm.DepthwiseAVX2K5S1P7, asm.DepthwiseAVX2K5S1P8},
			2: {nil, asm.DepthwiseAVX2K5S2P1, asm.DepthwiseAVX2K5S2P2, asm.DepthwiseAVX2K5S2P3, asm.DepthwiseAVX2K5S2P4, asm.DepthwiseAVX2K5S2P5, asm.DepthwiseAVX2K5S2P6, asm.DepthwiseAVX2K5S2P7, asm.DepthwiseAVX2K5S2P8},
		},
		7: {
			1: {nil, asm.DepthwiseAVX2K7S1P1, asm.DepthwiseAVX2K7S1P2, asm.DepthwiseAVX2K7S1P3, asm.DepthwiseAVX2K7S1P4, asm.DepthwiseAVX2K7S1P5, asm.DepthwiseAVX2K7S1P6, asm.DepthwiseAVX2K7S1P7},
			2: {nil, asm.DepthwiseAVX2K7S2P1, asm.DepthwiseAVX2K7S2P2, asm.DepthwiseAVX2K7S2P3, asm.DepthwiseAVX2K7S2P4, asm.DepthwiseAVX2K7S2P5, asm.DepthwiseAVX2K7S2P6, asm.DepthwiseAVX2K7S2P7},
		},
	},
	maxPool:       asm.MaxPoolAVX2,
	avgPool:       asm.AvgPoolAVX2,
	maxPool3x4:    asm.MaxPool3AVX2C4,
	maxPool3x1:    asm.MaxPool3AVX2C1,
	copy:          asm.CopyAVX2,
	add:           [4]func(*asm.Map){1: asm.Add2AVX2, asm.Add3AVX2, asm.Add4AVX2},
	mul:           asm.MulAVX2,
	affine:        asm.AffineAVX2,
	affineAdd:     asm.AffineAddAVX2,
	sums:          asm.MeanAVX2,
	stats:         asm.StatsAVX2,
	winoIn:        asm.WinoInAVX2,
	winoInL:       asm.WinoInAVX2L,
	winoInR:       asm.WinoInAVX2R,
	winoInLR:      asm.WinoInAVX2LR,
	winoOut:       asm.WinoOutAVX2,
	winoOutAdd:    asm.WinoOutAVX2Add,
	swish:         asm.SwishAVX2,
	sigmoid:       asm.SigmoidAVX2,
	tanh:          asm.TanhAVX2,
	geluTanh:      asm.GELUTanhAVX2,
	erf:           asm.ErfAVX2,
	gelu:          asm.GELUAVX2,
	clamp:         asm.ClampAVX2,
	clampMul:      asm.ClampMulAVX2,
	leakyReLU:     asm.LeakyReLUAVX2,
	codes:         asm.CodesAVX2,
	lay:           asm.LayAVX2,
	draw:          []drawing{{4, asm.DrawAVX2, asm.DrawNormalAVX2}},
	winogradTiles: 6,
	winogradGain:  2.5,
}, assembly{
	channelConv: [][]func(*asm.ChannelConv){
		1: {nil, asm.ChannelConvAVX2R1S1, asm.ChannelConvAVX2R2S1, asm.ChannelConvAVX2R3S1, asm.ChannelConvAVX2R4S1, asm.ChannelConvAVX2R5S1, asm.ChannelConvAVX2R6S1, asm.ChannelConvAVX2R7S1, asm.ChannelConvAVX2R8S1},
		2: {nil, asm.ChannelConvAVX2R1S2, asm.ChannelConvAVX2R2S2, asm.ChannelConvAVX2R3S2, asm.ChannelConvAVX2R4S2, asm.ChannelConvAVX2R5S2, asm.ChannelConvAVX2R6S2},
		3: {nil, asm.ChannelConvAVX2R1S3, asm.ChannelConvAVX2R2S3, asm.ChannelConvAVX2R3S3, asm.ChannelConvAVX2R4S3},
	},
	affine:       asm.ChannelAffineAVX2,
	affineAdd:    asm.ChannelAffineAddAVX2,
	winoOut:      asm.ChannelWinoOutAVX2,
	winoOutAdd:   asm.ChannelWinoOutAVX2Add,
	winogradGain: 4,
})
