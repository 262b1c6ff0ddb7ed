package gokernel

import (
	"context"
	"encoding/json"
	"fmt"
	"sort"
	"strings"
)

// mergeWith adds the packages asked for to the remembered ones; a path that
// is given again takes the new version. Each needs a version: a build must
// not depend on the day.
func mergeWith(remembered, asked []string) ([]string, error) {
	versions := map[string]string{}
	for _, list := range [][]string{remembered, asked} {
		for _, w := range list {
			path, version, ok := strings.Cut(w, "@")
			if !ok || path == "" || version == "" || strings.ContainsAny(w, " \t") {
				return nil, &InputError{fmt.Errorf("--with %q: want path@version, such as github.com/x/y@v1.2.3", w)}
			}
			if first, _, _ := strings.Cut(path, "/"); !strings.Contains(first, ".") {
				return nil, &InputError{fmt.Errorf("--with %q: %s is no path of a published module", w, path)}
			}
			versions[path] = version
		}
	}
	out := make([]string, 0, len(versions))
	for p, v := range versions {
		out = append(out, p+"@"+v)
	}
	sort.Strings(out)
	return out, nil
}

// withPackages adds the modules of with to the kernel's module and lists the
// packages to link: of a module all that can be imported, of a package that
// package.
func withPackages(ctx context.Context, g *goCommand, dir string, with []string) ([]string, error) {
	if len(with) == 0 {
		return nil, nil
	}
	if _, err := g.output(ctx, dir, append([]string{"get"}, with...)...); err != nil {
		return nil, &InputError{fmt.Errorf("--with: %w", err)}
	}
	var paths []string
	for _, w := range with {
		path, _, _ := strings.Cut(w, "@")
		pattern := path
		if _, err := g.output(ctx, dir, "list", "-m", path); err == nil {
			pattern = path + "/..." // a module: all its packages
		}
		out, err := g.output(ctx, dir, "list", "-e", "-json=ImportPath,Name,Error,Incomplete", pattern)
		if err != nil {
			return nil, &InputError{fmt.Errorf("--with %s: %w", w, err)}
		}
		found, err := importable(out, pattern == path)
		if err != nil {
			return nil, &InputError{fmt.Errorf("--with %s: %w", w, err)}
		}
		if len(found) == 0 {
			return nil, &InputError{fmt.Errorf("--with %s: no package there that can be imported", w)}
		}
		paths = append(paths, found...)
	}
	return paths, nil
}

// changedPins lists the project's pinned versions that the kernel's module had
// to depart from, for the sake of what was added to it.
func changedPins(root, dir string) []string {
	pinned, err := readPins(root)
	if err != nil {
		return nil
	}
	now, err := readPins(dir)
	if err != nil {
		return nil
	}
	var out []string
	for _, r := range pinned.mod.Require {
		if v, err := now.version(r.Mod.Path); err == nil && v != r.Mod.Version {
			out = append(out, fmt.Sprintf("%s from %s to %s", r.Mod.Path, r.Mod.Version, v))
		}
	}
	return out
}

// importable reads go list's JSON and returns the libraries among the
// packages. With strict, a package that does not build is an error.
func importable(list string, strict bool) ([]string, error) {
	var out []string
	dec := json.NewDecoder(strings.NewReader(list))
	for dec.More() {
		var p struct {
			ImportPath, Name string
			Incomplete       bool
			Error            *struct{ Err string }
		}
		if err := dec.Decode(&p); err != nil {
			return nil, err
		}
		if p.Error != nil && strict {
			return nil, fmt.Errorf("%s", p.Error.Err)
		}
		if p.Error != nil || p.Incomplete || p.Name == "" || p.Name == "main" || !libraryPath(p.ImportPath) {
			continue
		}
		out = append(out, p.ImportPath)
	}
	return out, nil
}

// libraryPath reports whether the elements of path allow its import.
func libraryPath(path string) bool {
	for _, e := range strings.Split(path, "/") {
		if e == "internal" || e == "vendor" || e == "testdata" {
			return false
		}
	}
	return true
}
