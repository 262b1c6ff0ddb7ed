package main

import (
	"errors"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/nngplab/nngplab/internal/gokernel"
)

func init() { subcommands = append(subcommands, newKernel) }

func newKernel() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "kernel",
		Short: "Build, install and check the Go kernel for Jupyter",
		Example: `  nngplab kernel install
  nngplab kernel doctor`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newKernelInstall(), newKernelDoctor(), newKernelUninstall())
	return cmd
}

// locationFlags adds the flags that name one of Jupyter's folders.
func locationFlags(cmd *cobra.Command, l *gokernel.Location, name *string) {
	f := cmd.Flags()
	f.BoolVar(&l.User, "user", false, "in the user's Jupyter data folder (the default)")
	folderVar(f, &l.Prefix, "prefix", "", "in the environment at this folder, such as .venv")
	f.BoolVar(&l.SysPrefix, "sys-prefix", false, "in the active virtual or conda environment")
	folderVar(f, &l.DataDir, "data-dir", "", "in this Jupyter data folder")
	f.StringVar(name, "name", gokernel.DefaultName, "name of the kernel spec")
}

func newKernelInstall() *cobra.Command {
	var o gokernel.InstallOptions
	var quiet bool
	cmd := &cobra.Command{
		Use:   "install",
		Short: "Build the Go kernel and install its Jupyter kernel spec",
		Long: `Install builds gophernotes with nngpkit, gonum, gonum/plot and gota linked in and
installs it as a Jupyter kernel. It needs a Go toolchain; the kernel does not.

Further packages are linked with --with path@version and remembered for the
next install; --forget drops them. Where nothing has changed since the last
install, nothing is built.

A folder for builds must be empty, or one that builds have made; a kernel spec of
another program is never replaced.`,
		Example: `  nngplab kernel install
  nngplab kernel install --prefix .venv
  nngplab kernel install --with github.com/montanaflynn/stats@v0.7.1`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			start := time.Now()
			if !quiet {
				o.Progress = func(msg string) { fmt.Fprintln(cmd.ErrOrStderr(), msg) }
			}
			inst, err := gokernel.Install(cmd.Context(), o)
			if err != nil {
				return kernelError(err)
			}
			if wantsJSON(cmd) {
				return printJSON(cmd, inst)
			}
			what := "is up to date"
			if inst.Rebuilt {
				what = "built and installed"
			} else if inst.Changed {
				what = "installed"
			}
			fmt.Fprintf(cmd.OutOrStdout(), "kernel %q %s: %d packages, %d MB, %s, in %.1f s\n%s\n", inst.Name, what,
				inst.Packages, inst.Size>>20, inst.Go, time.Since(start).Seconds(), inst.Dir)
			return nil
		},
	}
	locationFlags(cmd, &o.Location, &o.Name)
	f := cmd.Flags()
	f.StringVar(&o.DisplayName, "display-name", gokernel.DefaultDisplayName, "name that people see")
	folderVar(f, &o.BuildOptions.Dir, "build-dir", "", "build here instead of in the user cache")
	folderVar(f, &o.Source, "source", "", "checkout to link nngpkit from (default: the one around the working folder, else this program's version)")
	f.StringArrayVar(&o.With, "with", nil, "link a further package or module, path@version (repeatable, remembered)")
	f.BoolVar(&o.Forget, "forget", false, "drop the packages remembered from earlier installs")
	f.BoolVar(&o.Force, "force", false, "build even if nothing has changed")
	f.BoolVar(&quiet, "quiet", false, "do not report progress")
	return cmd
}

// errUnwell is how doctor says with its exit code what it has printed.
var errUnwell = errors.New("the kernel has problems")

func newKernelDoctor() *cobra.Command {
	var o gokernel.DoctorOptions
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with the installed kernel and how to mend it",
		Example: `  nngplab kernel doctor
  nngplab kernel doctor --prefix .venv --json`,
		Long: `Doctor examines the kernel spec, the binary, whether it starts and how fast,
whether it is up to date with the sources, and what Jupyter and Go there are.
Exit code 0: the kernel works, perhaps with warnings; 1: it has problems.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			d, err := gokernel.Doctor(cmd.Context(), o)
			if err != nil {
				return kernelError(err)
			}
			if wantsJSON(cmd) {
				err = printJSON(cmd, d)
			} else {
				for _, c := range d.Checks {
					fmt.Fprintf(cmd.OutOrStdout(), "%-8s %s: %s\n", c.Status, c.Name, c.Detail)
					if c.Fix != "" {
						fmt.Fprintf(cmd.OutOrStdout(), "%-8s mend it with: %s\n", "", c.Fix)
					}
				}
			}
			if err == nil && !d.OK {
				err = errUnwell
			}
			return err
		},
	}
	locationFlags(cmd, &o.Location, &o.Name)
	folderVar(cmd.Flags(), &o.Source, "source", "", "checkout to compare with (default: the one around the working folder)")
	return cmd
}

func newKernelUninstall() *cobra.Command {
	var l gokernel.Location
	var name, buildDir string
	var purge bool
	cmd := &cobra.Command{
		Use:   "uninstall",
		Short: "Remove the Go kernel",
		Example: `  nngplab kernel uninstall
  nngplab kernel uninstall --prefix .venv --purge`,
		Long: `Uninstall removes the kernel spec, and with --purge the folders in which kernels
were built. It removes what install and builds wrote, which they have listed:
other files there stay, and a folder without their mark is refused.`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			removed, err := gokernel.Uninstall(l, name, buildDir, purge)
			if err != nil {
				return kernelError(err)
			}
			if wantsJSON(cmd) {
				return printJSON(cmd, map[string][]string{"removed": append([]string{}, removed...)})
			}
			for _, r := range removed {
				fmt.Fprintln(cmd.OutOrStdout(), "removed", r)
			}
			return nil
		},
	}
	locationFlags(cmd, &l, &name)
	cmd.Flags().BoolVar(&purge, "purge", false, "remove the build folder, too")
	folderVar(cmd.Flags(), &buildDir, "build-dir", "", "build folder, if not in the user cache")
	return cmd
}

// kernelError marks errors of the caller's input.
func kernelError(err error) error {
	var in *gokernel.InputError
	if errors.As(err, &in) {
		return badInput(err)
	}
	return err
}
