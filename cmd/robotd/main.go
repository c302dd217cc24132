// Command robotd runs a humanoid's brain: plain, it shows the embedded robot standing by planning in its own world model.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/spf13/cobra"

	"robotd/launch"
)

// Exit codes, the same for every command.
const (
	exitOK       = 0
	exitFailure  = 1
	exitUsage    = 2
	exitBadInput = 4
	exitFell     = 7
)

// exitError carries the exit code of a failure.
type exitError struct {
	code int
	err  error
}

func (e *exitError) Error() string { return e.err.Error() }
func (e *exitError) Unwrap() error { return e.err }

func badInput(err error) error { return &exitError{exitBadInput, err} }

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(execute(ctx, os.Args[1:], os.Stdout, os.Stderr))
}

// execute runs one command line and returns the exit code.
func execute(ctx context.Context, args []string, stdout, stderr io.Writer) int {
	out := &output{}
	root := rootCommand(out)
	root.SetArgs(args)
	root.SetOut(stdout)
	root.SetErr(stderr)
	ran := false
	root.PersistentPreRunE = func(*cobra.Command, []string) error {
		ran = true
		if err := launch.KernelChoice(); err != nil {
			return badInput(err)
		}
		return out.check()
	}
	err := root.ExecuteContext(ctx)
	if err == nil {
		return exitOK
	}
	fmt.Fprintln(stderr, "robotd:", err)
	var e *exitError
	switch {
	case errors.As(err, &e):
		return e.code
	case !ran:
		fmt.Fprintln(stderr, "Try 'robotd --help'.")
		return exitUsage
	}
	return exitFailure
}

// output is the -o flag: text for people, json for programs (one object, the last thing on stdout).
type output struct{ format string }

func (o *output) json() bool { return o.format == "json" }

func (o *output) print(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// check refuses unknown formats.
func (o *output) check() error {
	if o.format != "text" && o.format != "json" {
		return &exitError{exitUsage, fmt.Errorf("-o %s: want text or json", o.format)}
	}
	return nil
}

func rootCommand(out *output) *cobra.Command {
	run := runCommand(out)
	root := &cobra.Command{
		Use:           "robotd",
		Short:         "A humanoid robot's brain: it stands by planning in its own latent world model",
		SilenceUsage:  true,
		SilenceErrors: true,
		Args:          cobra.NoArgs,
		RunE:          run.RunE,
	}
	root.Flags().AddFlagSet(run.Flags())
	root.PersistentFlags().StringVarP(&out.format, "output", "o", "text", "text or json (one object, the last thing on stdout)")
	root.AddCommand(run, trainCommand(out), evalCommand(out), benchCommand(out), robotCommand(out), faultsCommand(out), procCommand())
	root.AddCommand(operatorCommands(out)...)
	return root
}

// group is a command that only holds others: by itself it is a mistake of usage, and says what there is.
func group(use, short string) *cobra.Command {
	return &cobra.Command{Use: use, Short: short, Args: cobra.ArbitraryArgs, RunE: func(cmd *cobra.Command, args []string) error {
		var names []string
		for _, c := range cmd.Commands() {
			names = append(names, c.Name())
		}
		return &exitError{exitUsage, fmt.Errorf("%s %s: want one of its commands: %s", cmd.CommandPath(), strings.Join(args, " "), strings.Join(names, ", "))}
	}}
}
