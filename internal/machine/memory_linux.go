package machine

import (
	"io/fs"
	"os"
	"path"
	"slices"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// noLimit is below what stands for no limit at all: in version 1 of control groups
// the largest number of pages, among limits of processes the largest number.
const noLimit = 1 << 60

func readMemory() Memory {
	var as, data unix.Rlimit
	limits := processLimits{noLimit, noLimit}
	if unix.Getrlimit(unix.RLIMIT_AS, &as) == nil {
		limits.space = min(as.Cur, noLimit)
	}
	if unix.Getrlimit(unix.RLIMIT_DATA, &data) == nil {
		limits.data = min(data.Cur, noLimit)
	}
	return system{os.DirFS("/")}.memory(limits)
}

// processLimits are those of address space and of data, in bytes.
type processLimits struct{ space, data uint64 }

// system is what the kernel shows of itself as files.
type system struct{ root fs.FS }

// memory returns the bound that leaves least.
func (s system) memory(limits processLimits) Memory {
	m := s.machine()
	bound := func(limit, used int64, whose string) {
		left := min(max(limit-used, 0), limit)
		if m.Total == 0 || left < m.Free || left == m.Free && limit < m.Total {
			m = Memory{left, limit, whose}
		}
	}
	for _, g := range s.groups() {
		for _, f := range [][2]string{{"memory.max", "memory.current"}, {"memory.high", "memory.current"}, {"memory.limit_in_bytes", "memory.usage_in_bytes"}} {
			if limit, ok := s.number(path.Join(g, f[0])); ok && limit < noLimit {
				used, _ := s.number(path.Join(g, f[1]))
				bound(limit, max(used-s.reclaimable(g), 0), Group)
			}
		}
	}
	space, data := s.used()
	if limits.space < noLimit {
		bound(int64(limits.space), space, Process)
	}
	if limits.data < noLimit {
		bound(int64(limits.data), data, Process)
	}
	return m
}

// machine reads /proc/meminfo.
func (s system) machine() Memory {
	m := Memory{Whose: Machine}
	for _, line := range s.lines("proc/meminfo") {
		f := strings.Fields(line)
		if len(f) < 2 {
			continue
		}
		kb, err := strconv.ParseInt(f[1], 10, 64)
		if err != nil {
			continue
		}
		switch f[0] {
		case "MemTotal:":
			m.Total = kb << 10
		case "MemAvailable:":
			m.Free = kb << 10
		}
	}
	return m
}

// used returns the bytes of address space and of data that the process has.
func (s system) used() (space, data int64) {
	lines := s.lines("proc/self/statm")
	if len(lines) == 0 {
		return 0, 0
	}
	f := strings.Fields(lines[0])
	pages := func(i int) int64 {
		if i >= len(f) {
			return 0
		}
		n, _ := strconv.ParseInt(f[i], 10, 64)
		return n * int64(os.Getpagesize())
	}
	return pages(0), pages(5)
}

// groups lists the folders of the control groups that this process is in and that
// may bound its memory, up to the root or to what is seen of it.
func (s system) groups() []string {
	var dirs []string
	for _, line := range s.lines("proc/self/cgroup") {
		f := strings.SplitN(line, ":", 3)
		if len(f) != 3 {
			continue
		}
		two := f[1] == ""
		if !two && !hasWord(f[1], "memory") {
			continue
		}
		for _, m := range s.mounts(two) {
			for rel := m.below(f[2]); ; rel = path.Dir(rel) {
				dirs = append(dirs, path.Join(m.at, rel))
				if rel == "/" {
					break
				}
			}
		}
	}
	return dirs
}

// mount is where a hierarchy of control groups is seen, from root on.
type mount struct{ at, root string }

// below returns where a group is below the mount; what lies outside is seen as the
// mount's root, as in a container.
func (m mount) below(group string) string {
	rest, ok := strings.CutPrefix(group, strings.TrimSuffix(m.root, "/"))
	if !ok || rest != "" && rest[0] != '/' || strings.HasPrefix(group, "/..") {
		return "/"
	}
	return path.Clean("/" + rest)
}

// mounts lists the mounts of version 2, or those of version 1 for memory.
func (s system) mounts(two bool) []mount {
	var out []mount
	for _, line := range s.lines("proc/self/mountinfo") {
		what, how, ok := strings.Cut(line, " - ")
		f, g := strings.Fields(what), strings.Fields(how)
		if !ok || len(f) < 5 || len(g) < 3 {
			continue
		}
		if two && g[0] == "cgroup2" || !two && g[0] == "cgroup" && hasWord(g[2], "memory") {
			out = append(out, mount{strings.TrimPrefix(unescaped(f[4]), "/"), unescaped(f[3])})
		}
	}
	return out
}

func hasWord(list, word string) bool { return slices.Contains(strings.Split(list, ","), word) }

// unescaped replaces the codes of spaces and the like in a name of mountinfo.
func unescaped(name string) string {
	return strings.NewReplacer(`\040`, " ", `\011`, "\t", `\012`, "\n", `\134`, `\`).Replace(name)
}

// reclaimable returns the bytes of files in memory that a control group counts
// as its own and gives up when they are needed; in version 1 those of the groups
// below it, too.
func (s system) reclaimable(dir string) int64 {
	var own int64
	for _, line := range s.lines(path.Join(dir, "memory.stat")) {
		k, v, _ := strings.Cut(line, " ")
		n, _ := strconv.ParseInt(v, 10, 64)
		switch k {
		case "total_inactive_file":
			return n
		case "inactive_file":
			own = n
		}
	}
	return own
}

func (s system) number(file string) (int64, bool) {
	b, err := fs.ReadFile(s.root, file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}

func (s system) lines(file string) []string {
	b, err := fs.ReadFile(s.root, file)
	if err != nil {
		return nil
	}
	return strings.Split(strings.TrimSpace(string(b)), "\n")
}
