// Package gokernel builds and installs the project's Jupyter kernel: gophernotes
// with nngpkit, gonum, gonum/plot and gota compiled in.
//
// The kernel is built in a module of its own, which Build writes into a build
// folder: gophernotes' sources copied from the module cache and edited at
// stated anchors, the part of the gomacro interpreter that gophernotes refers
// to, the files of _overlay, and tables that make the linked packages visible
// to cells (package bindings). gomacro does not run: cells are checked and
// translated by package session, and run by package engine. The versions are those of this module's own go.mod
// and go.sum, read from the checkout or from the module cache, so the kernel's
// cannot differ from them.
package gokernel

import "embed"

// overlay holds the files that are added to gophernotes. They
// compile only there, hence the underscore, which hides them from ./... .
//
//go:embed _overlay
var overlay embed.FS

// The module path of this repository, of the written kernel module (below it,
// so that it may import internal packages), and of the two copied modules.
const (
	modulePath      = "github.com/nngplab/nngplab"
	kernelModule    = modulePath + "/notebook"
	gophernotesPath = "github.com/gopherdata/gophernotes"
	gomacroPath     = "github.com/cosmos72/gomacro"
)
