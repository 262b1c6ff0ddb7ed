package corr

import (
	"fmt"
	"math"

	"github.com/nngplab/nngplab/internal/nanjson"
)

// AUCResult is an area under the ROC curve.
type AUCResult struct {
	// Threshold is the truth above which a row is positive (PQETP only).
	Threshold float64 `json:"threshold"`
	Positives int     `json:"positives"`
	Negatives int     `json:"negatives"`
	Value     float64 `json:"value"`
	// SE is the standard error of DeLong et al. (Biometrics 44, 1988), and Lower
	// and Upper the 95 % normal interval with it, cut to [0, 1]. NaN with fewer
	// than two rows in a class.
	SE    float64 `json:"se"`
	Lower float64 `json:"lower"`
	Upper float64 `json:"upper"`
}

// MarshalJSON writes the result with null for NaN.
func (a AUCResult) MarshalJSON() ([]byte, error) { return nanjson.Marshal(a) }

// AUC returns the area under the ROC curve of score for the given classes: the
// probability that a positive row has a larger score than a negative one, a tie
// counting half. It is NaN when a class is empty.
func AUC(positive []bool, score []float64) (AUCResult, error) {
	if len(positive) != len(score) {
		return AUCResult{}, fmt.Errorf("corr: %d classes, %d scores", len(positive), len(score))
	}
	if len(score) == 0 {
		return AUCResult{}, fmt.Errorf("corr: no rows")
	}
	if err := CheckColumn("score", score); err != nil {
		return AUCResult{}, err
	}
	r := auc(positive, score)
	r.Threshold = math.NaN()
	return r, nil
}

// PQETP returns, for each threshold p, how well the signal separates the rows
// with truth > p from the others, as an AUC (the metric PQETP of
// arXiv:2011.06006, as its public notebook computes it). A threshold that no
// row, or every row, exceeds has the value NaN.
func PQETP(truth, signal []float64, thresholds []float64) ([]AUCResult, error) {
	if err := checkPair("truth", "signal", truth, signal, 1); err != nil {
		return nil, err
	}
	out := make([]AUCResult, len(thresholds))
	pos := make([]bool, len(truth))
	for i, t := range thresholds {
		if math.IsNaN(t) {
			return nil, fmt.Errorf("corr: threshold %d is NaN", i)
		}
		for j, v := range truth {
			pos[j] = v > t
		}
		out[i] = auc(pos, signal)
		out[i].Threshold = t
	}
	return out, nil
}

// AUCAbove returns the Statistic of PQETP at one threshold.
func AUCAbove(threshold float64) Statistic {
	return func(truth, signal []float64) float64 {
		pos := make([]bool, len(truth))
		for j, v := range truth {
			pos[j] = v > threshold
		}
		return auc(pos, signal).Value
	}
}

// auc counts, for every row, the rows of the other class below it (ties half):
// their sums give the area, their spread its variance.
func auc(positive []bool, score []float64) AUCResult {
	o := sortColumn(score)
	r := AUCResult{Value: math.NaN(), SE: math.NaN(), Lower: math.NaN(), Upper: math.NaN()}
	for _, p := range positive {
		if p {
			r.Positives++
		} else {
			r.Negatives++
		}
	}
	np, nn := float64(r.Positives), float64(r.Negatives)
	if np == 0 || nn == 0 {
		return r
	}
	// Wins count in halves, exactly: a tie is 1, a win 2. The squares are of
	// shares of the other class, as DeLong's components.
	var wins uint64
	var sqPos, sqNeg, sumPos, sumNeg float64
	below, belowPos := 0, 0 // negatives and positives of smaller score
	for i := 0; i < len(score); {
		j, g := o.end(i), 0
		for _, row := range o.row[i:j] {
			if positive[row] {
				g++
			}
		}
		neg := j - i - g
		wins += uint64(g) * uint64(2*below+neg)
		vp := (float64(below) + float64(neg)/2) / nn
		vn := 1 - (float64(belowPos)+float64(g)/2)/np
		sumPos += float64(g) * vp
		sumNeg += float64(neg) * vn
		sqPos += float64(g) * vp * vp
		sqNeg += float64(neg) * vn * vn
		below += neg
		belowPos += g
		i = j
	}
	r.Value = float64(wins) / 2 / np / nn
	if r.Positives > 1 && r.Negatives > 1 {
		v := math.Max(sqPos-sumPos*sumPos/np, 0)/(np-1)/np + math.Max(sqNeg-sumNeg*sumNeg/nn, 0)/(nn-1)/nn
		r.SE = math.Sqrt(v)
		r.Lower = math.Max(0, r.Value-levelQuantile*r.SE)
		r.Upper = math.Min(1, r.Value+levelQuantile*r.SE)
	}
	return r
}
