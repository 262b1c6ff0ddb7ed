// Package cluster writes down a sweep for the schedulers of clusters: a job array
// for Slurm with a job that merges, and an indexed Job for Kubernetes. The program
// and the plan are all that a machine of the cluster needs.
package cluster

import (
	"bytes"
	"fmt"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"text/template"
)

// Sweep is what a cluster runs.
type Sweep struct {
	Program string // path of nngplab
	Plan    string // path of the plan file
	Store   string // folder of the scores, which all machines share
	Hash    string // of the plan
	Jobs    int    // shards, a job each
	Threads int    // of a job
}

// maxJobs bounds the jobs of a sweep.
const maxJobs = 1 << 16

func (s *Sweep) check() error {
	if s.Jobs < 1 || s.Jobs > maxJobs {
		return fmt.Errorf("%d jobs: want 1 to %d", s.Jobs, maxJobs)
	}
	if s.Threads < 1 || s.Threads > maxJobs {
		return fmt.Errorf("%d threads a job: want 1 to %d", s.Threads, maxJobs)
	}
	for _, path := range []string{s.Program, s.Plan, s.Store} {
		if !plain(path) {
			return fmt.Errorf("the path %q has characters that a script cannot hold", path)
		}
	}
	return nil
}

// plain reports whether a text has no control characters.
func plain(s string) bool {
	return s != "" && !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' || r == 0x7f || r == 0xfffd })
}

// Name returns the name of the sweep's jobs.
func (s *Sweep) Name() string { return "nngplab-" + s.Hash[:min(10, len(s.Hash))] }

// Slurm is what the scripts ask of Slurm. Its zero value leaves all to the cluster.
type Slurm struct {
	Partition string
	Time      string   // limit of a job, as sbatch takes it: 2:00:00
	Memory    string   // of a job, as sbatch takes it: 2G
	SIMD      string   // instructions that every job uses, where machines differ: NNGPLAB_SIMD
	Extra     []string // further options of sbatch, such as --account=lab
}

// Marks of the scripts.
const scriptMark = "#!/bin/bash\n# Written by 'nngplab sweep slurm'."

// ScriptMark is how the scripts begin.
func ScriptMark() string { return scriptMark }

var slurmTemplate = template.Must(template.New("").Funcs(template.FuncMap{"quote": quote, "escape": escapePercent}).Parse(scriptMark + `
#SBATCH --job-name={{.Job}}
#SBATCH --output="{{escape .Log}}"
#SBATCH --ntasks=1
#SBATCH --cpus-per-task={{.Threads}}
{{- if .Array}}
#SBATCH --array=1-{{.Jobs}}
#SBATCH --signal=B:TERM@60
{{- end}}
{{- range .Options}}
#SBATCH {{.}}
{{- end}}
{{- if .SIMD}}
export NNGPLAB_SIMD={{quote .SIMD}}
{{- end}}
{{- if .Array}}
# Submit this again after a failure: it goes on where it was.
exec {{quote .Program}} sweep run {{quote .Plan}} --store {{quote .Store}} --threads {{.Threads}} \
  --shard "${SLURM_ARRAY_TASK_ID:?is set by sbatch}/{{.Jobs}}"
{{- else}}
exec {{quote .Program}} sweep merge {{quote .Plan}} --store {{quote .Store}}
{{- end}}
`))

// Scripts returns the scripts of the job array and of the job that merges.
func (s *Sweep) Scripts(o Slurm) (array, merge []byte, err error) {
	if err := s.check(); err != nil {
		return nil, nil, err
	}
	options, err := o.options()
	if err != nil {
		return nil, nil, err
	}
	type script struct {
		*Sweep
		Job, Log string
		Threads  int
		Array    bool
		Options  []string
		SIMD     string
	}
	var a, m bytes.Buffer
	err = slurmTemplate.Execute(&a, script{s, s.Name(), filepath.Join(s.Store, "slurm-%A_%a.out"), s.Threads, true, options, o.SIMD})
	if err == nil {
		err = slurmTemplate.Execute(&m, script{s, s.Name() + "-merge", filepath.Join(s.Store, "slurm-%j-merge.out"), 1, false, options, ""})
	}
	return a.Bytes(), m.Bytes(), err
}

// What sbatch takes: an amount of memory in megabytes or the unit at its end, a
// limit of time.
var (
	anyWord     = regexp.MustCompile(`^[a-zA-Z0-9:\-_.,+]+$`)
	slurmMemory = regexp.MustCompile(`^[0-9]{1,12}[KMGT]?$`)
	slurmTime   = regexp.MustCompile(`^([0-9]{1,9}(:[0-9]{1,2}){0,2}|[0-9]{1,6}-[0-9]{1,2}(:[0-9]{1,2}){0,2}|(?i:infinite|unlimited))$`)
)

// options returns the lines of sbatch's options.
func (o *Slurm) options() ([]string, error) {
	var out []string
	for _, f := range []struct {
		name, what, value string
		form              *regexp.Regexp
		want              string
	}{
		{"partition", "partition", o.Partition, anyWord, "letters, digits and : - _ . , alone"},
		{"time", "time", o.Time, slurmTime, "minutes, hours:minutes:seconds or days-hours, such as 2:00:00 or 1-12"},
		{"mem", "memory", o.Memory, slurmMemory, "an amount such as 500M or 4G"},
	} {
		if f.value == "" {
			continue
		}
		if !f.form.MatchString(f.value) || f.form != anyWord && strings.Trim(f.value, "0:-KMGT") == "" {
			return nil, fmt.Errorf("--%s %q: want %s", f.what, f.value, f.want)
		}
		out = append(out, "--"+f.name+"="+f.value)
	}
	if o.SIMD != "" && !word(o.SIMD) {
		return nil, fmt.Errorf("instructions %q: want a name", o.SIMD)
	}
	for _, e := range o.Extra {
		if !strings.HasPrefix(e, "-") || !plain(e) {
			return nil, fmt.Errorf("%q: want an option of sbatch, such as --account=lab", e)
		}
		out = append(out, e)
	}
	return out, nil
}

// word reports whether a text is safe as a value without quotes.
func word(s string) bool { return anyWord.MatchString(s) }

// quote returns a text as one word of a shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// escapePercent keeps Slurm from reading a folder's name as a pattern; the file's own
// patterns stay.
func escapePercent(path string) string {
	dir, file := filepath.Split(path)
	return strings.ReplaceAll(strings.ReplaceAll(dir, "%", "%%"), `"`, `\"`) + file
}

// JobID reads what sbatch --parsable prints: the job's number, and perhaps the
// cluster's name.
func JobID(out string) (string, error) {
	id, _, _ := strings.Cut(strings.TrimSpace(out), ";")
	if _, err := strconv.ParseUint(id, 10, 64); err != nil {
		return "", fmt.Errorf("sbatch printed %q, which is no job's number", out)
	}
	return id, nil
}
