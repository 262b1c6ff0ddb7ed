package gp

import "math"

// SelfScores are the scores that a set of labeled images gives from its own
// kernel, without images held out. Every slice has one value an epsilon; NaN
// where the factorization failed or the score was not asked for.
type SelfScores struct {
	Images int `json:"images"` // number of images

	// LogMarginal is the log marginal likelihood with the kernel divided by its
	// mean trace, in nats per target value.
	LogMarginal []float64 `json:"log_marginal"`
	// LogMarginalScaled is the same with kernel and noise multiplied by Scale.
	LogMarginalScaled []float64 `json:"log_marginal_scaled"`
	// Scale is the factor that maximizes the likelihood:
	// the mean over classes of y'(K+sI)^-1 y / n.
	Scale []float64 `json:"scale"`

	// LOOSquaredError, LOOAccuracy and LOOLogDensity compare each image's
	// targets with what all the others predict for it (Rasmussen & Williams,
	// equations 5.10 to 5.12). LOOLogDensity uses Scale, for which the image left
	// out did count.
	LOOSquaredError []float64 `json:"loo_squared_error"`
	LOOAccuracy     []float64 `json:"loo_accuracy"`
	LOOLogDensity   []float64 `json:"loo_log_density"`
	LOOTop5         []float64 `json:"loo_top5"` // as Result.Top5
}

func newSelfScores(images, eps int) SelfScores {
	return SelfScores{
		Images:            images,
		LogMarginal:       nans(eps),
		LogMarginalScaled: nans(eps),
		Scale:             nans(eps),
		LOOSquaredError:   nans(eps),
		LOOAccuracy:       nans(eps),
		LOOLogDensity:     nans(eps),
		LOOTop5:           nans(eps),
	}
}

func nans(n int) []float64 {
	x := make([]float64, n)
	for i := range x {
		x[i] = math.NaN()
	}
	return x
}

// BestLeaveOneOut returns the index of the epsilon with the smallest
// leave-one-out squared error, the first among equals, or -1 where there is
// none.
func (s *SelfScores) BestLeaveOneOut() int { return best(s.LOOSquaredError, -1) }

// BestLogMarginal returns the index of the epsilon with the largest
// LogMarginalScaled, the first among equals, or -1 where there is none.
func (s *SelfScores) BestLogMarginal() int { return best(s.LogMarginalScaled, 1) }

// best returns the index of the largest sign*x that is a number, or -1.
func best(x []float64, sign float64) int {
	b := -1
	for i, v := range x {
		if !math.IsNaN(v) && (b < 0 || sign*v > sign*x[b]) {
			b = i
		}
	}
	return b
}

// likelihood fills the marginal likelihoods at one epsilon, from y'(K+sI)^-1 y and
// the log determinant, both a target value, and the mean trace.
func (s *SelfScores) likelihood(e int, quad, logdet, mean float64) {
	s.Scale[e] = quad
	s.LogMarginal[e] = -0.5 * (quad*mean + logdet - math.Log(mean) + math.Log(2*math.Pi))
	s.LogMarginalScaled[e] = -0.5 * (1 + logdet + math.Log(quad) + math.Log(2*math.Pi))
}

// tally sums up what predictions are worth.
type tally struct {
	scale                float64
	sq, logs, hits, top5 float64
}

// add counts one image: predictive means mu, targets y, predictive variance v
// in units of the kernel.
func (t *tally) add(mu, y []float64, label int, v float64) {
	sq := 0.0
	for j, m := range mu {
		d := m - y[j]
		sq += d * d
	}
	t.sq += sq
	v *= t.scale
	t.logs += -0.5 * (sq/v + float64(len(mu))*math.Log(2*math.Pi*v))
	if argmax(mu) == label {
		t.hits++
	}
}

// addTop counts one image for top-5 accuracy.
func (t *tally) addTop(mu []float64, label int) {
	if rankOf(mu, label) < topK {
		t.top5++
	}
}

// topK is how many classes a prediction has to choose from in top-5 accuracy.
const topK = 5

// means returns squared error, accuracy, log density and top-5 accuracy, which is
// NaN where there are no more classes than five.
func (t *tally) means(n, c int) (sq, accuracy, logs, top5 float64) {
	per := float64(n) * float64(c)
	top5 = math.NaN()
	if c > topK {
		top5 = t.top5 / float64(n)
	}
	return t.sq / per, t.hits / float64(n), t.logs / per, top5
}
