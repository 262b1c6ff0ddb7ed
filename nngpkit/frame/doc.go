// Package frame has what gota data frames lack when rows are networks: joins in
// linear time that refuse a key that occurs twice, rows by a value, rows without
// gaps, and columns as numbers, each with an error that names the column and the
// row, and files (WriteCSV, WriteParquet). It knows no networks: any frame will do.
package frame
