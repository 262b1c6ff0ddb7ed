package machine

import (
	"os"
	"path"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

func memory() (free, total int64) {
	free, total = fromProc()
	least := func(limit, used int64) {
		if limit <= 0 {
			return
		}
		if total == 0 || limit < total {
			total = limit
		}
		if left := max(limit-used, 0); free == 0 || left < free {
			free = left
		}
	}
	for _, dir := range groups() {
		for _, f := range [][2]string{{"memory.max", "memory.current"}, {"memory.limit_in_bytes", "memory.usage_in_bytes"}} {
			limit, ok := number(path.Join(dir, f[0]))
			if !ok || limit >= 1<<60 { // "no limit" of version 1
				continue
			}
			used, _ := number(path.Join(dir, f[1]))
			least(limit, used-reclaimable(dir))
		}
	}
	var r unix.Rlimit
	if unix.Getrlimit(unix.RLIMIT_AS, &r) == nil && r.Cur < 1<<60 {
		least(int64(r.Cur), 0)
	}
	return free, total
}

// fromProc reads /proc/meminfo.
func fromProc() (free, total int64) {
	b, err := os.ReadFile("/proc/meminfo")
	if err != nil {
		return 0, 0
	}
	for _, line := range strings.Split(string(b), "\n") {
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
			total = kb << 10
		case "MemAvailable:":
			free = kb << 10
		}
	}
	return free, total
}

// groups lists the folders of the control groups that this process is in, up to
// the root.
func groups() []string {
	b, err := os.ReadFile("/proc/self/cgroup")
	if err != nil {
		return nil
	}
	var dirs []string
	for _, line := range strings.Split(strings.TrimSpace(string(b)), "\n") {
		f := strings.SplitN(line, ":", 3)
		if len(f) != 3 {
			continue
		}
		root := "/sys/fs/cgroup"
		switch f[1] {
		case "":
		case "memory":
			root += "/memory"
		default:
			continue
		}
		for rel := path.Clean("/" + f[2]); ; rel = path.Dir(rel) {
			dirs = append(dirs, path.Join(root, rel))
			if rel == "/" {
				break
			}
		}
	}
	return dirs
}

// reclaimable returns the bytes of files in memory that a control group counts
// as its own and gives up when they are needed.
func reclaimable(dir string) int64 {
	b, err := os.ReadFile(path.Join(dir, "memory.stat"))
	if err != nil {
		return 0
	}
	for _, line := range strings.Split(string(b), "\n") {
		if k, v, ok := strings.Cut(line, " "); ok && (k == "inactive_file" || k == "total_inactive_file") {
			n, _ := strconv.ParseInt(v, 10, 64)
			return n
		}
	}
	return 0
}

func number(file string) (int64, bool) {
	b, err := os.ReadFile(file)
	if err != nil {
		return 0, false
	}
	n, err := strconv.ParseInt(strings.TrimSpace(string(b)), 10, 64)
	return n, err == nil
}
