// Package learn fits predictors of a truth to few rows: ridge regression, and
// regression trees, bagged at random or boosted. It takes columns of numbers and
// stands alone.
//
// A predictor is a value of Ridge, Trees or Boosting, whose zero value is usable;
// Fit returns a Model, which predicts other rows of the same columns. Columns are
// named by their place. The same rows and seed give the same model.
package learn
