// Package plan says which setting to score networks in: from evidence, which is
// how well the scores of every computed table predict trained accuracy, and from
// the speed of this machine, it recommends what a budget of time buys.
package plan
