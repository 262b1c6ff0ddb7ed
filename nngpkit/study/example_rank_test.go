package study_test

import (
	"context"
	"fmt"
	"os"

	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
	_ "github.com/nngplab/nngplab/nngpkit/spaces"
	"github.com/nngplab/nngplab/nngpkit/study"
	"github.com/nngplab/nngplab/nngpkit/sweep"
)

// Three cells, ranked on images of noise in a setting of milliseconds. With
// study.RankConfig{} and CIFAR-10 the setting is the recommended one.
func ExampleRank() {
	dir, err := os.MkdirTemp("", "scores") // a user's scores are kept in the cache
	if err != nil {
		fmt.Println(err)
		return
	}
	defer os.RemoveAll(dir)
	os.Setenv(sweep.CacheEnv, dir)
	defer os.Unsetenv(sweep.CacheEnv)

	s, err := space.Find("nasbench201")
	if err != nil {
		fmt.Println(err)
		return
	}
	var cells []space.Architecture
	for _, text := range []string{
		"|none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|",
		"|nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|",
		"|none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|",
	} {
		a, err := s.Parse(text)
		if err != nil {
			fmt.Println(err)
			return
		}
		cells = append(cells, a)
	}
	set, err := imageset.Noise(imageset.NoiseConfig{Images: 60, H: 8, W: 8})
	if err != nil {
		fmt.Println(err)
		return
	}
	setting := study.Recommended()
	setting.Width, setting.Train, setting.Val, setting.Members = 4, 30, 10, 2
	df, err := study.Rank(context.Background(), cells, set, study.RankConfig{Setting: setting})
	if err != nil {
		fmt.Println(err)
		return
	}
	for i := range df.Nrow() {
		fmt.Println(df.Col(study.PlaceColumn).Elem(i), df.Col("parameters").Elem(i), df.Col("arch").Elem(i))
	}
	// Output:
	// 1 73306 |none~0|+|none~0|none~1|+|skip_connect~0|none~1|none~2|
	// 2 1288506 |nor_conv_3x3~0|+|nor_conv_3x3~0|nor_conv_3x3~1|+|skip_connect~0|nor_conv_3x3~1|nor_conv_3x3~2|
	// 3 73306 |none~0|+|none~0|none~1|+|avg_pool_3x3~0|none~1|none~2|
}
