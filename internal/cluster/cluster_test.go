package cluster

import (
	"os/exec"
	"strings"
	"testing"
)

func sweepOf(plan string) Sweep {
	return Sweep{Program: "/opt/nngplab", Plan: plan, Store: "/data/100% \"mine\"", Hash: "0123456789abcdef", Jobs: 4, Threads: 2}
}

// TestScripts: what a shell makes of the scripts is the command, whatever the paths
// hold.
func TestScripts(t *testing.T) {
	s := sweepOf("/data/my plan's $HOME `x`.json")
	s.Program = "printf '%s\\n'" // a word of its own: no such program
	array, merge, err := s.Scripts(Slurm{Partition: "short", Time: "2:00:00", Memory: "4G", SIMD: "avx2", Extra: []string{"--account=lab"}})
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"#SBATCH --array=1-4\n", "#SBATCH --cpus-per-task=2\n", "#SBATCH --partition=short\n", "#SBATCH --time=2:00:00\n", "#SBATCH --mem=4G\n", "#SBATCH --account=lab\n", "#SBATCH --signal=B:TERM@60\n", `#SBATCH --output="/data/100%% \"mine\"/slurm-%A_%a.out"`, "export NNGPLAB_SIMD='avx2'"} {
		if !strings.Contains(string(array), want) {
			t.Errorf("want %q in %s", want, array)
		}
	}
	if strings.Contains(string(merge), "--array") || !strings.Contains(string(merge), "sweep merge") {
		t.Errorf("the script that merges: %s", merge)
	}
	bash, err := exec.LookPath("bash")
	if err != nil {
		t.Skip(err)
	}
	script := strings.Replace(string(array), "exec 'printf '\\''%s\\n'\\'''", `printf '%s\n'`, 1)
	if script == string(array) {
		t.Fatalf("the program is not quoted: %s", array)
	}
	cmd := exec.Command(bash, "-c", script)
	cmd.Env = []string{"SLURM_ARRAY_TASK_ID=3"}
	out, err := cmd.Output()
	want := strings.Join([]string{"sweep", "run", s.Plan, "--store", s.Store, "--threads", "2", "--shard", "3/4"}, "\n") + "\n"
	if err != nil || string(out) != want {
		t.Errorf("%v: it runs %q, want %q", err, out, want)
	}
}

// TestRefuses: what would not be a script or a manifest.
func TestRefuses(t *testing.T) {
	good := sweepOf("/p.json")
	for name, change := range map[string]func(s *Sweep, o *Slurm){
		"no jobs":        func(s *Sweep, _ *Slurm) { s.Jobs = 0 },
		"no threads":     func(s *Sweep, _ *Slurm) { s.Threads = 0 },
		"a line feed":    func(s *Sweep, _ *Slurm) { s.Plan = "a\nb" },
		"two options":    func(_ *Sweep, o *Slurm) { o.Partition = "a --wrap=b" },
		"a time":         func(_ *Sweep, o *Slurm) { o.Time = "1:00\n#SBATCH -x" },
		"no option":      func(_ *Sweep, o *Slurm) { o.Extra = []string{"account"} },
		"two lines":      func(_ *Sweep, o *Slurm) { o.Extra = []string{"--a\nrm"} },
		"instructions":   func(_ *Sweep, o *Slurm) { o.SIMD = "a b" },
		"a memory of it": func(_ *Sweep, o *Slurm) { o.Memory = "4 G" },
		"memory below 0": func(_ *Sweep, o *Slurm) { o.Memory = "-1" },
		"no memory":      func(_ *Sweep, o *Slurm) { o.Memory = "0G" },
		"memory NaN":     func(_ *Sweep, o *Slurm) { o.Memory = "NaN" },
		"much memory":    func(_ *Sweep, o *Slurm) { o.Memory = "9999999999999T" },
		"time below 0":   func(_ *Sweep, o *Slurm) { o.Time = "-1:00:00" },
		"no time":        func(_ *Sweep, o *Slurm) { o.Time = "0:00:00" },
		"time in words":  func(_ *Sweep, o *Slurm) { o.Time = "2h" },
		"much time":      func(_ *Sweep, o *Slurm) { o.Time = "9999999999" },
		"many jobs":      func(s *Sweep, _ *Slurm) { s.Jobs = maxJobs + 1 },
		"many threads":   func(s *Sweep, _ *Slurm) { s.Threads = maxJobs + 1 },
	} {
		s, o := good, Slurm{}
		change(&s, &o)
		if _, _, err := s.Scripts(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
	for name, o := range map[string]Kubernetes{
		"no image":     {Claim: "c"},
		"no claim":     {Image: "i"},
		"a bad claim":  {Image: "i", Claim: "A b"},
		"a bad space":  {Image: "i", Claim: "c", Namespace: "-x"},
		"a bad memory": {Image: "i", Claim: "c", Memory: "2 Gi"},
		"memory < 0":   {Image: "i", Claim: "c", Memory: "-1Gi"},
		"no memory":    {Image: "i", Claim: "c", Memory: "0.0Gi"},
		"memory NaN":   {Image: "i", Claim: "c", Memory: "NaN"},
		"a long plan":  {Image: "i", Claim: "c", Contents: make([]byte, maxConfig+1)},
	} {
		if _, err := good.Manifest(o); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

// TestJobID: what sbatch --parsable prints.
func TestJobID(t *testing.T) {
	for out, want := range map[string]string{"12\n": "12", "12;cluster\n": "12", "": "", "Submitted batch job 12": ""} {
		if got, err := JobID(out); got != want || (err == nil) != (want != "") {
			t.Errorf("%q: %q, %v", out, got, err)
		}
	}
}

// TestAmounts: what sbatch and Kubernetes take is taken.
func TestAmounts(t *testing.T) {
	s := sweepOf("/p.json")
	for _, memory := range []string{"500", "4000M", "4G", "1T"} {
		for _, limit := range []string{"90", "90:30", "2:00:00", "1-12", "1-12:30", "1-12:30:00", "infinite", "UNLIMITED"} {
			array, _, err := s.Scripts(Slurm{Memory: memory, Time: limit})
			if err != nil || !strings.Contains(string(array), "--mem="+memory+"\n") || !strings.Contains(string(array), "--time="+limit+"\n") {
				t.Errorf("%s, %s: %v\n%s", memory, limit, err, array)
			}
		}
	}
	for _, memory := range []string{"2Gi", "0.5Gi", "500M", "2000000000", "1Ei"} {
		if m, err := s.Manifest(Kubernetes{Image: "i", Claim: "c", Memory: memory}); err != nil || !strings.Contains(string(m), memory) {
			t.Errorf("%s: %v\n%s", memory, err, m)
		}
	}
}
