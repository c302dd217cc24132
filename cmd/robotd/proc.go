package main

import (
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"robotd/launch"
)

// procCommand is how the supervisor of a real-time run starts its processes; nobody types it.
func procCommand() *cobra.Command {
	return &cobra.Command{Use: "proc ROLE OPTIONS", Hidden: true, Args: cobra.ExactArgs(2), RunE: func(cmd *cobra.Command, args []string) error {
		return launch.Proc(args[0], args[1], func(warning string) { fmt.Fprintln(os.Stderr, warning) })
	}}
}
