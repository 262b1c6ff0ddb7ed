package cluster

import (
	"bytes"
	"fmt"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Kubernetes is what the manifest asks of Kubernetes.
type Kubernetes struct {
	Image     string // that has the program
	Claim     string // the PersistentVolumeClaim on which the store is, which all pods mount
	Namespace string // "" means the one at hand
	Memory    string // of a pod: 2Gi
	SIMD      string // instructions that every pod uses, where machines differ: NNGPLAB_SIMD
	Contents  []byte // of the plan, which goes into a ConfigMap; nil means that Sweep.Plan is a path on the volume
}

// maxConfig is how large a plan may be that goes into a ConfigMap, whose limit is
// a mebibyte, in bytes.
const maxConfig = 1000 << 10

// Where a pod sees its files.
const (
	volumePath = "/sweep"
	configPath = "/plan"
	planFile   = "plan.json"
)

type object = map[string]any

// Manifest returns the plan's ConfigMap and an indexed Job as YAML. Each pod
// computes the shard of its JOB_COMPLETION_INDEX; what is done stays on the volume, so that a pod which was
// evicted goes on where it was.
func (s *Sweep) Manifest(o Kubernetes) ([]byte, error) {
	if err := s.check(); err != nil {
		return nil, err
	}
	if err := o.check(); err != nil {
		return nil, err
	}
	items := []object{}
	plan := s.Plan
	mounts := []object{{"name": "sweep", "mountPath": volumePath}}
	volumes := []object{{"name": "sweep", "persistentVolumeClaim": object{"claimName": o.Claim}}}
	if o.Contents != nil {
		if len(o.Contents) > maxConfig {
			return nil, fmt.Errorf("the plan has %d bytes, too many for a ConfigMap: put it on the volume, and name its place there by --plan-on-volume", len(o.Contents))
		}
		items = append(items, object{
			"apiVersion": "v1", "kind": "ConfigMap", "metadata": o.metadata(s.Name()), "immutable": true,
			"data": object{planFile: string(o.Contents)},
		})
		plan = configPath + "/" + planFile
		mounts = append(mounts, object{"name": "plan", "mountPath": configPath, "readOnly": true})
		volumes = append(volumes, object{"name": "plan", "configMap": object{"name": s.Name()}})
	}
	pod := object{
		"restartPolicy": "OnFailure", "terminationGracePeriodSeconds": 60,
		"containers": []object{o.container(s, plan, mounts)}, "volumes": volumes,
	}
	items = append(items, object{
		"apiVersion": "batch/v1", "kind": "Job", "metadata": o.metadata(s.Name()),
		"spec": object{
			"completionMode": "Indexed", "completions": s.Jobs, "parallelism": s.Jobs, "backoffLimit": 6 * s.Jobs,
			"template": object{"metadata": object{"labels": object{"app": "nngplab"}}, "spec": pod},
		},
	})
	var out bytes.Buffer
	e := yaml.NewEncoder(&out)
	e.SetIndent(2)
	for _, item := range items {
		if err := e.Encode(item); err != nil {
			return nil, err
		}
	}
	return out.Bytes(), e.Close()
}

func (o *Kubernetes) metadata(name string) object {
	m := object{"name": name, "labels": object{"app": "nngplab"}}
	if o.Namespace != "" {
		m["namespace"] = o.Namespace
	}
	return m
}

// container is that of a pod. Kubernetes puts the number of the pod, from 0, into
// the environment of an indexed Job's containers, and replaces $(NAME) in arguments.
func (o *Kubernetes) container(s *Sweep, plan string, mounts []object) object {
	resources := object{"cpu": strconv.Itoa(s.Threads)}
	if o.Memory != "" {
		resources["memory"] = o.Memory
	}
	c := object{
		"name": "nngplab", "image": o.Image, "command": []string{s.Program},
		"args": []string{
			"sweep", "run", plan, "--store", s.Store, "--threads", strconv.Itoa(s.Threads),
			"--shard", "$(JOB_COMPLETION_INDEX)/" + strconv.Itoa(s.Jobs), "--from-zero",
		},
		"resources": object{"requests": resources}, "volumeMounts": mounts,
	}
	if o.SIMD != "" {
		c["env"] = []object{{"name": "NNGPLAB_SIMD", "value": o.SIMD}}
	}
	return c
}

// kubernetesMemory is an amount of bytes as Kubernetes takes it, without exponents.
var kubernetesMemory = regexp.MustCompile(`^[0-9]{1,18}(\.[0-9]{1,9})?([kMGTPE]|[KMGTPE]i)?$`)

func (o *Kubernetes) check() error {
	switch {
	case !plain(o.Image) || strings.ContainsAny(o.Image, " \t"):
		return fmt.Errorf("the image %q: want the name of one that has the program", o.Image)
	case !label(o.Claim):
		return fmt.Errorf("the claim %q: want the name of a PersistentVolumeClaim", o.Claim)
	case o.Namespace != "" && !label(o.Namespace):
		return fmt.Errorf("the namespace %q: want a name", o.Namespace)
	case o.Memory != "" && (!kubernetesMemory.MatchString(o.Memory) || strings.Trim(strings.TrimRight(o.Memory, "kmKMGTPEi"), "0.") == ""):
		return fmt.Errorf("the memory %q: want an amount such as 2Gi", o.Memory)
	case o.SIMD != "" && !word(o.SIMD):
		return fmt.Errorf("instructions %q: want a name", o.SIMD)
	}
	return nil
}

// label reports whether a text is a name as Kubernetes has them.
func label(s string) bool {
	return s != "" && len(s) <= 253 && strings.Trim(s, "abcdefghijklmnopqrstuvwxyz0123456789-.") == "" &&
		!strings.HasPrefix(s, "-") && !strings.HasSuffix(s, "-")
}

// VolumePath is where a pod sees the claim's files.
func VolumePath() string { return volumePath }
