// Package frame has what gota data frames lack when rows are networks, or anything else
// that was measured: files as people have them, with gaps, dates, percents and thousands
// separated (ReadCSV), rows without gaps (Known) and what columns hold (Describe,
// DescribeBy), joins in linear time that refuse a key that occurs twice and say what found
// no partner (Join, Match), rows by a value, columns as numbers, and files (WriteCSV,
// WriteParquet). Errors name the file, the line, the column and the value; where a gota
// function returns a frame with an error in it, one of this package returns the error, so
// that a notebook's cell fails where it arises. It knows no networks: any frame will do.
package frame
