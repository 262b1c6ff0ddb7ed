package campaign

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/nngplab/nngplab/internal/plainfile"
	"github.com/nngplab/nngplab/internal/printable"
	"github.com/nngplab/nngplab/internal/wholefile"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// Format is the version of plan files and stores that this package writes, the
// only one that it reads.
const Format = 1

// Plan says what is measured, of which architectures, with which seeds. NewPlan
// makes one, and Load reads it from its file. It is not changed once it is made: its
// hash is part of every store.
type Plan struct {
	Format       int           `json:"nngplab_plan"`
	Version      string        `json:"version"` // of the program that made it
	Space        string        `json:"space"`
	Cells        Cells         `json:"cells"`
	Measurements []Measurement `json:"measurements"`
	Seeds        []uint64      `json:"seeds"`  // every measurement is taken with each
	Images       []Images      `json:"images"` // what the measurements look at, by digest
	Hash         string        `json:"hash"`   // SHA-256 of all the above
}

// Ways of choosing architectures: values of Cells.Choice.
const (
	All    = "all"
	Sample = "sample"
	List   = "list"
)

// Cells says which architectures a plan is of. Their order is that of the plan's
// items: of the space's numbers, of the sample, or of the list.
type Cells struct {
	Choice string   `json:"choice"`           // All, Sample or List
	N      int      `json:"n"`                // how many
	Seed   uint64   `json:"seed,omitempty"`   // of the sample
	Source string   `json:"source,omitempty"` // of the list, in words
	Texts  []string `json:"texts,omitempty"`  // the list: each in canonical text form, each once
}

// Images says what a measurement looks at, so that a machine with other images
// notices.
type Images struct {
	Measurement string  `json:"measurement"`
	Set         string  `json:"set"`            // as imageset.Load knows it, or noise
	Seed        *uint64 `json:"seed,omitempty"` // of images that are drawn with the plan's seeds
	Digest      string  `json:"digest"`         // SHA-256 of sizes, pixels and labels
}

// maxPlan bounds the plan file that is read, in bytes.
const maxPlan = 1 << 30

// Bounds of what a plan may ask for.
const (
	maxMeasurements = 64
	maxSeeds        = 1024
)

// hash returns the plan's hash as its content has it.
func (p *Plan) hash() (string, error) {
	c := *p
	c.Hash = ""
	b, err := json.Marshal(&c)
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:]), nil
}

// Check returns what is wrong with a plan as it stands, whatever images this
// machine has, or nil.
func (p *Plan) Check() error {
	if p.Format != Format {
		return fmt.Errorf("plan format %d, this version reads %d", p.Format, Format)
	}
	s, err := space.Find(p.Space)
	if err != nil {
		return err
	}
	if err := p.Cells.check(s); err != nil {
		return err
	}
	if len(p.Measurements) == 0 || len(p.Measurements) > maxMeasurements {
		return fmt.Errorf("%d measurements: want 1 to %d", len(p.Measurements), maxMeasurements)
	}
	if len(p.Seeds) == 0 || len(p.Seeds) > maxSeeds {
		return fmt.Errorf("%d seeds: want 1 to %d", len(p.Seeds), maxSeeds)
	}
	seen := map[uint64]bool{}
	for _, seed := range p.Seeds {
		if seen[seed] {
			return fmt.Errorf("seed %d comes twice", seed)
		}
		seen[seed] = true
	}
	named := map[string]bool{}
	for _, m := range p.Measurements {
		if err := m.check(); err != nil {
			return err
		}
		if err := m.checkIn(p.Space); err != nil {
			return err
		}
		if named[m.Name] {
			return fmt.Errorf("two measurements are called %q", m.Name)
		}
		named[m.Name] = true
	}
	if err := p.checkColumns(s); err != nil {
		return err
	}
	return p.checkHash()
}

func (p *Plan) checkHash() error {
	sum, err := p.hash()
	if err != nil {
		return err
	}
	if sum != p.Hash {
		return fmt.Errorf("the hash of its content is %s, and it states %s: it was changed after it was made (make another plan for another sweep)", sum, printable.Quote(p.Hash))
	}
	return nil
}

