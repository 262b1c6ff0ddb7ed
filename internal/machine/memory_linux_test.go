package machine

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"testing/fstest"
)

const mb = 1 << 20

// kernel returns a machine with 8,000 MB of which 6,000 are available, and what else
// its kernel shows.
func kernel(files map[string]string) system {
	root := fstest.MapFS{"proc/meminfo": {Data: []byte("MemTotal:       8192000 kB\nMemFree:  100 kB\nMemAvailable:   6144000 kB\n")}}
	for name, text := range files {
		root[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return system{root}
}

// Mounts as the systems have them: version 2; version 1; both, with the memory in
// version 1; a container that sees its own group as the root of the mount.
const (
	mount2      = "30 23 0:26 / /sys/fs/cgroup rw,nosuid shared:9 - cgroup2 cgroup2 rw,nsdelegate\n"
	mount1      = "31 23 0:28 / /sys/fs/cgroup rw - tmpfs tmpfs rw,mode=755\n32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory\n"
	mountHybrid = mount1 + "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n"
	mountInside = "35 31 0:32 /docker/ab12 /sys/fs/cgroup/memory ro - cgroup cgroup rw,memory\n"
	mountSpaces = "30 23 0:26 / /mnt/the\\040groups rw - cgroup2 cgroup2 rw\n"
)

// TestGroups: a limit of the process's control group or of one above it counts where
// it leaves less than the machine does, in both versions and wherever they are mounted.
func TestGroups(t *testing.T) {
	n := func(megabytes int) string { return fmt.Sprintf("%d\n", megabytes*mb) }
	for name, c := range map[string]struct {
		files       map[string]string
		free, total int64 // MB
		whose       string
	}{
		"no groups": {nil, 6000, 8000, Machine},
		"version 2": {map[string]string{
			"proc/self/cgroup": "0::/user.slice/job\n", "proc/self/mountinfo": mount2,
			"sys/fs/cgroup/user.slice/job/memory.max": n(512), "sys/fs/cgroup/user.slice/job/memory.current": n(100),
		}, 412, 512, Group},
		"version 2, without a limit": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": "max\n", "sys/fs/cgroup/job/memory.high": "max\n", "sys/fs/cgroup/job/memory.current": n(100),
		}, 6000, 8000, Machine},
		"version 2, the limit above": {map[string]string{
			"proc/self/cgroup": "0::/pod/container\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/pod/container/memory.max": "max\n",
			"sys/fs/cgroup/pod/memory.max": n(1000), "sys/fs/cgroup/pod/memory.current": n(900),
		}, 100, 1000, Group},
		"version 2, the lower of two": {map[string]string{
			"proc/self/cgroup": "0::/pod/container\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/pod/container/memory.max": n(2000),
			"sys/fs/cgroup/pod/container/memory.current": n(10), "sys/fs/cgroup/pod/memory.max": n(4000), "sys/fs/cgroup/pod/memory.current": n(3000),
		}, 1000, 4000, Group},
		"version 2, where reclaiming begins": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(2000), "sys/fs/cgroup/job/memory.high": n(300), "sys/fs/cgroup/job/memory.current": n(100),
		}, 200, 300, Group},
		"version 2, full": {map[string]string{
			"proc/self/cgroup": "0::/a/b\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/a/b/memory.max": n(500), "sys/fs/cgroup/a/b/memory.current": n(501),
			"sys/fs/cgroup/a/memory.max": n(900), "sys/fs/cgroup/a/memory.current": n(600),
		}, 0, 500, Group},
		"version 2, files that it gives up": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(500), "sys/fs/cgroup/job/memory.current": n(450),
			"sys/fs/cgroup/job/memory.stat": "anon 5\ninactive_file " + n(400) + "active_file 7\n",
		}, 450, 500, Group},
		"version 2, more files than it uses": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(500), "sys/fs/cgroup/job/memory.current": n(100),
			"sys/fs/cgroup/job/memory.stat": "inactive_file " + n(400),
		}, 500, 500, Group},
		"version 2, in a container": {map[string]string{
			"proc/self/cgroup": "0::/\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/memory.max": n(256), "sys/fs/cgroup/memory.current": n(56),
		}, 200, 256, Group},
		"version 2, outside of what is seen": {map[string]string{
			"proc/self/cgroup": "0::/../other\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/memory.max": n(256), "sys/fs/cgroup/memory.current": n(56),
			"sys/fs/cgroup/other/memory.max": n(1),
		}, 200, 256, Group},
		"version 2, elsewhere": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mountSpaces, "mnt/the groups/job/memory.max": n(128),
		}, 128, 128, Group},
		"version 1": {map[string]string{
			"proc/self/cgroup": "5:cpu:/x\n4:memory:/job\n", "proc/self/mountinfo": mount1,
			"sys/fs/cgroup/memory/memory.limit_in_bytes": "9223372036854771712\n", "sys/fs/cgroup/memory/job/memory.limit_in_bytes": n(700),
			"sys/fs/cgroup/memory/job/memory.usage_in_bytes": n(500), "sys/fs/cgroup/memory/job/memory.stat": "inactive_file 1\ntotal_inactive_file " + n(200),
		}, 400, 700, Group},
		"version 1, without a limit": {map[string]string{
			"proc/self/cgroup": "4:memory:/job\n", "proc/self/mountinfo": mount1, "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
		}, 6000, 8000, Machine},
		"version 1, two controllers": {map[string]string{
			"proc/self/cgroup": "4:cpu,memory:/job\n", "proc/self/mountinfo": strings.ReplaceAll(mount1, "rw,memory\n", "rw,cpu,memory\n"), "sys/fs/cgroup/memory/job/memory.limit_in_bytes": n(64),
		}, 64, 64, Group},
		"version 1, in a container": {map[string]string{
			"proc/self/cgroup": "4:memory:/docker/ab12\n", "proc/self/mountinfo": mountInside, "sys/fs/cgroup/memory/memory.limit_in_bytes": n(300), "sys/fs/cgroup/memory/memory.usage_in_bytes": n(100),
		}, 200, 300, Group},
		"version 1, in a container within": {map[string]string{
			"proc/self/cgroup": "4:memory:/docker/ab12/job\n", "proc/self/mountinfo": mountInside, "sys/fs/cgroup/memory/job/memory.limit_in_bytes": n(30), "sys/fs/cgroup/memory/memory.limit_in_bytes": n(300),
		}, 30, 30, Group},
		"version 1, another of a like name": {map[string]string{
			"proc/self/cgroup": "4:memory:/docker/ab123\n", "proc/self/mountinfo": mountInside, "sys/fs/cgroup/memory/memory.limit_in_bytes": n(300),
		}, 300, 300, Group},
		"both": {map[string]string{
			"proc/self/cgroup": "4:memory:/job\n0::/\n", "proc/self/mountinfo": mountHybrid, "sys/fs/cgroup/memory/job/memory.limit_in_bytes": n(90),
		}, 90, 90, Group},
		"more than the machine has": {map[string]string{
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(16000),
		}, 6000, 8000, Machine},
		"a machine that is fuller than its group": {map[string]string{
			"proc/meminfo":     "MemTotal: 8192000 kB\nMemAvailable: 51200 kB\n",
			"proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(512), "sys/fs/cgroup/job/memory.current": n(100),
		}, 50, 8000, Machine},
		"files that say nothing": {map[string]string{
			"proc/self/cgroup": "0::/job\nx\n\n", "proc/self/mountinfo": "x\n - \n" + mount2, "sys/fs/cgroup/job/memory.max": "many\n", "sys/fs/cgroup/memory.max": "",
		}, 6000, 8000, Machine},
		"only a group": {map[string]string{
			"proc/meminfo": "", "proc/self/cgroup": "0::/job\n", "proc/self/mountinfo": mount2, "sys/fs/cgroup/job/memory.max": n(512),
		}, 512, 512, Group},
		"nothing": {map[string]string{"proc/meminfo": ""}, 0, 0, Machine},
	} {
		if got, want := kernel(c.files).memory(processLimits{noLimit, noLimit}), (Memory{c.free * mb, c.total * mb, c.whose}); got != want {
			t.Errorf("%s: %v, want %v", name, got, want)
		}
	}
}

// TestProcessLimits: what the process has counts to its limits of address space and of
// data.
func TestProcessLimits(t *testing.T) {
	pages := int64(os.Getpagesize())
	s := kernel(map[string]string{"proc/self/statm": fmt.Sprintf("%d 900 80 70 0 %d 0\n", 1000*mb/pages, 200*mb/pages)})
	for name, c := range map[string]struct {
		space, data uint64 // MB
		want        Memory
	}{
		"address space": {3000, noLimit / mb, Memory{2000 * mb, 3000 * mb, Process}},
		"data":          {noLimit / mb, 1000, Memory{800 * mb, 1000 * mb, Process}},
		"both":          {1500, 500, Memory{300 * mb, 500 * mb, Process}},
		"more than all": {90000, 90000, Memory{6000 * mb, 8000 * mb, Machine}},
		"less than has": {900, noLimit / mb, Memory{0, 900 * mb, Process}},
	} {
		if got := s.memory(processLimits{c.space * mb, c.data * mb}); got != c.want {
			t.Errorf("%s: %v, want %v", name, got, c.want)
		}
	}
}
