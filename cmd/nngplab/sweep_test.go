package main

import (
	"bytes"
	"encoding/csv"
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	"go.yaml.in/yaml/v3"
)

// call runs a command line in this process.
func call(args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(args, &out, &errs)
	return code, out.String(), errs.String()
}

// must is call of a command line that has to succeed.
func must(t *testing.T, args ...string) string {
	t.Helper()
	code, out, errs := call(args...)
	if code != 0 {
		t.Fatalf("%v: exit %d: %s", args, code, errs)
	}
	return out
}

// quickNoise writes a list of measurements that takes few milliseconds per cell.
func quickNoise(t *testing.T) string {
	t.Helper()
	return placed(t, "quick.json", `[{"name": "noise", "noise": {"images": 6, "members": 1, "sensitivity_images": 4, "sensitivity_members": 1, "norm_batch": 4}}]`)
}

func placed(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
	return path
}

// quickPlan writes a plan and returns its path.
func quickPlan(t *testing.T, args ...string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "plan.json")
	must(t, append([]string{"sweep", "plan", "--measurements", quickNoise(t), "--out", path}, args...)...)
	return path
}

func contentsOf(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// TestSweep: plan, run in shards, status, merge, export; two shards merged are one
// run, and the table holds the plan.
func TestSweep(t *testing.T) {
	plan := quickPlan(t, "--sample", "12", "--seeds", "0,3")
	one, two := filepath.Join(t.TempDir(), "one"), strings.TrimSuffix(plan, ".json")+".store"
	must(t, "sweep", "run", plan, "--store", one)
	must(t, "sweep", "run", plan, "--shard", "2/2")
	if code, _, errs := call("sweep", "merge", plan); code != exitFailed || !strings.Contains(errs, "items are missing") {
		t.Errorf("half a sweep was merged: exit %d, %s", code, errs)
	}
	var st struct {
		Done, Failed, Missing int
		Shards                []struct{ Shard, State string }
	}
	if err := json.Unmarshal([]byte(must(t, "sweep", "status", plan, "--json")), &st); err != nil {
		t.Fatal(err)
	}
	if st.Done+st.Failed+st.Missing != 12 || st.Missing < 3 || len(st.Shards) != 2 || st.Shards[0].State != "waiting" || st.Shards[1].State != "complete" {
		t.Errorf("status %+v", st)
	}
	must(t, "sweep", "run", plan, "--shard", "0/2", "--from-zero")
	must(t, "sweep", "merge", plan)
	if contentsOf(t, filepath.Join(two, "merged.jsonl")) != contentsOf(t, filepath.Join(one, "shard-1-of-1.jsonl")) {
		t.Error("two shards merged are not one run")
	}
	rows, err := csv.NewReader(strings.NewReader(must(t, "sweep", "export", plan, "--columns", "hash,parameters,noise_entropy,noise_entropy_seed3"))).ReadAll()
	if err != nil || len(rows) != 13 || len(rows[1]) != 4 {
		t.Errorf("%d rows, %v", len(rows), err)
	}
	out := filepath.Join(t.TempDir(), "t.parquet")
	must(t, "sweep", "export", plan, "--out", out)
	must(t, "sweep", "export", plan, "--out", out) // over its own
	x, err := campaign.LoadTable(out)
	if err != nil {
		t.Fatal(err)
	}
	if x.Frame.Nrow() != 12 || len(x.Plan.Hash) != 64 || !strings.Contains(contentsOf(t, plan), x.Plan.Hash) {
		t.Errorf("%d rows, plan %q", x.Frame.Nrow(), x.Plan.Hash)
	}
}

// TestSweepVerify: rows of an exported table that are measured anew agree, and a
// value that was changed, or is missing, does not.
func TestSweepVerify(t *testing.T) {
	plan := quickPlan(t, "--sample", "12", "--seeds", "0,3")
	must(t, "sweep", "run", plan)
	good := filepath.Join(t.TempDir(), "good.parquet")
	must(t, "sweep", "export", plan, "--out", good, "--float32", "--columns", "hash,parameters,noise_entropy,noise_sensitivity_seed3")
	out := must(t, "sweep", "verify", good, "--rows", "5", "--seed", "2")
	if !strings.Contains(out, "5 of 12 rows") || !strings.Contains(out, "noise_sensitivity_seed3") {
		t.Error(out)
	}
	var all campaign.Verified
	if err := json.Unmarshal([]byte(must(t, "sweep", "verify", good, "--rows", "0", "--tolerance", "6e-8", "--json")), &all); err != nil || all.Rows != 12 || !all.Agree() {
		t.Errorf("%+v, %v", all, err)
	}
	x, err := campaign.LoadTable(good)
	if err != nil {
		t.Fatal(err)
	}
	for what, v := range map[string]float64{"changed": 1.5, "missing": math.NaN()} {
		col := x.Frame.Col("noise_entropy")
		col.Elem(7).Set(v)
		var b bytes.Buffer
		if err := x.Plan.WriteTable(&b, x.Frame.Mutate(col), true); err != nil {
			t.Fatal(err)
		}
		bad := placed(t, what+".parquet", b.String())
		if code, out, errs := call("sweep", "verify", bad, "--rows", "0"); code != exitFailed || !strings.Contains(errs, "noise_entropy") {
			t.Errorf("%s: exit %d, %s%s", what, code, out, errs)
		}
	}
	b := []byte(contentsOf(t, good))
	b[len(b)/2] ^= 1
	bad := placed(t, "damaged.parquet", string(b))
	if code, _, errs := call("sweep", "verify", bad); code != exitUsage || !strings.Contains(errs, "damaged.parquet") {
		t.Errorf("damaged: exit %d, %s", code, errs)
	}
}

// TestSweepBudget: what plan --budget writes, run takes; the whole space where N is
// its size.
func TestSweepBudget(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	out := must(t, "sweep", "plan", "--cells", "6", "--budget", "1h", "--out", path)
	if !strings.Contains(out, "seeds     0, 1, 2, 3, 4") {
		t.Errorf("an hour does not buy five seeds of six cells: %s", out)
	}
	must(t, "sweep", "run", path)
	must(t, "sweep", "merge", path)
	all := filepath.Join(t.TempDir(), "all.json")
	if out := must(t, "sweep", "plan", "--cells", "423624", "--budget", "1s", "--out", all); !strings.Contains(out, "more than the budget") {
		t.Errorf("a second buys the space: %s", out)
	}
	if text := contentsOf(t, all); !strings.Contains(text, `"choice": "all"`) || len(text) > 4000 {
		t.Errorf("the plan of the space has %d bytes", len(text))
	}
}

// TestSweepLists: bad rows are named with line and reason and no plan is written;
// what was scored stays.
func TestSweepLists(t *testing.T) {
	list := placed(t, "cells.csv", strings.Join([]string{
		"hash,matrix,ops",
		"28cfc7874f6d200472e1a9dcd8650aa0,,",
		`,0110/0001/0001/0000,"input,conv3x3-bn-relu,conv1x1-bn-relu,output"`,
		`,0110/0001/0001/0000,"input,conv1x1-bn-relu,conv3x3-bn-relu,output"`,
	}, "\n")+"\n")
	dir := t.TempDir()
	plan := filepath.Join(dir, "plan.json")
	quick := quickNoise(t)
	code, _, errs := call("sweep", "plan", "--measurements", quick, "--list", list, "--out", plan)
	if code != 0 || !strings.Contains(errs, "lines 3, 4 are one cell") {
		t.Fatalf("exit %d: %s", code, errs)
	}
	must(t, "sweep", "run", plan)
	store := contentsOf(t, filepath.Join(dir, "plan.store", "shard-1-of-1.jsonl"))
	if strings.Count(store, "\n") != 3 {
		t.Errorf("want a head and two cells: %s", store)
	}
	bad := placed(t, "bad.txt", strings.Join([]string{
		"01/00 input,output",
		"00000000000000000000000000000000",
		"|avg_pool_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
		"0110/0001/0001/0000 input,conv3x3-bn-relu",
	}, "\n")+"\n")
	other := filepath.Join(dir, "other.json")
	code, _, errs = call("sweep", "plan", "--measurements", quick, "--list", bad, "--out", other)
	if code != exitUsage {
		t.Errorf("exit %d", code)
	}
	for _, want := range []string{"line 2: nasbench: hash 00000000000000000000000000000000: no cell", "line 3:", "of nasbench201, not of nasbench101", "line 4:", "no plan was written"} {
		if !strings.Contains(errs, want) {
			t.Errorf("want %q in: %s", want, errs)
		}
	}
	if _, err := os.Stat(other); err == nil {
		t.Error("a plan was written")
	}
	if code, _, errs := call("sweep", "plan", "--measurements", quick, "--list", bad, "--skip-bad", "--out", plan); code != exitUsage || !strings.Contains(errs, "plan.store") {
		t.Errorf("the plan of scores was overwritten: exit %d, %s", code, errs)
	}
	must(t, "sweep", "plan", "--measurements", quick, "--list", bad, "--skip-bad", "--out", other)
	if contentsOf(t, filepath.Join(dir, "plan.store", "shard-1-of-1.jsonl")) != store {
		t.Error("what was scored has changed")
	}
}

// TestSweepFailures: networks that cannot be measured, here those of NAS-Bench-201
// without a path, are kept with their reason, said by status, and tried again only on
// demand.
func TestSweepFailures(t *testing.T) {
	list := placed(t, "cells.txt", strings.Join([]string{
		"|nor_conv_3x3~0|+|nor_conv_1x1~0|skip_connect~1|+|nor_conv_1x1~0|skip_connect~1|skip_connect~2|",
		"|none~0|+|none~0|none~1|+|none~0|none~1|none~2|",
	}, "\n")+"\n")
	plan := quickPlan(t, "--space", "nasbench201", "--list", list)
	if out := must(t, "sweep", "run", plan); !strings.Contains(out, "1 of 2 done, 1 failed; 2 computed now") {
		t.Error(out)
	}
	if out := must(t, "sweep", "status", plan); !strings.Contains(out, "1 architecture failed, noise:") || !strings.Contains(out, "the same") {
		t.Error(out)
	}
	if out := must(t, "sweep", "run", plan); !strings.Contains(out, "0 computed now") {
		t.Error(out)
	}
	if out := must(t, "sweep", "run", plan, "--retry-failed"); !strings.Contains(out, "1 computed now") {
		t.Error(out)
	}
	if out := must(t, "sweep", "export", plan); strings.Count(out, "\n") != 3 || !strings.Contains(out, "noise, seed 0: ") {
		t.Error(out)
	}
}

// TestSweepRefuses: mistakes are exit code 2 and leave nothing behind.
func TestSweepRefuses(t *testing.T) {
	plan := quickPlan(t, "--sample", "3")
	changed := placed(t, "changed.json", strings.Replace(contentsOf(t, plan), `"n": 3`, `"n": 4`, 1))
	digest := contentsOf(t, plan)
	at := strings.Index(digest, `"digest": "`) + len(`"digest": "`)
	other := placed(t, "other.json", digest[:at]+strings.Repeat("0", 32)+digest[at+32:])
	out := filepath.Join(t.TempDir(), "o.json")
	mine := placed(t, "mine.csv", "hash,of,my,own\n")
	for want, args := range map[string][]string{
		"--out says where":            {"sweep", "plan", "--all"},
		"say which architectures":     {"sweep", "plan", "--out", out},
		"one of --all":                {"sweep", "plan", "--all", "--sample", "3", "--out", out},
		"leave out --seeds":           {"sweep", "plan", "--all", "--budget", "1h", "--seeds", "1", "--out", out},
		"want whole numbers":          {"sweep", "plan", "--sample", "3", "--seeds", "a", "--out", out},
		"want noise, kernel or both":  {"sweep", "plan", "--sample", "3", "--measure", "zen", "--out", out},
		"can be built below":          {"sweep", "plan", "--sample", "3", "--width", "2", "--out", out},
		"which has 423624":            {"sweep", "plan", "--sample", "423625", "--out", out},
		"of nasbench201, which has":   {"sweep", "plan", "--space", "nasbench201", "--sample", "423624", "--out", out},
		"needs the classes":           {"sweep", "plan", "--sample", "3", "--measure", "kernel", "--images", "noise", "--statistics", "accuracy", "--out", out},
		"give one plan":               {"sweep", "run"},
		"it was changed after":        {"sweep", "run", changed},
		"the hash of its content":     {"sweep", "status", other},
		"such as 2/8":                 {"sweep", "run", plan, "--shard", "3/2"},
		"0/8 to 7/8":                  {"sweep", "run", plan, "--shard", "2/2", "--from-zero"},
		"0 jobs":                      {"sweep", "slurm", plan},
		"letters, digits":             {"sweep", "slurm", plan, "--jobs", "2", "--partition", "a b"},
		"PersistentVolumeClaim":       {"sweep", "kubernetes", plan, "--jobs", "2", "--image", "i"},
		"no such file":                {"sweep", "run", filepath.Join(t.TempDir(), "none.json")},
		"ends in .csv or .parquet":    {"sweep", "export", plan, "--out", "x.txt"},
		"there is no \"accuracy\"":    {"sweep", "export", plan, "--columns", "accuracy"},
		"was not written by this pro": {"sweep", "export", plan, "--out", mine},
	} {
		if code, _, errs := call(args...); code != exitUsage || !strings.Contains(errs, want) {
			t.Errorf("%v: exit %d, %s, want %q", args, code, errs, want)
		}
	}
	for _, path := range []string{out, strings.TrimSuffix(plan, ".json") + ".store"} {
		if _, err := os.Stat(path); err == nil {
			t.Errorf("%s is left behind", path)
		}
	}
}

// TestSweepKubernetes: the manifest is a ConfigMap with the plan and an indexed Job
// whose pods compute the shard of their index.
func TestSweepKubernetes(t *testing.T) {
	plan := quickPlan(t, "--sample", "3")
	text := must(t, "sweep", "kubernetes", plan, "--jobs", "5", "--threads", "2", "--image", "example.org/nngplab:1", "--claim", "scores", "--memory", "2Gi")
	type manifest struct {
		APIVersion string `yaml:"apiVersion"`
		Kind       string
		Metadata   struct{ Name string }
		Data       map[string]string
		Spec       struct {
			CompletionMode           string `yaml:"completionMode"`
			Completions, Parallelism int
			BackoffLimit             int `yaml:"backoffLimit"`
			Template                 struct {
				Spec struct {
					RestartPolicy string `yaml:"restartPolicy"`
					Containers    []struct {
						Image         string
						Command, Args []string
						VolumeMounts  []struct{ Name, MountPath string } `yaml:"volumeMounts"`
					}
					Volumes []struct {
						Name                  string
						ConfigMap             struct{ Name string }      `yaml:"configMap"`
						PersistentVolumeClaim struct{ ClaimName string } `yaml:"persistentVolumeClaim"`
					}
				}
			}
		}
	}
	var m, j manifest
	d := yaml.NewDecoder(strings.NewReader(text))
	if err := d.Decode(&m); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(&j); err != nil {
		t.Fatal(err)
	}
	if m.APIVersion != "v1" || m.Kind != "ConfigMap" || m.Data["plan.json"] != contentsOf(t, plan) {
		t.Errorf("%s %s does not hold the plan", m.APIVersion, m.Kind)
	}
	s := j.Spec
	if j.APIVersion != "batch/v1" || j.Kind != "Job" || s.CompletionMode != "Indexed" || s.Completions != 5 || s.Parallelism != 5 || s.BackoffLimit < 1 || s.Template.Spec.RestartPolicy != "OnFailure" {
		t.Errorf("%s", text)
	}
	c := s.Template.Spec.Containers
	if len(c) != 1 || c[0].Image != "example.org/nngplab:1" {
		t.Fatalf("%s", text)
	}
	if got := strings.Join(append(c[0].Command, c[0].Args...), " "); got != "nngplab sweep run /plan/plan.json --store /sweep/scores --threads 2 --shard $(JOB_COMPLETION_INDEX)/5 --from-zero" {
		t.Errorf("it runs %q", got)
	}
	mounted := map[string]bool{}
	for _, v := range c[0].VolumeMounts {
		mounted[v.Name] = true
	}
	for _, v := range s.Template.Spec.Volumes {
		if !mounted[v.Name] || v.ConfigMap.Name != "" && v.ConfigMap.Name != m.Metadata.Name {
			t.Errorf("volume %+v is not mounted, or of another ConfigMap", v)
		}
	}
}
