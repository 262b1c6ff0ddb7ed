package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/cluster"
	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/wholefile"
)

// slurmFlags are the flags of sweep slurm.
type slurmFlags struct {
	sweepFlags
	jobs, threads int
	submit        bool
	program       string
	slurm         cluster.Slurm
}

func newSweepSlurm() *cobra.Command {
	var f slurmFlags
	cmd := &cobra.Command{
		Use:   "slurm PLAN --jobs N",
		Short: "Write a job array for Slurm and a job that merges, and submit them",
		Long: `Write a job array for Slurm, in which each job computes a shard of the plan, and a
job that merges when all of them have ended well; --submit submits both. The scripts
are array.sh and merge.sh in the folder of the scores, which all machines must
share; of the rest they need this program and the plan alone.

A job that failed, was killed or ran into its time limit (a minute before it finishes
what it has in hand) has kept what it did: submit the array again with the same
command, and only what is missing is computed. Where machines differ in their
instructions, --simd names those that all of them have: scores of two engines are
not merged.`,
		Example: `  nngplab sweep slurm plan.json --jobs 32 --submit
  nngplab sweep slurm plan.json --jobs 32 --threads 4 --partition short --time 2:00:00 --memory 4G
  nngplab sweep slurm plan.json --jobs 8 --option=--account=lab --simd avx2`,
		Args: onePlan,
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd, args[0]) },
	}
	f.add(cmd)
	fl := cmd.Flags()
	fl.IntVar(&f.jobs, "jobs", 0, "jobs of the array, each a shard")
	fl.IntVar(&f.threads, "threads", 1, "processors of a job")
	fl.BoolVar(&f.submit, "submit", false, "submit both by sbatch")
	fl.StringVar(&f.program, "program", "", "path of nngplab on the cluster's machines; without it this program's own")
	fl.StringVar(&f.slurm.Partition, "partition", "", "partition of the jobs")
	fl.StringVar(&f.slurm.Time, "time", "", "time limit of a job, such as 2:00:00")
	fl.StringVar(&f.slurm.Memory, "memory", "", "memory of a job, such as 4G")
	fl.StringVar(&f.slurm.SIMD, "simd", "", "instructions that every job uses: portable, avx2 or avx512")
	fl.StringArrayVar(&f.slurm.Extra, "option", nil, "a further option of sbatch, such as --option=--account=lab")
	return cmd
}

func (f *slurmFlags) run(cmd *cobra.Command, planPath string) error {
	p, dir, err := f.open(planPath)
	if err != nil {
		return err
	}
	s := cluster.Sweep{Program: f.program, Hash: p.Hash, Jobs: f.jobs, Threads: f.threads}
	if s.Program == "" {
		if s.Program, err = os.Executable(); err != nil {
			return err
		}
	}
	if s.Plan, err = filepath.Abs(planPath); err != nil {
		return err
	}
	if s.Store, err = filepath.Abs(dir); err != nil {
		return err
	}
	array, merge, err := s.Scripts(f.slurm)
	if err != nil {
		return badInput(err)
	}
	if f.submit {
		if _, err := exec.LookPath("sbatch"); err != nil {
			return fmt.Errorf("--submit: sbatch is not on this machine: %w", err)
		}
	}
	arrayPath, mergePath := filepath.Join(s.Store, "array.sh"), filepath.Join(s.Store, "merge.sh")
	if err := writeScripts([]string{arrayPath, mergePath}, [][]byte{array, merge}); err != nil {
		return err
	}
	result := jsonObject{{"array", arrayPath}, {"merge", mergePath}, {"jobs", f.jobs}}
	if f.submit {
		arrayID, mergeID, err := submit(cmd, arrayPath, mergePath)
		if err != nil {
			return err
		}
		result = append(result, jsonField{"array_job", arrayID}, jsonField{"merge_job", mergeID})
		return printResult(cmd, result, func(w io.Writer) error {
			_, err := fmt.Fprintf(w, "submitted %s as job %s, and %s as job %s, which waits for it\n", arrayPath, arrayID, mergePath, mergeID)
			return err
		})
	}
	return printResult(cmd, result, func(w io.Writer) error {
		_, err := fmt.Fprintf(w, "%s\n%s\nsubmit them with --submit, or by\n  sbatch --parsable %s\n  sbatch --dependency=afterok:JOB --kill-on-invalid-dep=yes %s\n", arrayPath, mergePath, arrayPath, mergePath)
		return err
	})
}