// checkColumns refuses names under which two columns of a table would be one.
func (p *Plan) checkColumns(s space.Space) error {
	taken := map[string]bool{}
	for _, name := range append(p.nameColumns(s), FailedColumn) {
		taken[name] = true
	}
	for _, c := range append(p.MeanColumns(), p.Columns()...) {
		if taken[c] {
			return fmt.Errorf("two columns would be called %q: name the measurements differently", c)
		}
		taken[c] = true
	}
	return nil
}

// Encode returns the plan as its file holds it.
func (p *Plan) Encode() ([]byte, error) {
	b, err := json.MarshalIndent(p, "", "  ")
	return append(b, '\n'), err
}

// Decode reads a plan, and checks it.
func Decode(b []byte) (*Plan, error) {
	p := new(Plan)
	d := json.NewDecoder(bytes.NewReader(b))
	d.DisallowUnknownFields()
	if err := d.Decode(p); err != nil {
		return nil, fmt.Errorf("not a plan: %w", err)
	}
	if rest := bytes.TrimSpace(b[d.InputOffset():]); len(rest) > 0 {
		return nil, fmt.Errorf("not a plan: %d bytes follow it", len(rest))
	}
	return p, p.Check()
}

// Load reads a plan from its file.
func Load(path string) (*Plan, error) {
	b, err := plainfile.Read(path, maxPlan)
	if err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	p, err := Decode(b)
	if err != nil {
		return nil, fmt.Errorf("campaign: %s: %w", path, err)
	}
	return p, nil
}

// Save writes the plan to a file, whole or not at all. It is an error if a file
// is there that is no plan, or another plan of which a store holds scores.
func (p *Plan) Save(path string) error {
	if err := p.CheckPlace(path); err != nil {
		return err
	}
	b, err := p.Encode()
	if err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	if err := wholefile.Write(path, b); err != nil {
		return fmt.Errorf("campaign: %w", err)
	}
	return nil
}

// CheckPlace returns an error where Save would: before anything is computed.
func (p *Plan) CheckPlace(path string) error {
	if err := CheckPlanFile(path); err != nil {
		return err
	}
	old, err := Load(path)
	if err != nil || old.Hash == p.Hash {
		return nil // nothing is there, or nothing of worth
	}
	if files, _ := filepath.Glob(filepath.Join(escapeGlob(StoreDir(path)), "*"+storeEnding)); len(files) > 0 {
		return fmt.Errorf("campaign: %s is the plan of the scores in %s, and is not overwritten by another: choose another place", path, StoreDir(path))
	}
	return nil
}

// CheckPlanFile returns an error if a file is there that is no plan.
func CheckPlanFile(path string) error {
	if err := plainfile.BeginsWith(path, "{\n  \"nngplab_plan\":"); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("campaign: %w", err)
	}
	return nil
}

// StoreDir returns the folder in which the scores of a plan file lie unless
// another is named: plan.store beside plan.json.
func StoreDir(planPath string) string {
	if base := strings.TrimSuffix(planPath, ".json"); base != "" && filepath.Base(base) != "." {
		return base + ".store"
	}
	return planPath + ".store"
}

// escapeGlob makes a folder's name a pattern that only it matches.
func escapeGlob(s string) string {
	return strings.NewReplacer(`\`, `\\`, `*`, `\*`, `?`, `\?`, `[`, `\[`).Replace(s)
}

// NewPlan makes a plan: it fills in the version, the digests of the images, which
// must be on this machine, and the hash.
func NewPlan(spaceName string, cells Cells, measurements []Measurement, seeds []uint64, load Loader) (*Plan, error) {
	p := &Plan{Format: Format, Version: version(), Space: spaceName, Cells: cells, Seeds: seeds}
	for _, m := range measurements {
		p.Measurements = append(p.Measurements, m.resolved())
	}
	p.Hash, _ = p.hash()
	if err := p.Check(); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	var err error
	if p.Images, err = p.imagesHere(load); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	if p.Hash, err = p.hash(); err != nil {
		return nil, fmt.Errorf("campaign: %w", err)
	}
	return p, nil
}
