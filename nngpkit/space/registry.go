package space

import (
	"fmt"
	"sort"
	"strings"
	"sync"
)

var registry = struct {
	sync.RWMutex
	spaces map[string]Space
}{spaces: map[string]Space{}}

// Register makes a space known by its name. A space's package calls it in its
// init function. It panics where the space is nil, the name is no name (see
// Space.Name), or another space has it.
func Register(s Space) {
	if s == nil {
		panic("space: Register of nil")
	}
	name := s.Name()
	if name == "" || strings.Trim(name, "abcdefghijklmnopqrstuvwxyz0123456789") != "" {
		panic(fmt.Sprintf("space: Register of %q: a name is lower-case letters and digits", name))
	}
	registry.Lock()
	defer registry.Unlock()
	if _, taken := registry.spaces[name]; taken {
		panic(fmt.Sprintf("space: Register of %q twice", name))
	}
	registry.spaces[name] = s
}

// Find returns the space of that name. The error names the spaces that there
// are.
func Find(name string) (Space, error) {
	registry.RLock()
	s, ok := registry.spaces[name]
	registry.RUnlock()
	if ok {
		return s, nil
	}
	known := Names()
	if len(known) == 0 {
		return nil, fmt.Errorf("space: there is no space %q: none is registered (import package spaces)", name)
	}
	return nil, fmt.Errorf("space: there is no space %q; there is %s", name, strings.Join(known, ", "))
}

// Of returns the space of an architecture. It panics where that space is not
// registered, which its package's init function does.
//
// (That an architecture has its space's name and not its space is for notebooks:
// two interfaces that name each other confuse the interpreter.)
func Of(a Architecture) Space {
	s, err := Find(a.SpaceName())
	if err != nil {
		panic(err)
	}
	return s
}

// Names returns the names of all registered spaces, sorted.
func Names() []string {
	registry.RLock()
	defer registry.RUnlock()
	names := make([]string, 0, len(registry.spaces))
	for name := range registry.spaces {
		names = append(names, name)
	}
	sort.Strings(names)
	return names
}

// All returns all registered spaces, ordered by name.
func All() []Space {
	var all []Space
	for _, name := range Names() {
		if s, err := Find(name); err == nil {
			all = append(all, s)
		}
	}
	return all
}
