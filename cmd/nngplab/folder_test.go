package main

import (
	"bytes"
	"fmt"
	"image"
	"image/png"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// pictures makes a folder of two classes of ten small images.
func pictures(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for class, name := range []string{"a", "b"} {
		if err := os.Mkdir(filepath.Join(dir, name), 0o755); err != nil {
			t.Fatal(err)
		}
		for i := range 10 {
			m := image.NewGray(image.Rect(0, 0, 8, 8))
			for k := range m.Pix {
				m.Pix[k] = byte(k*(class+3)*17 + i*41)
			}
			var b bytes.Buffer
			if err := png.Encode(&b, m); err != nil {
				t.Fatal(err)
			}
			writeFile(t, b.Bytes(), dir, name, fmt.Sprintf("%d.png", i))
		}
	}
	return dir
}

// TestFoldersAndFiles: every flag and argument that wants a folder refuses a file, and
// what would lie below one; every one that wants a file refuses a folder. The exit code
// is 2, the message names it, nothing is begun, and what is there stays.
func TestFoldersAndFiles(t *testing.T) {
	dataAlone(t)
	t.Chdir(t.TempDir())
	for _, dir := range []string{"dir", "dir.csv", "dir.json", "dir.parquet", "dir.onnx", "dir.npz", "made"} {
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Rename(pictures(t), "pictures"); err != nil {
		t.Fatal(err)
	}
	writeFile(t, []byte("mine\n"), "file")
	writeFile(t, []byte("x,y\n1,2\n2,3\n3,1\n"), "table.csv")
	if code, _, errs := nngplab("sweep", "plan", "--sample", "3", "--out", "plan.json"); code != 0 {
		t.Fatal(errs)
	}
	plan, err := os.ReadFile("plan.json")
	if err != nil {
		t.Fatal(err)
	}
	writeFile(t, plan, "other.json")
	writeFile(t, []byte("mine\n"), "other.store") // where the scores of other.json would lie
	for _, line := range []string{
		// a file in a folder's place
		"data fetch mnist --to FILE",
		"kernel install --build-dir FILE", "kernel install --data-dir FILE", "kernel install --prefix FILE", "kernel install --source FILE",
		"kernel doctor --data-dir FILE", "kernel doctor --prefix FILE", "kernel doctor --source FILE",
		"kernel uninstall --data-dir FILE", "kernel uninstall --prefix FILE", "kernel uninstall --purge --data-dir made --build-dir FILE",
		"doctor --prefix FILE",
		"scores compute views_least --out FILE", "scores evidence --out FILE", "scores evidence --noise --out FILE",
		"sweep run plan.json --store FILE", "sweep status plan.json --store FILE", "sweep merge plan.json --store FILE",
		"sweep export plan.json --partial --store FILE --out made/scores.csv", "sweep slurm plan.json --jobs 2 --store FILE",
		"sweep run other.json =other.store", "sweep status other.json =other.store", "sweep merge other.json =other.store",
		"sweep export other.json =other.store", "sweep slurm other.json --jobs 2 =other.store",
		"rank --images pictures --networks FILE", "eval --matrix 01/00 --ops input,output --images FILE",
		// a folder in a file's place
		"corr --truth y --signal x --csv DIR",
		"data import nasbench101 DIR", "data import nasbench101 table.csv --table DIR",
		"eval --images pictures --network DIR", "eval --images pictures --network DIR.onnx", "eval --matrix 01/00 --ops input,output --images DIR.npz",
		"plan --out DIR",
		"rank DIR --images pictures", "rank --sample 2 --images pictures --csv --out DIR", "rank --sample 2 --images pictures --out DIR.json", "rank --sample 2 --images pictures --parquet DIR",
		"rank --images pictures --networks DIR.onnx",
		"space same DIR",
		"sweep plan --all --out DIR", "sweep plan --list DIR --out made/plan.json", "sweep plan --sample 2 --measurements DIR --out made/plan.json",
		"sweep run DIR", "sweep status DIR", "sweep merge DIR", "sweep export DIR", "sweep slurm DIR --jobs 2", "sweep kubernetes DIR --jobs 2 --image i --claim c",
		"sweep merge plan.json --partial --out DIR",
		"sweep export plan.json --merged DIR", "sweep export plan.json --partial --out DIR.csv", "sweep export plan.json --partial --out DIR.parquet",
		// nothing in a file's place, or something below a file
		"corr --truth y --signal x --csv NONE", "data import nasbench101 NONE", "data import nasbench101 table.csv --table file/below",
		"eval --images pictures --network NONE", "plan --out file/below", "rank NONE --images pictures", "rank --sample 2 --images pictures --csv --out file/below",
		"rank --images pictures --networks NONE", "space same NONE", "sweep plan --all --out file/below", "sweep plan --list NONE --out made/plan.json",
		"sweep plan --sample 2 --measurements NONE --out made/plan.json", "sweep run NONE", "sweep export plan.json --merged NONE",
		"sweep merge plan.json --partial --out file/below", "sweep export plan.json --partial --out file/below.csv",
	} {
		for _, file := range []string{"file", "file/below", "file/below/more"} {
			if !strings.Contains(line, "FILE") && file != "file" {
				break
			}
			args, named := strings.Fields(strings.NewReplacer("FILE", file, "DIR", "dir", "NONE", "nowhere", "pictures", "pictures --train 10 --val 5").Replace(line)), ""
			for i, a := range args {
				if strings.Contains(a, "file") || strings.HasPrefix(a, "dir") || a == "nowhere" {
					named = a
				} else if a[0] == '=' {
					named, args = a[1:], args[:i]
				}
			}
			named, _, _ = strings.Cut(named, "/")
			code, out, errs := nngplab(args...)
			if code != exitUsage || out != "" || !strings.Contains(errs, named) {
				t.Errorf("%q: exit code %d, %q, %s", args, code, out, errs)
			}
		}
	}
	for _, name := range []string{"file", "other.store"} {
		if b, err := os.ReadFile(name); string(b) != "mine\n" {
			t.Errorf("%s holds %q: %v", name, b, err)
		}
	}
	for _, dir := range []string{"dir", "dir.csv", "dir.json", "dir.parquet", "dir.onnx", "dir.npz", "made"} {
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Errorf("%s holds %v: %v", dir, left, err)
		}
	}
}

// TestKeptScoresRefused: kept scores that are damaged, and a folder of them that is
// none, end with exit code 2.
func TestKeptScoresRefused(t *testing.T) {
	dataAlone(t)
	dir := t.TempDir()
	rank := []string{"rank", "--sample", "2", "--images", pictures(t), "--train", "10", "--val", "5", "--norm-batch", "5", "--members", "1"}
	t.Setenv("NNGPLAB_SCORES", dir)
	if code, _, errs := nngplab(rank...); code != 0 {
		t.Fatal(errs)
	}
	stores, err := filepath.Glob(filepath.Join(dir, "*.jsonl"))
	if err != nil || len(stores) != 1 {
		t.Fatalf("stores %q: %v", stores, err)
	}
	whole, err := os.ReadFile(stores[0])
	if err != nil {
		t.Fatal(err)
	}
	second := strings.IndexByte(string(whole), '\n') + 1
	for name, text := range map[string]string{
		"a digit":         string(whole[:second]) + strings.Replace(string(whole[second:]), "0.", "1.", 1),
		"another setting": strings.Replace(string(whole), ":", ": ", 1),
		"no store":        "mine\n",
	} {
		writeFile(t, []byte(text), stores[0])
		code, out, errs := nngplab(rank...)
		if code != exitUsage || out != "" || !strings.Contains(errs, stores[0]) {
			t.Errorf("%s: exit code %d, %q, %s", name, code, out, errs)
		}
		if b, err := os.ReadFile(stores[0]); string(b) != text {
			t.Errorf("%s: the file was changed: %v", name, err)
		}
	}
	for _, at := range []string{stores[0], filepath.Join(stores[0], "below")} {
		t.Setenv("NNGPLAB_SCORES", at)
		if code, _, errs := nngplab(rank...); code != exitUsage || !strings.Contains(errs, "NNGPLAB_SCORES") {
			t.Errorf("a file in place of the folder: exit code %d, %s", code, errs)
		}
	}
}
