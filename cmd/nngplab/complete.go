package main

import (
	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/nngpkit"
	"github.com/nngplab/nngplab/nngpkit/forward"
	"github.com/nngplab/nngplab/nngpkit/imageset"
	"github.com/nngplab/nngplab/nngpkit/space"
)

// addCompletion has the shell complete the values of flags that have a few: see
// 'nngplab completion --help'.
func addCompletion(cmd *cobra.Command) {
	few := map[string]func() []string{
		"view": func() []string {
			var out []string
			for _, v := range nngpkit.Views() {
				out = append(out, string(v))
			}
			return out
		},
		"norm": func() []string { return []string{forward.EMA.String(), forward.Batch.String(), forward.None.String()} },
		"draw": func() []string {
			return []string{forward.Independent.String(), forward.Antithetic.String(), forward.Orthogonal.String()}
		},
		"space": func() []string {
			var out []string
			for _, s := range space.All() {
				out = append(out, s.Name())
			}
			return out
		},
		"layout": func() []string { return []string{"nchw", "nhwc"} },
	}
	for name, values := range few {
		complete(cmd, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return values(), cobra.ShellCompDirectiveNoFileComp
		})
	}
	complete(cmd, "images", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		return imageset.Names(), cobra.ShellCompDirectiveDefault // files, too
	})
	for name, endings := range map[string][]string{"network": {"onnx", "json"}, "networks": {"onnx", "json"}, "csv": {"csv", "tsv"}} {
		complete(cmd, name, func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return endings, cobra.ShellCompDirectiveFilterFileExt
		})
	}
	for _, sub := range cmd.Commands() {
		addCompletion(sub)
	}
}

func complete(cmd *cobra.Command, flag string, f func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective)) {
	if given := cmd.LocalNonPersistentFlags().Lookup(flag); given != nil && given.Value.Type() != "bool" {
		_ = cmd.RegisterFlagCompletionFunc(flag, f) // which fails where there is one already
	}
}
