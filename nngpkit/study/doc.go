// Package study joins what nngpkit computes with what others have published,
// and answers the questions of a study of training-free signals: one function
// a question, on gota data frames, with the number of observations and 95 %
// intervals in every answer. Notebooks call it; everything below it can be
// used without it.
package study
