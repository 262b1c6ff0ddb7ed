package session

import (
	"go/types"
	"reflect"
	"sync"
	"unsafe"

	"golang.org/x/tools/go/ssa"
)

// Package ssa keeps a package for as long as the program, and lists of all types that
// it has come across. The fields are its own; where they are others than these, nothing
// is let go.

// letGo makes a program forget a package.
func letGo(p *ssa.Program, pkg *types.Package) {
	if packages := packagesOf(p); packages != nil {
		delete(packages, pkg)
	}
	// Which types have parameters, and which become interface values. The first is
	// found again when it is asked for, the second is for analyses.
	clearLocked(p, "hasParamsMu", "hasParams")
	clearLocked(p, "makeInterfaceTypesMu", "makeInterfaceTypes")
}

// letInstancesGo makes a program forget which instances of generic types and functions
// it has made: two of the same are identical, if not one. It reports whether it could.
func letInstancesGo(p *ssa.Program) bool {
	f := reflect.ValueOf(p).Elem().FieldByName("ctxt")
	if !f.IsValid() || f.Type() != reflect.TypeFor[*types.Context]() {
		return false
	}
	*(**types.Context)(unsafe.Pointer(f.UnsafeAddr())) = types.NewContext()
	return true
}

// packagesOf returns the packages of a program; nil where its fields are others.
func packagesOf(p *ssa.Program) map[*types.Package]*ssa.Package {
	f := reflect.ValueOf(p).Elem().FieldByName("packages")
	if !f.IsValid() || f.Type() != reflect.TypeFor[map[*types.Package]*ssa.Package]() {
		return nil
	}
	return *(*map[*types.Package]*ssa.Package)(unsafe.Pointer(f.UnsafeAddr()))
}

// clearLocked sets a field to zero while it holds the lock in another one, and reports
// whether both are there.
func clearLocked(p *ssa.Program, lock, field string) bool {
	v := reflect.ValueOf(p).Elem()
	mu, f := v.FieldByName(lock), v.FieldByName(field)
	if !mu.IsValid() || mu.Type() != reflect.TypeFor[sync.Mutex]() || !f.IsValid() {
		return false
	}
	m := (*sync.Mutex)(unsafe.Pointer(mu.UnsafeAddr()))
	m.Lock()
	defer m.Unlock()
	reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().SetZero()
	return true
}