// writeScripts writes scripts, none of them over another's file.
func writeScripts(paths []string, texts [][]byte) error {
	for _, path := range paths {
		if err := plainfile.BeginsWith(path, cluster.ScriptMark()); err != nil {
			return badFile(err)
		}
	}
	for i, path := range paths {
		if err := wholefile.Write(path, texts[i]); err != nil {
			return err
		}
	}
	return nil
}

// submit submits the array, and the job that merges when all of it ended well.
func submit(cmd *cobra.Command, array, merge string) (arrayID, mergeID string, err error) {
	sbatch := func(args ...string) (string, error) {
		out, err := exec.CommandContext(cmd.Context(), "sbatch", append([]string{"--parsable"}, args...)...).Output()
		var failed *exec.ExitError
		if errors.As(err, &failed) {
			return "", fmt.Errorf("sbatch: %s", strings.TrimSpace(string(failed.Stderr)))
		}
		if err != nil {
			return "", err
		}
		return cluster.JobID(string(out))
	}
	if arrayID, err = sbatch(array); err != nil {
		return "", "", err
	}
	if mergeID, err = sbatch("--dependency=afterok:"+arrayID, "--kill-on-invalid-dep=yes", merge); err != nil {
		err = fmt.Errorf("job %s is submitted, the one that merges is not: %w", arrayID, err)
	}
	return arrayID, mergeID, err
}

func newSweepKubernetes() *cobra.Command {
	var o cluster.Kubernetes
	var jobs, threads int
	var onVolume, store, program string
	cmd := &cobra.Command{
		Use:   "kubernetes PLAN --jobs N --image IMAGE --claim CLAIM",
		Short: "Print an indexed Job for Kubernetes",
		Long: `Print an indexed Job for Kubernetes, in which each pod computes a shard of the plan,
and the plan as a ConfigMap. The image has this program; the scores go to a
PersistentVolumeClaim that all pods mount. A pod that was evicted goes on where it
was. A plan of more than 1,000 kB, as of a long list, does not fit into a ConfigMap: put it on the
volume.

When the Job is complete, 'nngplab sweep merge PLAN --store FOLDER' on the volume makes one store.`,
		Example: `  nngplab sweep kubernetes plan.json --jobs 32 --image registry.example/nngplab:1 --claim scores | kubectl apply -f -`,
		Args:    onePlan,
		RunE: func(cmd *cobra.Command, args []string) error {
			p, _, err := new(sweepFlags).open(args[0])
			if err != nil {
				return err
			}
			if o.Contents, err = p.Encode(); err != nil {
				return err
			}
			s := cluster.Sweep{Program: program, Plan: path.Join(cluster.VolumePath(), onVolume), Store: path.Join(cluster.VolumePath(), store), Hash: p.Hash, Jobs: jobs, Threads: threads}
			if onVolume != "" {
				o.Contents = nil
			}
			b, err := s.Manifest(o)
			if err != nil {
				return badInput(err)
			}
			_, err = cmd.OutOrStdout().Write(b)
			return err
		},
	}
	fl := cmd.Flags()
	fl.IntVar(&jobs, "jobs", 0, "pods, each a shard")
	fl.IntVar(&threads, "threads", 1, "processors of a pod")
	fl.StringVar(&o.Image, "image", "", "container image that has nngplab")
	fl.StringVar(&o.Claim, "claim", "", "PersistentVolumeClaim for the scores, mounted by all pods")
	fl.StringVar(&o.Namespace, "namespace", "", "namespace of the Job")
	fl.StringVar(&o.Memory, "memory", "", "memory of a pod, such as 2Gi")
	fl.StringVar(&o.SIMD, "simd", "", "instructions that every pod uses: portable, avx2 or avx512")
	fl.StringVar(&store, "store", "scores", "folder of the scores on the volume")
	fl.StringVar(&onVolume, "plan-on-volume", "", "the plan's file on the volume; without it the plan goes into a ConfigMap")
	fl.StringVar(&program, "program", "nngplab", "the program in the image")
	return cmd
}
