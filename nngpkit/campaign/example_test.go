package campaign_test

import (
	"context"
	"fmt"
	"log"
	"os"
	"path/filepath"

	"github.com/nngplab/nngplab/nngpkit/campaign"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
)

// A plan is a file; running it computes what is missing, and running it again
// nothing.
func Example() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)

	// The noise signals of three cells, in the recommended setting but for 6 images.
	noise := campaign.RecommendedNoise("nasbench101")
	noise.Noise.Images, noise.Noise.SensitivityImages = 6, 4
	p, err := campaign.NewPlan("nasbench101", campaign.SampleOf(3, 1), []campaign.Measurement{noise}, []uint64{0}, nil)
	if err != nil {
		log.Fatal(err)
	}
	path := filepath.Join(dir, "plan.json")
	if err := p.Save(path); err != nil {
		log.Fatal(err)
	}

	ctx, store := context.Background(), campaign.StoreDir(path)
	for range 2 {
		got, err := campaign.Run(ctx, p, campaign.RunConfig{Dir: store})
		if err != nil {
			log.Fatal(err)
		}
		fmt.Printf("%d of %d done, %d computed now\n", got.Done, got.Total, got.Fresh)
	}
	df, err := campaign.Table(ctx, p, store, campaign.TableConfig{Columns: []string{"hash", "parameters", "noise_entropy"}})
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(df.Nrow(), df.Names())
	// Output:
	// 3 of 3 done, 3 computed now
	// 3 of 3 done, 0 computed now
	// 3 [hash parameters noise_entropy]
}

// A shard is a part of a plan; merged, shards are the store of a single run.
func ExampleMerge() {
	dir, err := os.MkdirTemp("", "")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(dir)
	noise := campaign.RecommendedNoise("nasbench101")
	noise.Noise.Images, noise.Noise.SensitivityImages = 6, 4
	p, err := campaign.NewPlan("nasbench101", campaign.SampleOf(4, 1), []campaign.Measurement{noise}, []uint64{0}, nil)
	if err != nil {
		log.Fatal(err)
	}
	ctx := context.Background()
	for i := range 2 {
		shard := campaign.Shard{I: i + 1, Of: 2}
		if _, err := campaign.Run(ctx, p, campaign.RunConfig{Dir: dir, Shard: shard}); err != nil {
			log.Fatal(err)
		}
	}
	m, err := campaign.Merge(ctx, p, dir, "", false)
	if err != nil {
		log.Fatal(err)
	}
	fmt.Println(m.Stores, "stores,", m.Done, "done")
	// Output:
	// 2 stores, 4 done
}
