package main

import (
	"log"

	"github.com/nngplab/nngplab/internal/gokernel/engine"
)

// exitOverrides are log's functions that end a process. In a cell they end the
// cell, as os.Exit does, and the kernel keeps its variables.
var exitOverrides = map[string]any{
	"log.Fatal": func(v ...any) {
		log.Print(v...)
		panic(engine.Exit{Code: 1})
	},
	"log.Fatalf": func(format string, v ...any) {
		log.Printf(format, v...)
		panic(engine.Exit{Code: 1})
	},
	"log.Fatalln": func(v ...any) {
		log.Println(v...)
		panic(engine.Exit{Code: 1})
	},
}
