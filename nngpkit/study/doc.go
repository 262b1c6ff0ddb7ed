// Package study answers the questions of a study of training-free signals: how
// well does a signal predict trained accuracy, what does it cost, what does it
// find, what does it add to what one knows anyway, what is left when a space is
// reduced by it. One function a question, on the tables of package truth, with
// the number of observations and 95 % intervals in every answer; an answer is a
// value with methods that give its table, its figure and its record.
package study
